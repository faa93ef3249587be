/** Stands for the list of a queue in which nothing has waited yet. */
const none: never[] = [];

/** First in, first out, at constant cost for each value however many wait (`Array.shift` moves them all). */
export class Fifo<T> {
  #values: (T | undefined)[] = none;
  #head = 0;

  get size(): number {
    return this.#values.length - this.#head;
  }

  push(value: T): void {
    if (this.#values === none) this.#values = [];
    this.#values.push(value);
  }

  /** The oldest value; only to be called when `size` is not 0, since values may be undefined. */
  shift(): T {
    const value = this.#values[this.#head] as T;
    this.#values[this.#head++] = undefined;
    if (this.#head === this.#values.length) {
      this.#values.length = 0;
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#values.length) {
      this.#values = this.#values.slice(this.#head);
      this.#head = 0;
    }
    return value;
  }

  clear(): void {
    this.#values = none;
    this.#head = 0;
  }

  toArray(): T[] {
    return this.#values.slice(this.#head) as T[];
  }
}
