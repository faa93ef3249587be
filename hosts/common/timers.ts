import type { Clock } from './clock.ts';
import { DueQueue } from './due-queue.ts';
import { Fifo } from './fifo.ts';
import type { Millis, TimerId } from './units.ts';

/** Who asked for a timer: knows which of its timers wait, and hears of errors in their callbacks. */
export interface TimerOwner {
  readonly timers: Map<TimerId, Timer>;
  failed(error: unknown): void;
}

/** A labelled logical clock domain (spec section 14): it has a time and an origin as long as a callback waits in it. */
interface Domain {
  readonly label: string | undefined;
  readonly origin: Millis;
  /** Breaks ties of equal origins: the domain that began first goes first. */
  readonly order: number;
  time: Millis;
  waiting: number;
}

export interface Timer {
  readonly id: TimerId;
  readonly owner: TimerOwner;
  readonly callback: () => void;
  readonly kind: 'timeout' | 'interval';
  /** Undefined in the zero-delay domain, whose time stands before every other. */
  readonly domain: Domain | undefined;
  readonly period: number;
  readonly priority: number;
  due: Millis;
  cancelled: boolean;
}

/** Work of the host itself in the zero-delay domain: made once, requested as often as needed. */
export interface Task {
  run(): void;
}

/** The order of timers that are due at the same time. */
function before(a: Timer, b: Timer): boolean {
  const x = a.domain as Domain;
  const y = b.domain as Domain;
  if (x !== y) return x.origin !== y.origin ? x.origin < y.origin : x.order < y.order;
  if (a.priority !== b.priority) return a.priority < b.priority;
  return a.id < b.id;
}

/** A delay as the platform's own timers would take it: text is converted, what is no number counts as 0. */
function delayOf(delay: unknown): number {
  const ms = Number(delay);
  return Number.isNaN(ms) ? 0 : ms;
}

/**
 * All timers of one host: one queue ordered by logical time, one first-in-first-out queue for zero delays, at most one
 * platform timer waiting (spec section 14).
 */
export class Timers {
  readonly #clock: Clock;
  readonly #domains = new Map<string, Domain>();
  readonly #queue = new DueQueue<Timer>(before);
  readonly #zero = new Fifo<Task>();
  #lastId = 0;
  #domainCount = 0;
  #cancelled = 0;
  #current: Timer | undefined;
  #running = false;
  /** What the clock said last: looking at it costs as much as a timer. */
  #now = 0 as Millis;
  readonly #run = (): void => this.#runDue();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws if the callback is no function */
  setTimeout(owner: TimerOwner, callback: () => void, delay: unknown, label: unknown, priority: number | undefined): TimerId {
    return this.#request(owner, callback, 'timeout', delayOf(delay), label, priority);
  }

  /** @throws if the period is 0 or less */
  setInterval(owner: TimerOwner, callback: () => void, period: unknown, label: unknown, priority: number | undefined): TimerId {
    const ms = delayOf(period);
    if (ms <= 0) throw new Error(`setInterval(): a timeout zero or negative would never end: ${ms} ms`);
    return this.#request(owner, callback, 'interval', ms, label, priority);
  }

  /** Ignores what is no waiting timer of that kind. */
  clear(owner: TimerOwner, kind: Timer['kind'], id: unknown): void {
    const timer = owner.timers.get(Number(id));
    if (timer?.kind === kind) this.#cancel(timer);
  }

  clearAll(owner: TimerOwner): void {
    for (const timer of owner.timers.values()) this.#cancel(timer);
  }

