/** A binary heap: `pop` gives the first value by `before`, at logarithmic cost. */
export class Heap<T> {
  readonly #values: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#values.length;
  }

  peek(): T | undefined {
    return this.#values[0];
  }

  push(value: T): void {
    const values = this.#values;
    let i = values.length;
    values.push(value);
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = values[up] as T;
      if (!this.#before(value, parent)) break;
      values[i] = parent;
      i = up;
    }
    values[i] = value;
  }

  pop(): T | undefined {
    const first = this.#values[0];
    const last = this.#values.pop();
    if (last !== undefined && this.#values.length > 0) this.#sink(last);
    return first;
  }

  /** In no order that means anything. */
  toArray(): T[] {
    return [...this.#values];
  }

  /** Puts `value` in the place of the first one and moves it down to where it belongs. */
  #sink(value: T): void {
    const values = this.#values;
    const length = values.length;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#before(values[child + 1] as T, values[child] as T)) child++;
      if (!this.#before(values[child] as T, value)) break;
      values[i] = values[child] as T;
      i = child;
    }
    values[i] = value;
  }
}
