import type { Drawing, DrawnEdge, DrawnNode } from './layout.ts';
import { fonts, measures, type Palette, palettes } from './theme.ts';

/** A drawing as an SVG file that stands alone; it is light or dark as its reader is. Names in it are text, whatever they are. */
export function svgOf({ width, height, nodes, edges }: Drawing, title: string): string {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${styleOf()}</style>`,
    `<rect class="paper" width="${w}" height="${h}"/>`,
    // A container lies below the edges in it, and those below its other contents.
    ...nodes.filter(({ kind }) => kind === 'open').map(nodeOf),
    ...edges.map(edgeOf),
    ...nodes.filter(({ kind }) => kind !== 'open').map(nodeOf),
    ...nodes.map(portsOf),
    '</svg>',
    '',
  ].join('\n');
}

function styleOf(): string {
  const { nameSize, classSize, portSize } = measures;
  return [
    `text{font-family:${fonts};font-size:${portSize}px}`,
    `.name{font-size:${nameSize}px;font-weight:600}.class{font-size:${classSize}px}`,
    '.box,.edge{stroke-width:1.25}.edge{fill:none;stroke-linejoin:round}',
    colours(palettes.light),
    `@media (prefers-color-scheme: dark){${colours(palettes.dark)}}`,
  ].join('');
}

function colours({ paper, node, composite, line, edge, text, faint, input, output }: Palette): string {
  return [
    `.paper{fill:${paper}}.box{fill:${node};stroke:${line}}.c0{fill:${composite[0]}}.c1{fill:${composite[1]}}`,
    `.edge{stroke:${edge}}.tip{fill:${edge}}.name{fill:${text}}.class{fill:${faint}}.port{fill:${faint}}`,
    `.in{fill:${input}}.out{fill:${output}}`,
  ].join('');
}

function nodeOf({ name, class: ofClass, x, y, width, height, kind, depth }: DrawnNode): string {
  const { padding, radius } = measures;
  const box = kind === 'open' ? `box c${depth % 2}` : 'box';
  const more = kind === 'closed' ? '▸ ' : '';
  return [
    `<rect class="${box}" x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="${radius}"/>`,
    `<text class="name" x="${n(x + padding)}" y="${n(y + 18)}">${escaped(more + name)}</text>`,
    ...(ofClass === '' ? [] : [`<text class="class" x="${n(x + padding)}" y="${n(y + 32)}">${escaped(ofClass)}</text>`]),
  ].join('');
}

function portsOf({ ports, kind: box }: DrawnNode): string {
  const below = box === 'open' ? -6 : 4; // in a composite an edge goes on from here
  return ports
    .map(({ name, kind, x, y }) => {
      const [side, anchor, at] = kind === 'input' ? ['in', 'start', x + 8] : ['out', 'end', x - 8];
      const text = `<text class="port" x="${n(at)}" y="${n(y + below)}" text-anchor="${anchor}">${escaped(name)}</text>`;
      return `<circle class="${side}" cx="${n(x)}" cy="${n(y)}" r="${measures.portRadius}"/>${text}`;
    })
    .join('');
}

function edgeOf({ points }: DrawnEdge): string {
  const [[x, y] = [0, 0]] = points.slice(-1);
  const path = points.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${n(px)} ${n(py)}`).join('');
  return `<path class="edge" d="${path}"/><path class="tip" d="M${n(x - 3)} ${n(y)}l-7 -3.5v7z"/>`;
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Also what XML does not allow at all is replaced. */
function escaped(text: string): string {
  const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (mark) => marks[mark] ?? '').replace(/[\p{Cc}\p{Cs}\p{Cf}￾￿]/gu, '�');
}
