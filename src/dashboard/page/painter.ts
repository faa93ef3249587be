import { type Drawing, type DrawnEdge, type DrawnNode, fonts, measures, type Palette } from '../../graph/index.ts';
import type { Activity } from './activity.ts';

/** What part of the drawing is shown where: a point (x, y) of it is at `x * scale + left`. */
export interface Viewport {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

/** Steps in which a glow fades. */
const LEVELS = 8;
/** Text that would be smaller on the screen is left out. */
const LEGIBLE = 5;

/** Paints a drawing: all of it when the view changes, and over it, frame by frame, what happens. */
export class Painter {
  readonly #ground: CanvasRenderingContext2D;
  readonly #over: CanvasRenderingContext2D;
  #width = 0;
  #height = 0;
  #ratio = 1;
  readonly #bounds = new WeakMap<DrawnEdge, Bounds>();
  palette: Palette;
  calm = false;

  constructor(ground: HTMLCanvasElement, over: HTMLCanvasElement, palette: Palette) {
    this.#ground = ground.getContext('2d', { alpha: false }) as CanvasRenderingContext2D;
    this.#over = over.getContext('2d') as CanvasRenderingContext2D;
    this.palette = palette;
  }

  resize(width: number, height: number): void {
    this.#ratio = Math.min(2, devicePixelRatio || 1);
    this.#width = width;
    this.#height = height;
    for (const { canvas } of [this.#ground, this.#over]) {
      canvas.width = Math.round(width * this.#ratio);
      canvas.height = Math.round(height * this.#ratio);
    }
  }

  paint(drawing: Drawing | undefined, view: Viewport, selected: number | undefined): void {
    const context = this.#ground;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = this.palette.paper;
    context.fillRect(0, 0, context.canvas.width, context.canvas.height);
    if (!drawing) return;
    this.#look(context, view);
    const seen = (node: DrawnNode): boolean => this.#isSeen(node.x, node.y, node.x + node.width, node.y + node.height, view);
    const nodes = drawing.nodes.filter(seen);
    for (const node of nodes) if (node.kind === 'open') this.#node(context, node, view, selected);
    context.strokeStyle = this.palette.edge;
    context.fillStyle = this.palette.edge;
    context.lineWidth = Math.max(1.25, 0.6 / view.scale);
    for (const edge of drawing.edges) if (this.#isEdgeSeen(edge, view)) this.#edge(context, edge, view);
    for (const node of nodes) if (node.kind !== 'open') this.#node(context, node, view, selected);
    for (const node of nodes) this.#ports(context, node, view);
  }

  /** What happened just now, over everything. */
  paintActivity(drawing: Drawing | undefined, view: Viewport, activity: Activity, now: number): void {
    const context = this.#over;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    if (!drawing) return;
    this.#look(context, view);
    const { active } = this.palette;
    const thin = Math.max(1, 0.7 / view.scale);
    context.strokeStyle = active;
    context.fillStyle = active;
    // One stroke for all that glow alike: hundreds of strokes would take longer than a frame.
    const edges = this.#byGlow(drawing.edges, (edge) => activity.portGlow(edge.from, now));
    const nodes = this.#byGlow(drawing.nodes, (node) => glowOf(node, activity, now));
    for (let level = 1; level <= LEVELS; level++) {
      context.globalAlpha = level / LEVELS;
      context.lineWidth = 2.2 * thin;
      context.beginPath();
      for (const edge of edges[level] ?? []) if (this.#isEdgeSeen(edge, view)) trace(context, edge);
      for (const node of nodes[level] ?? []) {
        const { x, y, width, height } = node;
        if (this.#isSeen(x, y, x + width, y + height, view)) context.roundRect(x, y, width, height, measures.radius);
      }
      context.stroke();
    }
    context.globalAlpha = 1;
    if (!this.calm && view.scale > 0.3) {
      context.beginPath();
      for (const edge of edges.flat()) if (this.#isEdgeSeen(edge, view)) this.#bead(context, edge, 1 - activity.portGlow(edge.from, now));
      context.fill();
    }
    if (measures.portSize * view.scale >= LEGIBLE) {
      for (const edge of drawing.edges) if (edge.label && this.#isEdgeSeen(edge, view)) this.#value(context, edge, activity);
    }
  }

  #look(context: CanvasRenderingContext2D, { scale, left, top }: Viewport): void {
    const ratio = this.#ratio;
    context.setTransform(scale * ratio, 0, 0, scale * ratio, left * ratio, top * ratio);
  }

  #isSeen(x0: number, y0: number, x1: number, y1: number, { scale, left, top }: Viewport): boolean {
    const room = 30;
    return (
      x1 * scale + left > -room &&
      y1 * scale + top > -room &&
      x0 * scale + left < this.#width + room &&
      y0 * scale + top < this.#height + room
    );
  }

  #isEdgeSeen(edge: DrawnEdge, view: Viewport): boolean {
    const bounds = this.#bounds.get(edge) ?? boundsOf(edge);
    this.#bounds.set(edge, bounds);
    return this.#isSeen(...bounds, view);
  }

  /** By level, from 1 to `LEVELS`. */
  #byGlow<T>(all: readonly T[], glowOf: (one: T) => number): T[][] {
    const levels: T[][] = [];
    for (const one of all) {
      const glow = glowOf(one);
      if (glow <= 0) continue;
      const level = this.calm ? LEVELS - 1 : Math.ceil(glow * LEVELS);
      levels[level] ??= [];
      levels[level].push(one);
    }
    return levels;
  }

  #node(context: CanvasRenderingContext2D, node: DrawnNode, { scale }: Viewport, selected: number | undefined): void {
    const { padding, radius, nameSize, classSize } = measures;
    const { palette } = this;
    const isSelected = node.node === selected;
    context.beginPath();
    context.roundRect(node.x, node.y, node.width, node.height, radius);
    context.fillStyle = node.kind === 'open' ? palette.composite[node.depth % 2 === 0 ? 0 : 1] : palette.node;
    context.fill();
    context.strokeStyle = isSelected ? palette.input : palette.line;
    context.lineWidth = isSelected ? Math.max(2.5, 1.5 / scale) : Math.max(1.25, 0.6 / scale);
    context.stroke();
    if (nameSize * scale < LEGIBLE) return;
    context.textAlign = 'left';
    context.fillStyle = palette.text;
    context.font = `600 ${nameSize}px ${fonts}`;
    const mark = { leaf: '', closed: '▸ ', open: node.depth === 0 ? '' : '▾ ' }[node.kind];
    context.fillText(mark + node.name, node.x + padding, node.y + 18);
    if (classSize * scale < LEGIBLE || node.class === '') return;
    context.fillStyle = palette.faint;
    context.font = `${classSize}px ${fonts}`;
    context.fillText(node.class, node.x + padding, node.y + 32);
  }

  #ports(context: CanvasRenderingContext2D, { ports, kind: box }: DrawnNode, { scale }: Viewport): void {
    const { portRadius, portSize } = measures;
    if (portRadius * scale < 0.8) return;
    const withNames = portSize * scale >= LEGIBLE;
    context.font = `${portSize}px ${fonts}`;
    for (const { x, y, kind, name } of ports) {
      const isInput = kind === 'input';
      context.fillStyle = isInput ? this.palette.input : this.palette.output;
      context.beginPath();
      context.arc(x, y, portRadius, 0, 2 * Math.PI);
      context.fill();
      if (!withNames) continue;
      context.fillStyle = this.palette.faint;
      context.textAlign = isInput ? 'left' : 'right';
      context.fillText(name, isInput ? x + 8 : x - 8, y + (box === 'open' ? -6 : 4));
    }
  }

  #edge(context: CanvasRenderingContext2D, edge: DrawnEdge, { scale }: Viewport): void {
    context.beginPath();
    trace(context, edge);
    context.stroke();
    const [x, y] = edge.points.at(-1) ?? [0, 0];
    if (scale < 0.25) return;
    context.beginPath();
    context.moveTo(x - 3, y);
    context.lineTo(x - 10, y - 3.5);
    context.lineTo(x - 10, y + 3.5);
    context.fill();
  }

  /** A value on its way. */
  #bead(context: CanvasRenderingContext2D, { points }: DrawnEdge, way: number): void {
    const lengths = points.slice(1).map(([x, y], i) => Math.hypot(x - (points[i]?.[0] ?? 0), y - (points[i]?.[1] ?? 0)));
    let left = lengths.reduce((sum, length) => sum + length, 0) * Math.min(1, way * 1.6);
    for (const [i, length] of lengths.entries()) {
      const [[x0, y0], [x1, y1]] = [points[i] ?? [0, 0], points[i + 1] ?? [0, 0]];
      if (left > length) {
        left -= length;
        continue;
      }
      const part = length === 0 ? 0 : left / length;
      const [x, y] = [x0 + (x1 - x0) * part, y0 + (y1 - y0) * part];
      context.moveTo(x + 3.2, y);
      context.arc(x, y, 3.2, 0, 2 * Math.PI);
      return;
    }
  }

