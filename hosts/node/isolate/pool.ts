import { constants, setPriority } from 'node:os';
import { performance } from 'node:perf_hooks';
import { World } from '../edge/gate/index.ts';
import { enclosing } from './enclosure.ts';
import type { Isolate, IsolateTier, PoolUse } from './isolate.ts';
import { findTools, type Launch, type ProcessLevel } from './launch.ts';
import { Leftovers } from './leftovers.ts';
import { type ProbeOptions, probeLevels } from './levels.ts';
import { type IsolateLimits, isolateDefaults } from './limits.ts';
import { ProcessIsolate } from './process.ts';
import { threadsOf } from './procfs.ts';
import { Watchdog } from './watchdog.ts';

export interface ProcessTierOptions extends ProbeOptions {
  /** Spares that are kept: children that have loaded the runtime and wait for a swarmlet. */
  readonly pool: number;
  readonly log: (level: 'info' | 'warn', message: string) => void;
  /** State folder of the box; '' = none. Used where the system does not end children with the box. */
  readonly state?: string;
  /** One of its own unless given. */
  readonly world?: World;
}

/** A spare is made when nothing was claimed for so long and the event loop was mostly idle. */
const QUIET_MS = 150;
/** After the last spare was claimed one is made without waiting for rest: where pushes come in a row, the next has to wait for it anyway. */
const EMPTY_MS = 15;
/** At most this often in a row a busy event loop puts that off. */
const PUT_OFF = 10;
const BACKOFF_MS = { first: 500, last: 30_000 };

/**
 * Finds the level, ends what an earlier box left, and begins to fill the pool.
 * @throws Error if no child can be started at all
 */
export async function openProcessTier(options: ProcessTierOptions): Promise<ProcessTier> {
  const { pool, log, state = '', world = new World(), ...probe } = options;
  const { launch } = await probeLevels(probe);
  const { bwrap, setpriv } = probe.tools ?? findTools();
  if (launch.level === 'P3' && bwrap) world.enclose = enclosing({ bwrap, setpriv }, state);
  const leftovers = state !== '' && !launch.endsWithBox ? new Leftovers(state) : undefined;
  const ended = leftovers?.end() ?? 0;
  if (ended > 0) log('warn', `Ended ${ended} of the isolates of an earlier box, which were still running.`);
  return new ProcessTier(launch, pool, log, leftovers, world);
}

interface Spare {
  readonly isolate: ProcessIsolate;
  readonly loaded: Promise<void>;
  ready: boolean;
}

/** One child process for each swarmlet. */
export class ProcessTier implements IsolateTier {
  readonly name = 'process';
  readonly level: ProcessLevel;
  readonly #launch: Launch;
  readonly #size: number;
  readonly #log: ProcessTierOptions['log'];
  readonly #leftovers: Leftovers | undefined;
  readonly #world: World;
  readonly #watchdog = new Watchdog();
  readonly #live = new Set<ProcessIsolate>();
  #spares: Spare[] = [];
  #refill: NodeJS.Timeout | undefined;
  #warm = 0;
  #cold = 0;
  #putOff = 0;
  #backoffMs = 0;
  #utilization = performance.eventLoopUtilization();
  /** Below root, what has been made nice stays so for ever: then no spare is. */
  #mayBeNice = process.getuid?.() === 0;
  #closed = false;

  constructor(launch: Launch, size: number, log: ProcessTierOptions['log'], leftovers: Leftovers | undefined, world: World) {
    this.level = launch.level;
    this.#launch = launch;
    this.#size = size;
    this.#log = log;
    this.#leftovers = leftovers;
    this.#world = world;
    this.#plan(0);
  }

  /** Spares that could be claimed at once. */
  get spares(): number {
    return this.#spares.filter((spare) => spare.ready).length;
  }

