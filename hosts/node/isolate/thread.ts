import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { World } from '../edge/gate/index.ts';
import { packageRoot } from '../paths.ts';
import { CarriedIsolate } from './carried.ts';
import type { Isolate, IsolateTier } from './isolate.ts';
import type { IsolateLimits } from './limits.ts';
import { Watchdog } from './watchdog.ts';
import { WorkerThread } from './worker-thread.ts';

/** Threads that did not end when they were told to; with so many no more are begun. */
const LEAKS = 3;

export interface ThreadTierOptions {
  readonly log: (level: 'info' | 'warn', message: string) => void;
  /** Instead of `dist/isolate-thread.cjs`, for tests. */
  readonly runtime?: string;
  /** One of its own unless given. */
  readonly world?: World;
}

/** One worker thread for each swarmlet: for an owner's own ones, since memory is no wall here. */
export class ThreadTier implements IsolateTier {
  readonly name = 'thread';
  readonly level = 'W1';
  readonly #log: ThreadTierOptions['log'];
  readonly #runtime: string;
  readonly #world: World;
  readonly #watchdog = new Watchdog();
  readonly #live = new Set<CarriedIsolate>();
  #leaked = 0;
  #closed = false;

  constructor({ log, runtime = join(packageRoot, 'dist/isolate-thread.cjs'), world = new World() }: ThreadTierOptions) {
    this.#world = world;
    this.#log = log;
    this.#runtime = runtime;
  }

  /** @throws Error when it is closed, or threads have leaked before */
  async claim(limits: IsolateLimits): Promise<Isolate> {
    if (this.#closed) throw new Error('The thread tier is closed.');
    if (!existsSync(this.#runtime)) throw new Error(`${this.#runtime} is missing; make it with: npm run build`);
    if (this.#leaked >= LEAKS) {
      throw new Error(`${this.#leaked} threads of this box did not end when they were told to. Restart the box to have threads again.`);
    }
    let thread: WorkerThread | undefined;
    const isolate = new CarriedIsolate(this.level, limits.memoryMiB, this.#watchdog, this.#world, (onExit) => {
      thread = new WorkerThread(this.#runtime, limits.memoryMiB, onExit);
      return thread;
    });
    this.#live.add(isolate);
    isolate.done.then(() => {
      this.#live.delete(isolate);
      if (!thread?.leaked) return;
      this.#leaked++;
      this.#log('warn', `A thread did not end when it was told to, and stays: it is inside a call of the system (${this.#leaked} so far).`);
    });
    await isolate.load();
    return isolate;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#live].map((isolate) => isolate.kill('exit', 'The box is closing.')));
  }
}
