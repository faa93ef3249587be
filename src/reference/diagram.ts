import type { HeaderPort } from './header.ts';
import { escaped } from './html.ts';
import type { Reference } from './library.ts';

/** Pixels; text is monospaced, so that its width is known before it is drawn. */
const measures = { size: 12, advance: 7.3, row: 22, head: 34, padding: 16, gap: 40, lead: 26, least: 200 } as const;

/**
 * An accessor as a box with its ports, SVG for a page of HTML: inputs on the left, outputs on the right, parameters below.
 * Colours are those of the page, by the classes of the elements.
 */
export function portDiagram({ class: accessorClass, inputs, outputs, parameters }: Reference): string {
  const { row, head, padding, gap, lead, least } = measures;
  const [left, right] = [widest(inputs.map(({ name }) => name)), widest(outputs.map(({ name }) => name))];
  const settings = parameters.map(setting);
  const box = Math.max(least, left + gap + right + 2 * padding, widest([accessorClass, ...settings]) + 2 * padding);
  const types = [widest(inputs.map(({ type }) => type)), widest(outputs.map(typeOf))] as const;
  const x = lead + types[0];
  const ports = Math.max(inputs.length, outputs.length) * row;
  const height = head + ports + (settings.length > 0 ? settings.length * row + padding : 0) + padding / 2;
  const width = x + box + lead + types[1];
  const middle = (index: number): number => head + index * row + row / 2;
  return [
    `<svg class="diagram" viewBox="0 0 ${width} ${height + 2}" width="${width}" height="${height + 2}" role="img" aria-label="Ports of ${escaped(accessorClass)}">`,
    `<rect class="box" x="${x}" y="1" width="${box}" height="${height}" rx="8"/>`,
    text('title', x + padding, 22, accessorClass),
    ...inputs.flatMap(({ name, type }, i) => [
      line('in', x - lead + 6, x, middle(i)),
      text('name', x + padding, middle(i) + 4, name),
      text('type', x - lead, middle(i) + 4, type, 'end'),
    ]),
    ...outputs.flatMap((port, i) => [
      line(port.spontaneous ? 'out spontaneous' : 'out', x + box, x + box + lead - 6, middle(i)),
      text('name', x + box - padding, middle(i) + 4, port.name, 'end'),
      text('type', x + box + lead, middle(i) + 4, typeOf(port)),
    ]),
    ...(settings.length > 0 ? [`<path class="rule" d="M${x} ${head + ports + padding / 2}h${box}"/>`] : []),
    ...settings.map((shown, i) => text('setting', x + padding, head + ports + padding + i * row + row / 2, shown)),
    '</svg>',
  ].join('');
}

/** A parameter with its default; long ones are cut. */
function setting({ name, value, type }: HeaderPort): string {
  const shown = value === undefined ? type : JSON.stringify(value);
  return `${name} = ${shown.length > 32 ? `${shown.slice(0, 31)}…` : shown}`;
}

function typeOf({ type, spontaneous }: HeaderPort): string {
  return spontaneous ? `${type} ⚡` : type;
}

function widest(texts: readonly string[]): number {
  return Math.ceil(Math.max(0, ...texts.map((shown) => shown.length)) * measures.advance);
}

function text(kind: string, x: number, y: number, shown: string, anchor: 'start' | 'end' = 'start'): string {
  return `<text class="${kind}" x="${x}" y="${y}" text-anchor="${anchor}">${escaped(shown)}</text>`;
}

/** With its head at the right end. */
function line(kind: string, from: number, to: number, y: number): string {
  return `<path class="wire ${kind}" d="M${from} ${y}H${to - 5}"/><path class="tip ${kind}" d="M${to} ${y}l-7 -4v8z"/>`;
}
