import type { Millis } from './units.ts';

/** What the JavaScript platform gives to clocks: a steady time and two ways to be called back. */
export interface Platform {
  /** Milliseconds from some fixed moment; never goes back. */
  monotonic(): number;
  /** Whole milliseconds since 1970; steps when somebody sets the clock of the machine. */
  wallTime(): number;
  /** Calls back once the present turn of the event loop is over, after I/O that waits. */
  soon(callback: () => void): unknown;
  /** Calls back once no promise has anything waiting, before I/O; an endless chain of these stops it. */
  settled(callback: () => void): unknown;
  later(callback: () => void, ms: number): unknown;
  cancelLater(handle: unknown): void;
}

/** Gives the time of a host and wakes its timers; one clock serves one host. */
export interface Clock {
  now(): Millis;
  /** Milliseconds that one turn may work before I/O must get its chance; logical time is no measure of it. */
  turnIsOver(turnStart: number): boolean;
  turnStart(): number;
  /** Asks for one call of `run` as soon as the present turn of the event loop is over. */
  wakeSoon(run: () => void): void;
  /** Says when `run` must be called next, in place of what was said before; undefined: nothing is scheduled. */
  wakeAt(due: Millis | undefined, run: () => void): void;
  /** True if time does not pass by itself. */
  readonly simulated: boolean;
  /** An operation outside the host (a request, a file) begins; the returned function says that it is over. */
  beginOperation(): () => void;
}

/** A turn of the event loop is given back after this long, so that an endless loop of events stops no I/O. */
const TURN_MS = 2;
/** The longest wait that platform timers know (2^31 - 1 ms); longer ones are waited for in parts. */
const LONGEST_WAIT_MS = 2_147_483_647;

/** So far the two clocks of a machine are read apart while nobody sets one: each is rounded, and their rates differ a little. */
const APART_MS = 2;

/**
 * Real time, in whole milliseconds since the clock was made, so that requests of one millisecond are simultaneous. The
 * milliseconds begin where those of `Date.now()` do, which accessor code compares with, but no step of the machine's
 * clock moves them.
 */
export class WallClock implements Clock {
  readonly simulated = false;
  readonly #platform: Platform;
  readonly #start: number;
  /** Wall time of millisecond 0, as long as nobody sets the machine's clock. */
  #wallStart: number;
  #last = 0;
  #soon = false;
  #waiting: { readonly handle: unknown; readonly due: Millis } | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
    let before: number;
    do {
      before = platform.monotonic();
      this.#wallStart = platform.wallTime();
      this.#start = platform.monotonic();
    } while (this.#start - before > 1); // this thread was paused between the two: they belong to different moments
  }

  now(): Millis {
    const steady = this.#platform.monotonic() - this.#start;
    let now = this.#platform.wallTime() - this.#wallStart;
    if (Math.abs(now - steady) > APART_MS) now = this.#whenApart();
    if (now > this.#last) this.#last = now;
    return this.#last as Millis;
  }

  /** The time, where the two clocks seem to be apart: somebody set the machine's, or this thread was paused between them. */
  #whenApart(): number {
    const before = this.#platform.monotonic() - this.#start;
    const now = this.#platform.wallTime() - this.#wallStart;
    const after = this.#platform.monotonic() - this.#start;
    // A pause must change nothing: domains that began before and after it would be a millisecond off each other.
    if (now >= before - APART_MS && now <= after + APART_MS) return now;
    const steady = Math.floor(after);
    this.#wallStart += now - steady;
    return steady;
  }

  turnStart(): number {
    return this.#platform.monotonic();
  }

  turnIsOver(turnStart: number): boolean {
    return this.#platform.monotonic() - turnStart > TURN_MS;
  }