  get pool(): PoolUse {
    return { size: this.#size, idle: this.spares, warm: this.#warm, cold: this.#cold };
  }

  async claim(limits: IsolateLimits): Promise<Isolate> {
    if (this.#closed) throw new Error('The process tier is closed.');
    const spare = limits.memoryMiB <= isolateDefaults.memoryMiB ? this.#takeSpare() : undefined;
    this.#plan(this.#spares.length > 0 ? QUIET_MS : EMPTY_MS);
    if (spare) {
      this.#setPriority(spare.isolate, constants.priority.PRIORITY_NORMAL);
      if (!spare.ready) {
        await spare.loaded;
        this.#setPriority(spare.isolate, constants.priority.PRIORITY_NORMAL); // now that its own process is known
      }
      if (!spare.isolate.hasEnded) {
        this.#warm++;
        return spare.isolate;
      }
    }
    this.#cold++;
    const isolate = this.#spawn(Math.max(limits.memoryMiB, isolateDefaults.memoryMiB));
    await isolate.load();
    return isolate;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#refill);
    await Promise.all([...this.#live].map((isolate) => isolate.kill('exit', 'The box is closing.')));
  }

  /** One that is ready, else one that is on its way: it comes sooner than a new one. */
  #takeSpare(): Spare | undefined {
    const spare = this.#spares.find((one) => one.ready) ?? this.#spares[0];
    if (spare) this.#spares = this.#spares.filter((one) => one !== spare);
    return spare;
  }

  #spawn(memoryMiB: number): ProcessIsolate {
    const isolate = new ProcessIsolate(this.#launch, memoryMiB, this.#watchdog, this.#world);
    this.#live.add(isolate);
    const forget = isolate.outerPid === undefined ? undefined : this.#leftovers?.note(isolate.outerPid);
    isolate.done.then(() => {
      this.#live.delete(isolate);
      forget?.();
    });
    return isolate;
  }

  #plan(ms: number): void {
    clearTimeout(this.#refill);
    if (this.#closed || this.#spares.length >= this.#size) return;
    this.#utilization = performance.eventLoopUtilization();
    this.#refill = setTimeout(() => this.#maybeAdd(), Math.max(ms, this.#backoffMs));
  }

  #maybeAdd(): void {
    const busy = performance.eventLoopUtilization(this.#utilization).utilization > 0.5;
    if (busy && this.#spares.length > 0 && this.#putOff++ < PUT_OFF) this.#plan(QUIET_MS);
    else this.#fill();
  }

  /** One more; where none is left all of them side by side, since where pushes come in a row somebody waits for them. */
  #fill(): void {
    this.#putOff = 0;
    const count = this.#spares.length > 0 ? 1 : this.#size;
    for (let i = 0; i < count; i++) if (!this.#add()) return;
  }

  /** False: it cannot be made now. */
  #add(): boolean {
    let isolate: ProcessIsolate;
    try {
      isolate = this.#spawn(isolateDefaults.memoryMiB);
    } catch (error) {
      this.#retry((error as Error).message);
      return false;
    }
    this.#setPriority(isolate, constants.priority.PRIORITY_BELOW_NORMAL);
    const loaded = isolate.load(() => this.#spares.includes(spare));
    const spare: Spare = { isolate, loaded: loaded.catch(() => {}), ready: false };
    this.#spares.push(spare);
    loaded.then(
      () => {
        // It may have been made before the process in front of it was told; whoever claimed it wants it as it is.
        if (this.#spares.includes(spare)) this.#setPriority(isolate, constants.priority.PRIORITY_BELOW_NORMAL);
        spare.ready = true;
        this.#backoffMs = 0;
        this.#plan(0);
      },
      () => {}, // its end says so as well
    );
    isolate.done.then((end) => this.#lost(spare, end.kind === 'failed' ? end.message : end.kind));
    return true;
  }

  #lost(spare: Spare, why: string): void {
    if (this.#closed || !this.#spares.includes(spare)) return; // claimed, so somebody else's
    this.#spares = this.#spares.filter((one) => one !== spare);
    this.#retry(`A spare isolate ended: ${why}`);
  }

  #retry(why: string): void {
    this.#backoffMs = Math.min(this.#backoffMs * 2 || BACKOFF_MS.first, BACKOFF_MS.last);
    this.#log('warn', `${why} The next one is started in ${this.#backoffMs} ms.`);
    this.#plan(0);
  }

  /** Of all threads: a thread takes its priority from the one that made it, and keeps it. */
  #setPriority(isolate: ProcessIsolate, priority: number): void {
    if (!this.#mayBeNice) return;
    try {
      for (const thread of threadsOf(isolate.pid)) setPriority(thread, priority);
    } catch {
      this.#mayBeNice = isolate.hasEnded; // not permitted here, unless it was gone
    }
  }
}
