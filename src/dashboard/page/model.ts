import type { PageBoxFacts, PageEvents, PageGraph, PageLogLine, PageStatus, PageUsage } from '../page-messages.ts';
import type { Route } from './route.ts';
import { Stream } from './stream.ts';

export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'lost'; readonly why: string; readonly retrying: boolean };

/** Lines of one swarmlet that the page keeps. */
const MOST_LINES = 5000;
const MOST_SAMPLES = 150;
/** Of a graph that nobody listens to yet. */
const MOST_EARLY = 200;

/** What the page knows of its box. Whoever shows it is told after each change, at most once a frame. */
export class Model {
  connection: Connection = { kind: 'connecting' };
  box: PageBoxFacts | undefined;
  /** Undefined before the box has told. */
  swarmlets: ReadonlyMap<string, PageStatus> | undefined;
  usage = new Map<string, readonly PageUsage[]>();
  /** Samples of it that the box had taken when it last told. */
  taken = 0;
  usageMs = 2000;
  /** Counts up when the audit has other records. */
  recorded = 0;
  logs: { readonly swarmlet: string; readonly lines: readonly PageLogLine[] } | undefined;
  /** Events that were left out because this page read too slowly. */
  dropped = 0;
  /** What is added to this machine's clock to have the box's. */
  skewMs = 0;
  readonly #changed: () => void;
  readonly #graphs = new Set<(graph: PageGraph) => void>();
  readonly #early: PageGraph[] = [];
  #stream: Stream | undefined;
  #wants = '';
  #scheduled = false;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Follows what this route shows. */
  follow(route: Route): void {
    const wants: Record<string, string> = {};
    if (route.kind === 'swarmlet' && route.tab === 'logs') wants.logs = route.swarmlet;
    if (route.kind === 'swarmlet' && route.tab === 'graph') wants.graph = route.swarmlet;
    const key = JSON.stringify(wants);
    if (this.#stream && this.#wants === key) return;
    this.#wants = key;
    this.#stream?.close();
    this.#early.length = 0;
    if (this.logs?.swarmlet !== wants.logs) this.logs = undefined;
    const stream = new Stream(() => ({ ...wants, had: String(this.taken) }), {
      event: (event, data) => this.#event(event, data),
      lost: (why, retryMs) => {
        this.connection = { kind: 'lost', why, retrying: retryMs === undefined };
        this.#tell();
      },
    });
    this.#stream = stream;
  }

  retry(): void {
    this.#stream?.retry();
  }

  /** What came before anybody listened is told at once: what draws it is still being fetched when the first comes. */
  onGraph(listener: (graph: PageGraph) => void): () => void {
    this.#graphs.add(listener);
    for (const graph of this.#early.splice(0)) listener(graph);
    return () => this.#graphs.delete(listener);
  }

  now(): number {
    return Date.now() + this.skewMs;
  }

  #event<Event extends keyof PageEvents>(event: Event, data: PageEvents[Event]): void {
    const handlers: { readonly [E in keyof PageEvents]: (data: PageEvents[E]) => void } = {
      hello: (hello) => this.#hello(hello),
      swarmlet: (status) => {
        this.swarmlets = new Map([...(this.swarmlets ?? []), [status.swarmlet, status]]);
      },
      gone: ({ swarmlet }) => {
        this.swarmlets = new Map([...(this.swarmlets ?? [])].filter(([name]) => name !== swarmlet));
        this.usage.delete(swarmlet);
      },
      usage: ({ taken, samples }) => {
        this.taken = taken;
        for (const [name, sample] of Object.entries(samples)) {
          this.#addUsage(name, [sample]);
        }
      },
      logs: ({ swarmlet, lines, first }) => {
        const before = first || this.logs?.swarmlet !== swarmlet ? [] : this.logs.lines;
        this.logs = { swarmlet, lines: [...before, ...lines].slice(-MOST_LINES) };
      },
      graph: (graph) => {
        for (const listener of this.#graphs) listener(graph);
        if (this.#graphs.size > 0) return;
        if (graph.structure) this.#early.length = 0;
        if (this.#early.length < MOST_EARLY) this.#early.push(graph);
      },
      recorded: () => {
        this.recorded++;
      },
      dropped: ({ count }) => {
        this.dropped += count;
      },
    };
    handlers[event]?.(data);
    if (event !== 'graph') this.#tell();
  }

  #hello({ box, swarmlets, usage, had, taken, usageMs, at }: PageEvents['hello']): void {
    this.connection = { kind: 'live' };
    this.box = box;
    this.swarmlets = new Map(swarmlets.map((status) => [status.swarmlet, status]));
    if (had === 0) this.usage.clear();
    for (const name of this.usage.keys()) if (!this.swarmlets.has(name)) this.usage.delete(name);
    for (const [name, samples] of Object.entries(usage)) this.#addUsage(name, samples);
    this.taken = taken;
    this.usageMs = usageMs;
    this.skewMs = Date.parse(at) - Date.now();
    this.recorded++;
  }

  #addUsage(name: string, samples: readonly PageUsage[]): void {
    this.usage.set(name, [...(this.usage.get(name) ?? []), ...samples].slice(-MOST_SAMPLES));
  }

  #tell(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#changed();
    });
  }
}
