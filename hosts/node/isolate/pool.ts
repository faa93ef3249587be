import { constants, getPriority } from 'node:os';
import { World } from '../edge/gate/index.ts';
import { enclosing } from './enclosure.ts';
import type { Isolate, IsolateTier, PoolUse } from './isolate.ts';
import { findTools, type Launch, type ProcessLevel } from './launch.ts';
import { Leftovers } from './leftovers.ts';
import { type ProbeOptions, probeLevels } from './levels.ts';
import { type IsolateLimits, isolateDefaults } from './limits.ts';
import { ProcessIsolate } from './process.ts';
import { mayPrioritize, prioritize, prioritizeSession, startWith } from './procfs.ts';
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

/** With fewer spares new ones are made while more are claimed, side by side; the others one by one when nobody claims any. */
const leastOf = (size: number): number => Math.min(size, Math.max(2, Math.ceil(size / 8)));
/** So long after a claim: what was claimed should run by then. */
const REFILL_MS = 15;
/** After the last claim, and between two spares. Each holds up the box for some milliseconds: libuv waits until a process runs its program. */
const QUIET_MS = 1000;
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
  /** Runs behind everything else until it is claimed. */
  nice: boolean;
}

/** One child process for each swarmlet. */
export class ProcessTier implements IsolateTier {
  readonly name = 'process';
  readonly level: ProcessLevel;
  readonly #launch: Launch;
  readonly #size: number;
  readonly #least: number;
  readonly #log: ProcessTierOptions['log'];
  readonly #leftovers: Leftovers | undefined;
  readonly #world: World;
  readonly #watchdog = new Watchdog();
  readonly #live = new Set<ProcessIsolate>();
  #spares: Spare[] = [];
  #refill: NodeJS.Timeout | undefined;
  #warm = 0;
  #cold = 0;
  #backoffMs = 0;
  /** The next refill does not wait until nobody claims any. */
  #isSoon = false;
  /** The next refill comes that late because the last one failed. */
  #backsOff = false;
  /** So that spares that load hold up nobody; where what has been made nice would stay so for ever, none is. */
  #mayBeNice = mayPrioritize();
  /** Of the box. */
  readonly #priority = getPriority();
  #closed = false;

  constructor(launch: Launch, size: number, log: ProcessTierOptions['log'], leftovers: Leftovers | undefined, world: World) {
    this.level = launch.level;
    this.#launch = launch;
    this.#size = size;
    this.#least = leastOf(size);
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
    this.#checkOpen();
    const spare = limits.memoryMiB <= isolateDefaults.memoryMiB ? this.#takeSpare() : undefined;
    this.#plan(this.#spares.length < this.#least ? REFILL_MS : QUIET_MS);
    if (spare) {
      // Until then it waits for the disk at best, and what comes from it first leaves first.
      spare.isolate.once('going', () => setImmediate(() => this.#hurry(spare)));
      if (!spare.ready) {
        this.#hurry(spare);
        await spare.loaded;
        this.#hurry(spare); // it has more threads now
        this.#checkOpen();
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

  #checkOpen(): void {
    if (this.#closed) throw new Error('The process tier is closed.');
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

  /** In place of what was planned, unless that is for soon, or because of a failure. */
  #plan(ms: number): void {
    if (this.#closed || this.#backsOff || this.#isSoon) return;
    clearTimeout(this.#refill);
    this.#isSoon = ms < QUIET_MS;
    this.#refill = setTimeout(() => this.#fill(), ms);
  }

  #fill(): void {
    this.#isSoon = false;
    this.#backsOff = false;
    do {
      if (this.#spares.length >= this.#size || !this.#add()) return;
    } while (this.#spares.length < this.#least);
    this.#plan(QUIET_MS);
  }

  /** False: it cannot be made now. */
  #add(): boolean {
    let isolate: ProcessIsolate;
    const spawn = (): ProcessIsolate => this.#spawn(isolateDefaults.memoryMiB);
    try {
      isolate = this.#mayBeNice ? startWith(constants.priority.PRIORITY_BELOW_NORMAL, spawn) : spawn();
    } catch (error) {
      this.#retry((error as Error).message);
      return false;
    }
    const loaded = isolate.load(() => this.#spares.includes(spare));
    const spare: Spare = { isolate, loaded: loaded.catch(() => {}), ready: false, nice: this.#mayBeNice };
    this.#holdBack(spare);
    this.#spares.push(spare);
    loaded.then(
      () => {
        spare.ready = true;
        this.#backoffMs = 0;
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

  /** Once for all that fail at one time. */
  #retry(why: string): void {
    if (this.#closed || this.#backsOff) return;
    this.#backsOff = true;
    this.#backoffMs = Math.min(this.#backoffMs * 2 || BACKOFF_MS.first, BACKOFF_MS.last);
    this.#log('warn', `${why} The next one is started in ${this.#backoffMs} ms.`);
    clearTimeout(this.#refill);
    this.#refill = setTimeout(() => this.#fill(), this.#backoffMs);
  }

  /** A spare that loads holds up nobody: its threads are nice already. */
  #holdBack(spare: Spare): void {
    if (!spare.nice || spare.isolate.outerPid === undefined) return;
    try {
      prioritizeSession(spare.isolate.outerPid, constants.priority.PRIORITY_BELOW_NORMAL);
    } catch {
      this.#mayBeNice = false; // not permitted here
      this.#hurry(spare);
    }
  }

  /** Somebody waits for it, or has it: it goes on like the box. */
  #hurry({ isolate, nice }: Spare): void {
    if (!nice || isolate.hasEnded || isolate.outerPid === undefined) return;
    try {
      prioritizeSession(isolate.outerPid, constants.priority.PRIORITY_NORMAL);
      prioritize(isolate.outerPid, this.#priority);
    } catch {
      this.#mayBeNice = false; // no more of them
    }
  }
}
