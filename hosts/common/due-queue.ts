import { Heap } from './heap.ts';
import { InOrder } from './in-order.ts';

/** What is due at one time. */
interface Instant<T> {
  due: number;
  readonly values: InOrder<T>;
}

/**
 * Values by the time at which they are due, those of one time in the order of `before`. Many share a time: only the times are in a heap,
 * and a value that comes behind the others of its time costs the same however many wait.
 */
export class DueQueue<T extends { readonly due: number }> {
  readonly #before: (a: T, b: T) => boolean;
  readonly #instants = new Heap<Instant<T>>((a, b) => a.due < b.due);
  /** All instants; none as long as there is only one, which is the first. */
  readonly #byDue = new Map<number, Instant<T>>();
  #size = 0;
  /** One that is over, to be used again: where each value has a time of its own, none is made. */
  #spare: Instant<T> | undefined;

  /** @param before  of two values with the same time */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#size;
  }

  peek(): T | undefined {
    return this.#instants.peek()?.values.peek();
  }

  push(value: T): void {
    this.#size++;
    this.#at(value.due).values.push(value);
  }

  pop(): T | undefined {
    const instant = this.#instants.peek();
    if (instant === undefined) return undefined;
    const value = instant.values.pop();
    this.#size--;
    if (instant.values.size === 0) {
      this.#instants.pop();
      if (this.#byDue.size > 0) this.#byDue.delete(instant.due);
      this.#spare = instant;
    }
    return value;
  }

  /** Keeps the values that pass `keep`. */
  filter(keep: (value: T) => boolean): void {
    const kept: T[] = [];
    for (let value = this.pop(); value !== undefined; value = this.pop()) if (keep(value)) kept.push(value);
    for (const value of kept) this.push(value);
  }

  #at(due: number): Instant<T> {
    const first = this.#instants.peek();
    const known = first?.due === due ? first : this.#byDue.get(due);
    if (known !== undefined) return known;
    const instant = this.#spare ?? { due, values: new InOrder(this.#before) };
    this.#spare = undefined;
    instant.due = due;
    if (first !== undefined) this.#byDue.set(first.due, first).set(due, instant);
    this.#instants.push(instant);
    return instant;
  }
}
