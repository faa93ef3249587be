/** Puts what comes from several places in the order of its time: each waits a moment for an older one from elsewhere. */
export class LogMerge<T extends { readonly at: string }> {
  readonly #waitMs: number;
  readonly #print: (item: T) => void;
  readonly #now: () => number;
  #waiting: { readonly item: T; readonly time: number; readonly cameAt: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param waitMs  0: nothing waits */
  constructor(waitMs: number, print: (item: T) => void, now = () => performance.now()) {
    this.#waitMs = waitMs;
    this.#print = print;
    this.#now = now;
  }

  add(item: T): void {
    if (this.#waitMs === 0) {
      this.#print(item);
      return;
    }
    this.#waiting.push({ item, time: Date.parse(item.at) || 0, cameAt: this.#now() });
    this.#timer ??= setTimeout(() => this.#ripen(), this.#waitMs);
  }

  /** Prints those that have waited, and before each whatever is older. */
  #ripen(): void {
    this.#timer = undefined;
    const ripeBefore = this.#now() - this.#waitMs + 1;
    const ripe = this.#waiting.filter(({ cameAt }) => cameAt <= ripeBefore);
    const newest = Math.max(...ripe.map(({ time }) => time));
    this.#printUntil(newest);
    const [first] = this.#waiting;
    if (first) this.#timer = setTimeout(() => this.#ripen(), Math.max(1, first.cameAt + this.#waitMs - this.#now()));
  }

  #printUntil(time: number): void {
    const due = this.#waiting.filter((one) => one.time <= time).sort((a, b) => a.time - b.time);
    this.#waiting = this.#waiting.filter((one) => one.time > time);
    for (const { item } of due) this.#print(item);
  }

  /** Prints all that waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#printUntil(Number.POSITIVE_INFINITY);
  }
}
