import { number, targetText } from './report.ts';
import { isMet, type Row } from './workload.ts';

const WIDTH = 880;
const LEFT = 370;
const RIGHT = 190;
const TOP = 56;
const ROW = 36;
const SPAN = WIDTH - LEFT - RIGHT;
/** A reference so many times longer than what it stands beside is cut, or nothing else could be seen. */
const CUT = 4;

const style = `text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-size:15px;font-weight:600}.quiet{fill:#59636e;font-size:11px}
.own{fill:#2f6fb0}.missed{fill:#c4681c}.reference{fill:#b9c2cc}.target{stroke:#1f2328;stroke-width:1.5;stroke-dasharray:3 2}.cut{stroke:#fff;stroke-width:2}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9198a1}.own{fill:#4c8fd6}.missed{fill:#e08a3c}.reference{fill:#59636e}
.target{stroke:#e6edf3}.cut{stroke:#0d1117}}`;

/** A bar for each row, below it a thinner one for its reference, a dashed line at the target; each row has its own scale. */
export function plot(title: string, rows: readonly Row[]): string {
  const height = TOP + 4 + rows.length * ROW;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${xml(title)}</title>
<style>${style}</style>
<text class="title" x="8" y="20">${xml(title)}</text>
${legend(rows)}
${rows.map((row, i) => bars(row, TOP + i * ROW)).join('\n')}
</svg>
`;
}

/** What the colours mean, of those that are there. */
function legend(rows: readonly Row[]): string {
  const entries: [there: boolean, name: string, text: string][] = [
    [rows.some((row) => isMet(row) !== false), 'own', 'this host'],
    [rows.some((row) => isMet(row) === false), 'missed', 'this host, misses the target'],
    [rows.some(({ reference }) => reference !== undefined), 'reference', 'reference'],
  ];
  let x = 8;
  const parts = entries.flatMap(([there, name, text]) => {
    if (!there) return [];
    const part = `<rect class="${name}" x="${x}" y="30" width="10" height="10" rx="2"/><text class="quiet" x="${x + 15}" y="39">${text}</text>`;
    x += 40 + text.length * 6;
    return [part];
  });
  if (rows.some(({ target }) => target)) {
    parts.push(`<line class="target" x1="${x + 5}" x2="${x + 5}" y1="28" y2="42"/><text class="quiet" x="${x + 14}" y="39">target</text>`);
  }
  return parts.join('');
}

function bars(row: Row, y: number): string {
  const { own, reference } = row;
  const target = targetOf(row);
  const seen = own === 0 ? (target ?? 0) : Math.max(own, Math.min(target ?? 0, own * CUT));
  const longest = seen === 0 ? (reference ?? 0) : Math.max(seen, Math.min(reference ?? 0, seen * CUT));
  const place = (value: number): number => (longest === 0 ? 0 : Math.min(value / longest, 1) * SPAN);
  const bar = (name: string, value: number, top: number, height: number): string =>
    `<rect class="${name}" x="${LEFT}" y="${top}" width="${Math.max(1, place(value)).toFixed(1)}" height="${height}" rx="1"/>`;
  const [right, x] = [LEFT + SPAN, (LEFT + place(target ?? 0)).toFixed(1)];
  const parts = [
    `<text x="8" y="${y + 12}">${xml(row.name)}</text>`,
    `<text class="quiet" x="8" y="${y + 26}">${xml(targetText(row))}</text>`,
    bar(isMet(row) === false ? 'missed' : 'own', own, y + 2, 12),
    `<text x="${right + 10}" y="${y + 12}">${number(own)} ${xml(row.unit)}</text>`,
  ];
  if (reference !== undefined) {
    parts.push(bar('reference', reference, y + 17, 8));
    if (reference > longest) parts.push(`<path class="cut" d="M${right - 12} ${y + 27}l5 -12"/>`);
    parts.push(`<text class="quiet" x="${right + 10}" y="${y + 26}">${number(reference)} (${number(own / reference)} x)</text>`);
  }
  if (target !== undefined) parts.push(`<line class="target" x1="${x}" x2="${x}" y1="${y - 1}" y2="${y + 28}"/>`);
  return parts.join('');
}

/** The target as a figure of the host. */
function targetOf({ target, reference }: Row): number | undefined {
  return target?.of === 'ratio' ? target.value * (reference as number) : target?.value;
}

const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
