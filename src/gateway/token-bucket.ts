/** So many at once, refilled at a steady rate. */
export class TokenBucket {
  readonly #capacity: number;
  readonly #perMs: number;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  /** @param now  milliseconds that never go back */
  constructor(capacity: number, perSecond: number, now: () => number = () => performance.now()) {
    this.#capacity = capacity;
    this.#perMs = perSecond / 1000;
    this.#now = now;
    this.#tokens = capacity;
    this.#at = now();
  }

  get empty(): boolean {
    this.#refill();
    return this.#tokens < 1;
  }

  /** False, and nothing taken, when there is none. */
  take(): boolean {
    if (this.empty) return false;
    this.#tokens--;
    return true;
  }

  #refill(): void {
    const now = this.#now();
    this.#tokens = Math.min(this.#capacity, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
  }
}