  #value(context: CanvasRenderingContext2D, { from, label }: DrawnEdge, activity: Activity): void {
    const seen = activity.port(from);
    if (!seen || !label) return;
    const longest = Math.floor(measures.label.width / (measures.portSize * measures.advance));
    context.textAlign = 'left';
    context.font = `${measures.portSize}px ${fonts}`;
    context.fillStyle = this.palette.text;
    const text = [...printable(seen.text)];
    context.fillText(text.length > longest ? `${text.slice(0, longest - 1).join('')}…` : text.join(''), label.x, label.y + 11);
    if (seen.rate === 0) return;
    context.fillStyle = this.palette.faint;
    context.font = `${measures.classSize - 1}px ${fonts}`;
    context.fillText(`${seen.rate < 10 ? seen.rate.toFixed(1) : Math.round(seen.rate)}/s`, label.x, label.y + 23);
  }
}

/** It reacted, or sent something by itself; in an open composite those inside light up. */
function glowOf({ node, kind, ports }: DrawnNode, activity: Activity, now: number): number {
  if (kind === 'open') return 0;
  let glow = activity.nodeGlow(node, now);
  for (const port of ports) if (port.kind === 'output') glow = Math.max(glow, activity.portGlow(port.port, now));
  return glow;
}

type Bounds = readonly [x0: number, y0: number, x1: number, y1: number];

function boundsOf({ points, label }: DrawnEdge): Bounds {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const end = label ? label.x + measures.label.width : Number.NEGATIVE_INFINITY;
  return [Math.min(...xs), Math.min(...ys) - 20, Math.max(...xs, end), Math.max(...ys) + 20];
}

function trace(context: CanvasRenderingContext2D, { points }: DrawnEdge): void {
  for (const [i, [x, y]] of points.entries()) {
    if (i === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
}

/** Marks that turn the direction of text would reach beyond their own label. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
}
