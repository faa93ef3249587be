import { number, targetText } from './report.ts';
import { isMet, type Row } from './workload.ts';

const WIDTH = 720;
const LEFT = 300;
const RIGHT = 130;
const ROW = 34;
const SPAN = WIDTH - LEFT - RIGHT;

const style = `text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-size:14px;font-weight:600}.quiet{fill:#656d76;font-size:11px}
.own{fill:#2f6fb0}.missed{fill:#c4681c}.reference{fill:#b9c2cc}.target{stroke:#1f2328;stroke-width:1.5;stroke-dasharray:3 2}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9198a1}.reference{fill:#59636e}.target{stroke:#e6edf3}}`;

/** A bar for each row, below it a thinner one for its reference, a dashed line at the target; each row has its own scale. */
export function plot(title: string, rows: readonly Row[]): string {
  const height = 58 + rows.length * ROW;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${xml(title)}</title>
<style>${style}</style>
<text class="title" x="8" y="20">${xml(title)}</text>
<text class="quiet" x="8" y="36">blue: this host (orange: misses its target); grey: the reference; dashed: the target</text>
${rows.map((row, i) => bars(row, 48 + i * ROW)).join('\n')}
</svg>
`;
}

function bars(row: Row, y: number): string {
  const { own, reference } = row;
  const target = targetOf(row);
  const scale = SPAN / Math.max(own, reference ?? 0, target === undefined ? 0 : Math.min(target, own * 4), Number.MIN_VALUE);
  const bar = (name: string, value: number, top: number, height: number): string =>
    `<rect class="${name}" x="${LEFT}" y="${top}" width="${Math.max(1, value * scale).toFixed(1)}" height="${height}" rx="1"/>`;
  const x = target === undefined ? 0 : LEFT + Math.min(target * scale, SPAN);
  return [
    `<text x="8" y="${y + 12}">${xml(row.name)}</text>`,
    `<text class="quiet" x="8" y="${y + 25}">${xml(targetText(row))}</text>`,
    bar(isMet(row) === false ? 'missed' : 'own', own, y + 2, 12),
    reference === undefined ? '' : bar('reference', reference, y + 16, 7),
    target === undefined ? '' : `<line class="target" x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${y - 1}" y2="${y + 26}"/>`,
    `<text x="${WIDTH - RIGHT + 8}" y="${y + 12}">${number(own)} ${xml(row.unit)}</text>`,
    reference === undefined
      ? ''
      : `<text class="quiet" x="${WIDTH - RIGHT + 8}" y="${y + 25}">${number(reference)} (${number(own / reference)} x)</text>`,
  ].join('');
}

/** The target as a figure of the host. */
function targetOf({ target, reference }: Row): number | undefined {
  return target?.of === 'ratio' ? target.value * (reference as number) : target?.value;
}

const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
