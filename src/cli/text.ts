import { plain } from '../plain.ts';

export { jsonLine, plain, timeOfDay } from '../plain.ts';

const units: readonly (readonly [name: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

/** `12s`, `3h`, `5d`: the largest unit that fits. */
export function age(from: string | undefined, now: number): string {
  const at = from === undefined ? Number.NaN : Date.parse(from);
  if (Number.isNaN(at)) return '-';
  const ms = Math.max(0, now - at);
  const [name, size] = units.find(([, unit]) => ms >= unit) ?? ['s', 1000];
  return `${Math.floor(ms / size)}${name}`;
}

/** `48.2 kB` and the like. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  return count < 1_000_000 ? `${(count / 1000).toFixed(1)} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}

/** The beginning of a line that a terminal of so many columns shows in one; what colours it takes no room. */
export function fit(line: string, columns: number): string {
  let left = columns;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for
  return line.replace(/\x1b\[\d*m|./gu, (part) => (part.length > 1 && part.startsWith('\x1b') ? part : left-- > 0 ? part : ''));
}

export type CellStyle = (cell: string, heading: string) => string;

/** The rows under their headings; what is too long for the terminal is cut in the last column. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  columns = Number.POSITIVE_INFINITY,
  style: CellStyle = (cell) => cell,
): string[] {
  const all = [headings, ...rows.map((row) => row.map(plain))];
  const widths = headings.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)));
  const last = headings.length - 1;
  const left = Math.max(8, columns - widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0));
  const line = (row: readonly string[], styled: CellStyle): string =>
    row
      .map((cell, i) => styled(i === last ? cut(cell, left) : cell.padEnd(widths[i] ?? 0), headings[i] ?? ''))
      .join('  ')
      .trimEnd();
  return all.map((row, i) => line(row, i === 0 ? (cell) => cell : style));
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
