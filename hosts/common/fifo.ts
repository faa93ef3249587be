/** Stands for the list of a queue in which nothing has waited yet. */
const none: never[] = [];
/** Places that a queue keeps when it is empty; those of a rush are given back. */
const KEPT = 1024;

/** First in, first out, at constant cost for each value however many wait (`Array.shift` moves them all). */
export class Fifo<T> {
  #values: (T | undefined)[] = none;
  /** Values stand from `#head` to `#tail`. */
  #head = 0;
  #tail = 0;

  get size(): number {
    return this.#tail - this.#head;
  }

  push(value: T): void {
    if (this.#values === none) this.#values = [];
    this.#values[this.#tail++] = value;
  }

  /** The oldest value; only to be called when `size` is not 0, since values may be undefined. */
  shift(): T {
    const value = this.#values[this.#head] as T;
    this.#values[this.#head++] = undefined;
    if (this.#head === this.#tail) {
      this.#head = this.#tail = 0;
      if (this.#values.length > KEPT) this.#values = none;
    } else if (this.#head > KEPT && this.#head * 2 > this.#tail) {
      this.#values = this.#values.slice(this.#head, this.#tail);
      this.#tail -= this.#head;
      this.#head = 0;
    }
    return value;
  }

  clear(): void {
    this.#values = none;
    this.#head = this.#tail = 0;
  }

  toArray(): T[] {
    return this.#values.slice(this.#head, this.#tail) as T[];
  }
}
