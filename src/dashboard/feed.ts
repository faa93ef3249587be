import type { Writable } from 'node:stream';
import { EventStream } from './event-stream.ts';
import { GraphWatch } from './graph-watch.ts';
import type { PageBox } from './page-box.ts';
import type { PageEvents, PageGraph, PageLogLine } from './page-messages.ts';
import { UsageHistory, usageMs } from './usage-history.ts';

/** What a page wants to follow beyond the list of swarmlets. */
export interface Wants {
  /** Names of swarmlets. */
  readonly logs: string | undefined;
  readonly graph: string | undefined;
  /** Samples of usage that it has already. */
  readonly had: number;
}

/** Changes of one swarmlet, and its lines, are gathered for so long. */
const GATHER_MS = 120;
/** Lines of one swarmlet that are gathered; the oldest go first. */
const MOST_LINES = 2000;

interface Follower {
  readonly stream: EventStream;
  readonly wants: Wants;
  readonly graph: (graph: PageGraph) => void;
}

/** Tells all pages what happens on a box. While there is none it only keeps what each swarmlet uses. */
export class Feed {
  /** Pages that one box serves. */
  static readonly most = 16;
  readonly #box: () => PageBox | undefined;
  readonly #defect: (error: unknown) => void;
  readonly #followers = new Set<Follower>();
  readonly #usage = new UsageHistory();
  readonly #sampler: NodeJS.Timeout;
  readonly #graphs = new Map<string, GraphWatch>();
  readonly #changed = new Set<string>();
  readonly #lines = new Map<string, PageLogLine[]>();
  #recorded = false;
  #gathering: NodeJS.Timeout | undefined;
  #followed: PageBox | undefined;

  /**
   * @param box     undefined until it is open
   * @param defect  told of what goes wrong while nobody waits for it
   */
  constructor(box: () => PageBox | undefined, defect: (error: unknown) => void) {
    this.#box = box;
    this.#defect = defect;
    this.#sampler = setInterval(() => this.#sample(), usageMs).unref();
  }

  get full(): boolean {
    return this.#followers.size >= Feed.most;
  }

  /** From now on, until it is closed, `out` gets the events. */
  open(box: PageBox, wants: Wants, out: Writable): void {
    const stream = new EventStream(
      out,
      () => {
        this.#followers.delete(follower);
        this.#leaveGraph(follower);
        if (this.#followers.size === 0) this.#unfollow();
      },
      () => this.#begin(box, follower, 0),
    );
    const follower: Follower = { stream, wants, graph: (seen) => stream.send('graph', seen) };
    this.#followers.add(follower);
    this.#follow(box);
    this.#begin(box, follower, wants.had);
  }

  close(): void {
    clearInterval(this.#sampler);
    for (const { stream } of this.#followers) stream.end();
  }

  #begin(box: PageBox, { stream, wants, graph }: Follower, had: number): void {
    const at = new Date().toISOString();
    stream.send('hello', {
      box: box.facts(),
      swarmlets: box.list(),
      usage: this.#usage.after(had),
      had,
      taken: this.#usage.taken,
      usageMs,
      at,
    });
    if (wants.logs !== undefined) stream.send('logs', { swarmlet: wants.logs, lines: box.logs(wants.logs), first: true });
    if (wants.graph !== undefined) this.#graphOf(box, wants.graph).add(graph);
  }

  #graphOf(box: PageBox, swarmlet: string): GraphWatch {
    const there = this.#graphs.get(swarmlet) ?? new GraphWatch(box, swarmlet, this.#defect);
    this.#graphs.set(swarmlet, there);
    return there;
  }

  #leaveGraph({ wants, graph }: Follower): void {
    if (wants.graph === undefined) return;
    const watch = this.#graphs.get(wants.graph);
    watch?.remove(graph);
    if (!watch?.watched) this.#graphs.delete(wants.graph);
  }

  // ------------------------------------------------------------------------------------ what happens

  #follow(box: PageBox): void {
    if (this.#followed) return;
    this.#followed = box;
    box.on('changed', this.#onChanged);
    box.on('log', this.#onLog);
    box.on('recorded', this.#onRecorded);
  }

  #unfollow(): void {
    this.#followed?.off('changed', this.#onChanged);
    this.#followed?.off('log', this.#onLog);
    this.#followed?.off('recorded', this.#onRecorded);
    this.#followed = undefined;
  }

  readonly #onChanged = (swarmlet: string): void => {
    this.#graphs.get(swarmlet)?.changed();
    this.#changed.add(swarmlet);
    this.#gather();
  };

  readonly #onLog = (swarmlet: string, line: PageLogLine): void => {
    if (![...this.#followers].some(({ wants }) => wants.logs === swarmlet)) return;
    const lines = this.#lines.get(swarmlet) ?? [];
    this.#lines.set(swarmlet, lines);
    lines.push(line);
    if (lines.length > MOST_LINES) lines.shift();
    this.#gather();
  };

  readonly #onRecorded = (): void => {
    this.#recorded = true;
    this.#gather();
  };

  #gather(): void {
    this.#gathering ??= setTimeout(() => this.#tell(), GATHER_MS).unref();
  }

  #tell(): void {
    this.#gathering = undefined;
    for (const swarmlet of this.#changed) {
      const status = this.#followed?.status(swarmlet);
      if (status) this.#toAll('swarmlet', status);
      else this.#toAll('gone', { swarmlet });
    }
    for (const [swarmlet, lines] of this.#lines) {
      for (const { stream, wants } of this.#followers) {
        if (wants.logs === swarmlet) stream.send('logs', { swarmlet, lines, first: false });
      }
    }
    if (this.#recorded) this.#toAll('recorded', null);
    this.#changed.clear();
    this.#lines.clear();
    this.#recorded = false;
  }

  #sample(): void {
    const box = this.#box();
    if (!box) return;
    const samples = this.#usage.sample(box.list());
    if (this.#followers.size > 0) this.#toAll('usage', { taken: this.#usage.taken, samples });
  }

  #toAll<Event extends keyof PageEvents>(event: Event, data: PageEvents[Event]): void {
    for (const { stream } of this.#followers) stream.send(event, data);
  }
}
