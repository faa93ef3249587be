import { weightOf } from '../edge/index.ts';
import { frameCap } from './frames.ts';

/**
 * Weight of values under way in one direction that the other side has not taken. A value may be sent while any of it is
 * left, so that one of the largest never waits for ever.
 */
export const flowWindow = 2 * weightOf(frameCap);

/** Allows so much weight a second, and after a rest at once what a second allows. Time is given by the caller, in ms. */
export class Rate {
  /** What is worth a grant of its own: a twentieth of a second's worth. */
  readonly portion: number;
  readonly #perMs: number;
  readonly #capacity: number;
  #available: number;
  #at: number;

  constructor(perSecond: number, now: number) {
    this.portion = Math.max(1, Math.min(flowWindow / 4, perSecond / 20));
    this.#perMs = perSecond / 1000;
    this.#capacity = Math.max(perSecond, flowWindow);
    this.#available = this.#capacity;
    this.#at = now;
  }

  /** Takes at most `most`, whole; nothing if there is less than `least`. Tells how much. */
  take(least: number, most: number, now: number): number {
    this.#available = Math.min(this.#capacity, this.#available + (now - this.#at) * this.#perMs);
    this.#at = now;
    if (this.#available < least) return 0;
    const taken = Math.min(most, Math.floor(this.#available));
    this.#available -= taken;
    return taken;
  }
}

/** Counts what a child sends against what it was allowed to. */
export class OutputCredit {
  readonly initial = flowWindow;
  readonly #rate: Rate;
  #outstanding = flowWindow;

  constructor(messagesPerSecond: number, now: number) {
    this.#rate = new Rate(messagesPerSecond, now);
    this.#rate.take(0, flowWindow, now);
  }

  /** False: it sent more than it was allowed to. */
  spend(weight: number): boolean {
    const allowed = this.#outstanding > 0;
    this.#outstanding -= weight;
    return allowed;
  }

  /** What is granted now; 0 while too little is free to be worth a frame. */
  grant(now: number): number {
    const free = flowWindow - this.#outstanding;
    if (free < flowWindow / 4) return 0;
    const granted = this.#rate.take(this.#rate.portion, free, now);
    this.#outstanding += granted;
    return granted;
  }
}
