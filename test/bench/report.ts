import { isMet, type Row } from './workload.ts';

/** The figures of a run, by workload. */
export type Results = Readonly<Record<string, { readonly title: string; readonly rows: readonly Row[] }>>;

export function number(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  if (value === 0 || Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value.toPrecision(2 + (value >= 10 ? 1 : 0));
}

export function targetText({ target, unit }: Row): string {
  if (!target) return '';
  return `${target.bound === 'at least' ? '>=' : '<='} ${target.value.toLocaleString('en')}${target.of === 'ratio' ? ' x' : ` ${unit}`}`;
}

const verdict = (row: Row): string => ({ true: 'met', false: 'NOT MET', undefined: '' })[String(isMet(row)) as 'true'];

/** Text of a table whose first column stands left and whose others stand right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length))) ?? [];
  const cell = (text: string, i: number): string => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0));
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}

export function report(results: Results): string {
  const lines = [['', 'here', 'reference', 'unit', 'ratio', 'spread', 'target', '']];
  for (const [name, { rows }] of Object.entries(results)) {
    lines.push([name, '', '', '', '', '', '', '']);
    for (const row of rows) {
      const { reference, spread } = row;
      lines.push([
        `  ${row.name}`,
        number(row.own),
        reference === undefined ? '' : number(reference),
        row.unit,
        reference === undefined ? '' : `${number(row.own / reference)} x`,
        spread === 0 ? '' : `±${Math.round(spread * 100)} %`,
        targetText(row),
        verdict(row),
      ]);
    }
  }
  return table(lines);
}

/** What differs between two runs: by the ratio where there is one, as the machine may be another. */
export function comparison(old: Results, now: Results): string {
  const lines = [['', 'before', 'now', 'change', '']];
  for (const [name, { rows }] of Object.entries(now)) {
    const known = new Map(old[name]?.rows.map((row) => [row.name, row]));
    for (const row of rows) {
      const before = known.get(row.name);
      if (!before) {
        lines.push([`${name}: ${row.name}`, '', figure(row), 'new', verdict(row)]);
        continue;
      }
      const change = ratio(row) / ratio(before) - 1;
      const noise = Math.max(row.spread, before.spread);
      const told = !Number.isFinite(change) || Math.abs(change) <= noise ? 'within the spread' : changeText(Math.round(change * 100), row);
      lines.push([`${name}: ${row.name}`, figure(before), figure(row), told, isMet(row) === isMet(before) ? '' : `now ${verdict(row)}`]);
    }
  }
  return table(lines);
}

/** A row without a target does not say which way is better. */
function changeText(percent: number, { target }: Row): string {
  if (percent === 0) return 'the same';
  const text = `${percent > 0 ? '+' : ''}${percent} %`;
  if (!target) return text;
  return `${text}, ${percent > 0 === (target.bound === 'at least') ? 'better' : 'worse'}`;
}

const ratio = ({ own, reference }: Row): number => (reference === undefined ? own : own / reference);
const figure = (row: Row): string => `${number(ratio(row))} ${row.reference === undefined ? row.unit : 'x'}`;
