/** How far beyond its rate somebody may be before it counts as a flood, in ms of that rate. */
const FLOOD_MS = 10_000;

/**
 * Counts what crosses in one direction. What goes beyond the rate is a debt that time pays; until it is paid, nothing is
 * given that leads to more. Time is given by the caller, in ms.
 */
export class Toll {
  readonly #perMs: number;
  readonly #capacity: number;
  #available: number;
  #at: number;

  /** @param perSecond  weight (see weight.ts) */
  constructor(perSecond: number, now: number) {
    this.#perMs = perSecond / 1000;
    this.#capacity = perSecond;
    this.#available = perSecond;
    this.#at = now;
  }

  /** False: this is a flood. */
  charge(weight: number, now: number): boolean {
    this.#fill(now);
    this.#available -= weight;
    return this.#available > -FLOOD_MS * this.#perMs - this.#capacity;
  }

  /** As of the last call of `charge` or `fill`. */
  get paid(): boolean {
    return this.#available > 0;
  }

  /** True if it is paid now, and was not before. */
  fill(now: number): boolean {
    const before = this.paid;
    this.#fill(now);
    return this.paid && !before;
  }

  #fill(now: number): void {
    this.#available = Math.min(this.#capacity, this.#available + (now - this.#at) * this.#perMs);
    this.#at = now;
  }
}