  wakeSoon(run: () => void): void {
    if (this.#soon) return;
    this.#soon = true;
    this.#platform.soon(() => {
      this.#soon = false;
      run();
    });
  }

  wakeAt(due: Millis | undefined, run: () => void): void {
    if (this.#waiting) {
      // Waking early costs less than a new platform timer at each request that is cancelled again.
      if (due !== undefined && this.#waiting.due <= due) return;
      this.#platform.cancelLater(this.#waiting.handle);
      this.#waiting = undefined;
    }
    if (due === undefined) return;
    // Rounded up: a platform timer that comes a fraction early would find nothing due.
    const wait = Math.ceil(due + this.#start - this.#platform.monotonic());
    const handle = this.#platform.later(
      () => {
        this.#waiting = undefined;
        run();
      },
      Math.min(Math.max(wait, 1), LONGEST_WAIT_MS),
    );
    this.#waiting = { handle, due };
  }

  beginOperation(): () => void {
    return () => {};
  }
}

/** Why a run of simulated time is over. */
type Ended = 'idle' | 'until' | 'aborted';

/**
 * Logical time that passes as fast as the machine can. It stands still while an operation is under way, and between
 * two different times everything that promises have waiting is done first; I/O gets its chance after each turn.
 */
export class SimulatedClock implements Clock {
  readonly simulated = true;
  readonly #platform: Platform;
  #now = 0 as Millis;
  #soon: (() => void) | undefined;
  #next: { readonly due: Millis; readonly run: () => void } | undefined;
  #operations = 0;
  #resume: (() => void) | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  now(): Millis {
    return this.#now;
  }

  turnStart(): number {
    return this.#platform.monotonic();
  }

  turnIsOver(turnStart: number): boolean {
    return this.#platform.monotonic() - turnStart > TURN_MS;
  }

  wakeSoon(run: () => void): void {
    this.#soon = run;
  }

  wakeAt(due: Millis | undefined, run: () => void): void {
    this.#next = due === undefined ? undefined : { due, run };
  }

  beginOperation(): () => void {
    this.#operations++;
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.#operations--;
      this.#resume?.();
    };
  }

  /** Lets `ms` of logical time pass with all that happens in it. */
  async advance(ms: number): Promise<void> {
    const until = (this.#now + ms) as Millis;
    await this.run({ until });
    if (this.#now < until) this.#now = until;
  }

  /**
   * Runs until nothing is scheduled and no operation is under way, until the next event lies beyond `until`, or until
   * `signal` aborts. Tells which.
   */
  run({ until = Infinity, signal }: { until?: number; signal?: AbortSignal } = {}): Promise<Ended> {
    return new Promise((resolve, reject) => {
      // Callbacks and no loop that awaits: for an event at its own time a promise would cost as much as all the rest.
      const step = (): void => {
        try {
          const ended = this.#step(until, signal);
          if (ended === 'waiting') void this.#operationOver(signal).then(soon);
          else if (ended) resolve(ended);
          else if (this.turnIsOver(turn)) soon();
          else this.#platform.settled(step);
        } catch (error) {
          reject(error);
        }
      };
      let turn = 0;
      const begin = (): void => {
        turn = this.turnStart();
        step();
      };
      const soon = (): unknown => this.#platform.soon(begin);
      soon();
    });
  }

  /** What comes next; undefined: there may be more. */
  #step(until: number, signal: AbortSignal | undefined): Ended | 'waiting' | undefined {
    if (signal?.aborted) return 'aborted';
    let run = this.#soon;
    if (run) {
      this.#soon = undefined;
    } else {
      if (this.#operations > 0) return 'waiting';
      if (!this.#next) return 'idle';
      if (this.#next.due > until) return 'until';
      run = this.#next.run;
      if (this.#next.due > this.#now) this.#now = this.#next.due;
      this.#next = undefined;
    }
    run();
    return undefined;
  }

  #operationOver(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = () => {
        this.#resume = undefined;
        resolve();
      };
      signal?.addEventListener('abort', () => this.#resume?.(), { once: true });
    });
  }
}
