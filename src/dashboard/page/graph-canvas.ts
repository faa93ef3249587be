import { type Drawing, type DrawnNode, type Graph, graphOf, layOut, measures, openTo, palettes } from '../../graph/index.ts';
import type { PageGraph } from '../page-messages.ts';
import { Activity } from './activity.ts';
import { pageLayouter } from './layouter.ts';
import { Painter, type Viewport } from './painter.ts';
import { currentTheme, onTheme } from './theme.ts';

/** So many accessors are shown at first; the others by opening what contains them. */
const FIRST_SHOWN = 60;
const FIRST_DEPTH = 3;
/** Thirty frames a second. */
const FRAME_MS = 1000 / 31;
const SMALLEST = 0.04;
/** Names can be read. */
const LEGIBLE = 0.68;
const LARGEST = 3;

export interface GraphCanvasListener {
  /** Structure, selection or running changed. */
  changed(): void;
  failed(why: string): void;
}

/** A graph that is shown, moved, opened and kept up to date on two canvases, one over the other. */
export class GraphCanvas {
  readonly activity = new Activity();
  graph: Graph | undefined;
  running = true;
  selected: number | undefined;
  layingOut = false;
  readonly #listener: GraphCanvasListener;
  readonly #box: HTMLElement;
  readonly #painter: Painter;
  readonly #closing = new AbortController();
  readonly #pointers = new Map<number, { x: number; y: number }>();
  #open = new Set<number>();
  #drawing: Drawing | undefined;
  #view: Viewport = { scale: 1, left: 0, top: 0 };
  /** The visitor has not moved it. */
  #fitting = true;
  /** The visitor wants to see all of it, although it may be too small to read. */
  #isWhole = false;
  #moved = 0;
  #frame: number | undefined;
  #paintedAt = 0;
  #stale = true;
  #layouts = 0;