  /** Runs `task` in the zero-delay domain: after the present reaction, before the next timer, in request order. */
  request(task: Task): void {
    this.#zero.push(task);
    if (!this.#running) this.#clock.wakeSoon(this.#run);
  }

  #request(
    owner: TimerOwner,
    callback: () => void,
    kind: Timer['kind'],
    delay: number,
    label: unknown,
    priority: number | undefined,
  ): TimerId {
    if (typeof callback !== 'function') throw new TypeError(`The callback of a timer is not a function: ${typeof callback}`);
    const named = typeof label === 'string' && label !== '' ? label : undefined;
    const domain = named === undefined && delay === 0 ? undefined : this.#domain(named);
    const timer: Timer = {
      id: ++this.#lastId,
      owner,
      callback,
      kind,
      domain,
      period: delay,
      priority: priority ?? Infinity,
      due: (domain ? domain.time + delay : 0) as Millis,
      cancelled: false,
    };
    owner.timers.set(timer.id, timer);
    if (domain) {
      domain.waiting++;
      this.#queue.push(timer);
      if (this.#queue.peek() === timer) this.#wakeForQueue();
    } else {
      this.request(new ZeroDelay(timer));
    }
    return timer.id;
  }

  #domain(label: string | undefined): Domain {
    const known = label === undefined ? undefined : this.#domains.get(label);
    if (known) return known;
    const now = this.#clock.now();
    const domain: Domain = { label, origin: now, order: this.#domainCount++, time: now, waiting: 0 };
    if (label !== undefined) this.#domains.set(label, domain);
    return domain;
  }

  #cancel(timer: Timer): void {
    if (timer.cancelled) return;
    timer.cancelled = true;
    timer.owner.timers.delete(timer.id);
    if (!timer.domain || timer === this.#current) return;
    this.#leave(timer.domain);
    // Cancelled timers stay in the heap until they come up, but never more of them than of others.
    if (++this.#cancelled * 2 > this.#queue.size) {
      this.#queue.filter((t) => !t.cancelled);
      this.#cancelled = 0;
    }
    this.#wakeForQueue();
  }

  #leave(domain: Domain): void {
    if (--domain.waiting === 0 && domain.label !== undefined) this.#domains.delete(domain.label);
  }

  /** Everything that is due, in order; gives the turn back when it takes long. */
  #runDue(): void {
    if (this.#running) return; // a callback that runs an event loop of its own
    this.#running = true;
    const turn = this.#clock.turnStart();
    try {
      let count = 0;
      for (;;) {
        while (this.#zero.size > 0) {
          this.#zero.shift().run();
          if ((++count & 31) === 0 && this.#clock.turnIsOver(turn)) return;
        }
        const timer = this.#takeDue();
        if (!timer) return;
        this.#fire(timer);
        if ((++count & 31) === 0 && this.#clock.turnIsOver(turn)) return;
      }
    } finally {
      this.#running = false;
      if (this.#zero.size > 0) this.#clock.wakeSoon(this.#run);
      this.#wakeForQueue();
    }
  }

  /** The timer whose time has come, taken off the queue. */
  #takeDue(): Timer | undefined {
    const timer = this.#first();
    if (!timer) return undefined;
    if (timer.due > this.#now) this.#now = this.#clock.now();
    return timer.due <= this.#now ? this.#queue.pop() : undefined;
  }

  /** The timer that comes next; cancelled ones in front of it are dropped. */
  #first(): Timer | undefined {
    for (let timer = this.#queue.peek(); ; timer = this.#queue.peek()) {
      if (!timer?.cancelled) return timer;
      this.#queue.pop();
      this.#cancelled--;
    }
  }

  #wakeForQueue(): void {
    if (this.#running) return; // said at the end of the run
    const due = this.#first()?.due;
    this.#clock.wakeAt(due === Infinity ? undefined : due, this.#run);
  }

  #fire(timer: Timer): void {
    const domain = timer.domain as Domain;
    domain.time = timer.due; // not the real time: chains of labelled timeouts do not drift
    this.#current = timer;
    if (timer.kind === 'timeout') timer.owner.timers.delete(timer.id);
    try {
      timer.callback();
    } catch (error) {
      timer.cancelled = true;
      timer.owner.timers.delete(timer.id);
      timer.owner.failed(error);
    } finally {
      this.#current = undefined;
    }
    if (timer.kind === 'interval' && !timer.cancelled) {
      timer.due = (timer.due + timer.period) as Millis;
      this.#queue.push(timer);
    } else {
      this.#leave(domain);
    }
  }
}

/** A callback in the zero-delay domain. */
class ZeroDelay implements Task {
  readonly #timer: Timer;

  constructor(timer: Timer) {
    this.#timer = timer;
  }

  run(): void {
    const timer = this.#timer;
    if (timer.cancelled) return;
    timer.owner.timers.delete(timer.id);
    try {
      timer.callback();
    } catch (error) {
      timer.owner.failed(error);
    }
  }
}
