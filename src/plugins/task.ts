import { errorText } from '../../hosts/common/index.ts';

export type Job = (signal: AbortSignal) => Promise<void>;

/** Told why it failed, and in how many milliseconds it is begun anew; undefined: not at all. */
export type Report = (message: string, againMs?: number) => void;

export interface TaskTimes {
  /** Before it is begun anew, doubling with every failure in a row. */
  readonly firstBackoffMs: number;
  readonly lastBackoffMs: number;
  /** What ran so long counts as well: the next failure is again the first. */
  readonly steadyMs: number;
  /** What has not ended so long after it was told to is left alone. */
  readonly stopMs: number;
}

export const taskTimes: TaskTimes = Object.freeze({ firstBackoffMs: 1000, lastBackoffMs: 60_000, steadyMs: 60_000, stopMs: 500 });

export type TaskHealth =
  | { readonly state: 'running' | 'done' | 'stopped' }
  | { readonly state: 'backoff'; readonly why: string; readonly failures: number }
  | { readonly state: 'stuck' }; // it does not end

/** Runs a job until it is stopped, and begins it anew when it fails. Nothing that it does reaches whoever made it. */
export class Task {
  readonly #job: Job;
  readonly #report: Report;
  readonly #times: TaskTimes;
  readonly #ended: Promise<void>;
  readonly #stop = new AbortController();
  #run = new AbortController();
  #crash: (error: unknown) => void = () => {};
  #health: TaskHealth = { state: 'running' };

  constructor(job: Job, report: Report, times: TaskTimes = taskTimes) {
    this.#job = job;
    this.#report = report;
    this.#times = times;
    this.#ended = this.#keepRunning();
  }

  get health(): TaskHealth {
    return this.#health;
  }

  /** Something that the job began has thrown where nobody could catch it. */
  crashed(error: unknown): void {
    this.#crash(error);
  }

  /** Resolves when the job has ended, or will not. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#run.abort();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), this.#times.stopMs);
    });
    const outcome = await Promise.race([this.#ended, late]);
    clearTimeout(timer);
    if (outcome === 'late') this.#report(`did not end within ${this.#times.stopMs} ms of being told to, and is left alone`);
    this.#health = { state: outcome === 'late' ? 'stuck' : 'stopped' };
  }

  async #keepRunning(): Promise<void> {
    const { firstBackoffMs, lastBackoffMs, steadyMs } = this.#times;
    const stopped = this.#stop.signal;
    for (let failures = 0; !stopped.aborted; ) {
      const since = performance.now();
      try {
        await this.#once();
        this.#health = { state: 'done' };
        return;
      } catch (error) {
        if (stopped.aborted) return;
        failures = performance.now() - since >= steadyMs ? 1 : failures + 1;
        const waitMs = Math.min(lastBackoffMs, firstBackoffMs * 2 ** (failures - 1));
        const why = errorText(error);
        this.#health = { state: 'backoff', why, failures };
        this.#report(`failed: ${why}`, waitMs);
        await pause(waitMs, stopped);
      }
    }
  }

  /** A crash ends the run too; its signal tells what is left of it. */
  async #once(): Promise<void> {
    const run = new AbortController();
    this.#run = run;
    this.#health = { state: 'running' };
    const crash = new Promise<never>((_, reject) => {
      this.#crash = reject;
    });
    try {
      await Promise.race([this.#job(run.signal), crash]);
    } finally {
      run.abort();
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