  constructor(box: HTMLElement, listener: GraphCanvasListener) {
    const [ground, over] = [...box.querySelectorAll('canvas')] as [HTMLCanvasElement, HTMLCanvasElement];
    this.#box = box;
    this.#listener = listener;
    this.#painter = new Painter(ground, over, palettes[currentTheme()]);
    const { signal } = this.#closing;
    const motion = matchMedia('(prefers-reduced-motion: reduce)');
    this.#painter.calm = motion.matches;
    const resized = new ResizeObserver(() => this.#resize());
    resized.observe(box);
    const offTheme = onTheme(() => {
      this.#painter.palette = palettes[currentTheme()];
      this.#repaint();
    });
    signal.addEventListener('abort', () => {
      resized.disconnect();
      offTheme();
      cancelAnimationFrame(this.#frame ?? 0);
    });
    over.addEventListener('pointerdown', (event) => this.#down(event), { signal });
    over.addEventListener('pointermove', (event) => this.#move(event), { signal });
    for (const end of ['pointerup', 'pointercancel'] as const) over.addEventListener(end, (event) => this.#up(event), { signal });
    over.addEventListener('dblclick', (event) => this.#toggleAt(event), { signal });
    over.addEventListener('wheel', (event) => this.#wheel(event), { signal, passive: false });
    over.addEventListener('keydown', (event) => this.#key(event), { signal });
  }

  close(): void {
    this.#closing.abort();
  }

  take(message: PageGraph): void {
    const { structure, running } = message;
    if (structure) this.#restructure(graphOf(structure));
    const isOther = this.running !== running;
    this.running = running;
    this.activity.take(message, performance.now(), structure !== undefined);
    if (structure || isOther) this.#listener.changed();
    this.#ask();
  }

  isOpen(node: number): boolean {
    return this.#open.has(node);
  }

  select(node: number | undefined): void {
    this.selected = node;
    this.#repaint();
    this.#listener.changed();
  }

  /** Opens a composite, or closes it. */
  toggle(node: number): void {
    const found = this.graph?.nodes[node];
    if (!found || found.children.length === 0 || node === 0) return;
    if (!this.#open.delete(node)) this.#open.add(node);
    void this.#layOut();
  }

  /** Selects an accessor, wherever it is, and shows it. */
  reveal(node: number): void {
    const nodes = this.graph?.nodes ?? [];
    let isHidden = false;
    for (let at = nodes[node]?.parent ?? -1; at >= 0; at = nodes[at]?.parent ?? -1) {
      if (!this.#open.has(at)) isHidden = true;
      this.#open.add(at);
    }
    this.select(node);
    if (isHidden) void this.#layOut().then(() => this.#centre(node));
    else this.#centre(node);
  }

  openAll(): void {
    if (!this.graph) return;
    this.#open = openTo(this.graph, Number.POSITIVE_INFINITY);
    this.#fitting = true;
    void this.#layOut();
  }

  closeAll(): void {
    this.#open = new Set([0]);
    this.#fitting = true;
    void this.#layOut();
  }

  /** Shows all of it, however small. */
  fit(): void {
    this.#fitting = true;
    this.#isWhole = true;
    this.#fit();
  }

  zoom(factor: number): void {
    const { width, height } = this.#box.getBoundingClientRect();
    this.#zoomAt(factor, width / 2, height / 2);
  }

  // ------------------------------------------------------------------------------------------- layout

  #restructure(graph: Graph): void {
    const before = this.graph;
    this.graph = graph;
    this.activity.clear();
    if (before) {
      const paths = new Set([...this.#open].map((node) => before.nodes[node]?.path));
      this.#open = new Set([0, ...graph.nodes.filter(({ path }) => paths.has(path)).map(({ node }) => node)]);
      const path = before.nodes[this.selected ?? -1]?.path;
      this.selected = graph.nodes.find((node) => node.path === path)?.node;
    } else this.#open = openTo(graph, FIRST_DEPTH, FIRST_SHOWN);
    void this.#layOut();
  }

  async #layOut(): Promise<void> {
    const { graph } = this;
    if (!graph) return;
    const asked = ++this.#layouts;
    this.layingOut = true;
    this.#listener.changed();
    try {
      const drawing = await layOut(pageLayouter(), graph, this.#open, true);
      if (asked !== this.#layouts || this.#closing.signal.aborted) return;
      this.#drawing = drawing;
      this.layingOut = false;
      if (this.#fitting) this.#fit(this.#isWhole ? SMALLEST : LEGIBLE);
      this.#repaint();
      this.#listener.changed();
    } catch (error) {
      if (asked === this.#layouts) this.#listener.failed(`This graph could not be laid out: ${(error as Error).message}`);
    }
  }

  /** @param least  not smaller than this, although then not all is seen */
  #fit(least = SMALLEST): void {
    if (!this.#drawing) return;
    const { width, height } = this.#box.getBoundingClientRect();
    const scale = Math.min(1.15, Math.max(least, Math.min(width / this.#drawing.width, height / this.#drawing.height)));
    const middle = (space: number, length: number): number => Math.max(0, (space - length * scale) / 2);
    this.#show({ scale, left: middle(width, this.#drawing.width), top: middle(height, this.#drawing.height) });
  }

  #centre(node: number): void {
    const drawn = this.#drawing?.nodes.find((one) => one.node === node);
    if (!drawn) return;
    const { width, height } = this.#box.getBoundingClientRect();
    const scale = Math.max(0.7, this.#view.scale);
    this.#fitting = false;
    const [x, y] = [drawn.x + drawn.width / 2, drawn.y + drawn.height / 2];
    this.#show({ scale, left: width / 2 - x * scale, top: height / 2 - y * scale });
  }

  #show(view: Viewport): void {
    this.#view = view;
    this.#repaint();
  }

  #zoomAt(factor: number, x: number, y: number): void {
    const { scale: before, left, top } = this.#view;
    const scale = Math.min(LARGEST, Math.max(SMALLEST, before * factor));
    const ratio = scale / before;
    this.#fitting = false;
    this.#show({ scale, left: x - (x - left) * ratio, top: y - (y - top) * ratio });
  }

  // ------------------------------------------------------------------------------------------ painting

  #resize(): void {
    const { width, height } = this.#box.getBoundingClientRect();
    if (width === 0 || height === 0) return;
    this.#painter.resize(width, height);
    if (this.#fitting) this.#fit(this.#isWhole ? SMALLEST : LEGIBLE);
    this.#repaint();
  }

  #repaint(): void {
    this.#stale = true;
    this.#ask();
  }

  #ask(): void {
    this.#frame ??= requestAnimationFrame(() => this.#paint());
  }

  #paint(): void {
    this.#frame = undefined;
    const now = performance.now();
    if (!this.#stale && now - this.#paintedAt < FRAME_MS) {
      this.#ask();
      return;
    }
    if (this.#stale) this.#painter.paint(this.#drawing, this.#view, this.selected);
    this.#stale = false;
    this.#paintedAt = now;
    this.activity.measure(now);
    this.#painter.paintActivity(this.#drawing, this.#view, this.activity, now);
    if (this.activity.isBusy(now)) this.#ask();
  }

  // ------------------------------------------------------------------------------- pointer and keyboard

  #at(event: MouseEvent): { x: number; y: number } {
    const { left, top } = this.#box.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  #nodeAt(event: MouseEvent): DrawnNode | undefined {
    const { x, y } = this.#at(event);
    const { scale, left, top } = this.#view;
    const [px, py] = [(x - left) / scale, (y - top) / scale];
    return this.#drawing?.nodes.findLast((node) => px >= node.x && py >= node.y && px <= node.x + node.width && py <= node.y + node.height);
  }

  #down(event: PointerEvent): void {
    (event.target as HTMLElement).setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, this.#at(event));
    this.#moved = 0;
  }

  #move(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const at = this.#at(event);
    const [other] = [...this.#pointers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    this.#moved += Math.abs(at.x - before.x) + Math.abs(at.y - before.y);
    this.#pointers.set(event.pointerId, at);
    if (this.#moved < 4) return;
    this.#fitting = false;
    if (other) {
      const distance = (point: { x: number; y: number }): number => Math.hypot(point.x - other.x, point.y - other.y);
      this.#zoomAt(distance(at) / Math.max(1, distance(before)), (at.x + other.x) / 2, (at.y + other.y) / 2);
    } else {
      const { scale, left, top } = this.#view;
      this.#show({ scale, left: left + at.x - before.x, top: top + at.y - before.y });
    }
  }

  #up(event: PointerEvent): void {
    if (!this.#pointers.delete(event.pointerId) || this.#moved >= 4 || event.type === 'pointercancel') return;
    const node = this.#nodeAt(event);
    const { x, y } = this.#at(event);
    const { scale, left, top } = this.#view;
    const { padding, head } = measures;
    // On the mark before its name.
    const isMark = node && (x - left) / scale < node.x + padding + 14 && (y - top) / scale < node.y + head;
    if (node && isMark && node.kind !== 'leaf') this.toggle(node.node);
    else this.select(node?.node);
  }

  #toggleAt(event: MouseEvent): void {
    const node = this.#nodeAt(event);
    if (node) this.toggle(node.node);
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const { x, y } = this.#at(event);
    this.#zoomAt(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), x, y);
  }

  #key(event: KeyboardEvent): void {
    const step = 60;
    const { scale, left, top } = this.#view;
    const pan = (dx: number, dy: number) => (): void => {
      this.#fitting = false;
      this.#show({ scale, left: left + dx, top: top + dy });
    };
    const keys: Readonly<Record<string, () => void>> = {
      ArrowLeft: pan(step, 0),
      ArrowRight: pan(-step, 0),
      ArrowUp: pan(0, step),
      ArrowDown: pan(0, -step),
      '+': () => this.zoom(1.25),
      '=': () => this.zoom(1.25),
      '-': () => this.zoom(0.8),
      '0': () => this.fit(),
      Enter: () => this.selected !== undefined && this.toggle(this.selected),
      Escape: () => this.select(undefined),
    };
    const action = keys[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  }
}
