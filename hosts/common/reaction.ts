import type { Accessor } from './accessor.ts';
import { InOrder } from './in-order.ts';

const ascending = (a: number, b: number): boolean => a < b;

/**
 * The contained accessors of one container that have an event and wait to react, in the order of their ranks. Each is here at
 * most once; ranks are dense and differ, so they alone are what is kept. Values flow from lower ranks to higher ones, so nearly
 * every accessor comes behind all that wait: those stand in a row that is taken from the front, and only the others in a heap.
 */
export class ReadyQueue {
  readonly #waiting = new InOrder<number>(ascending);
  #byRank: Accessor[] = [];

  get size(): number {
    return this.#waiting.size;
  }

  /** Gives a newly contained accessor the last rank, until the next `reorder`. */
  place(accessor: Accessor): void {
    accessor.rank = this.#byRank.length;
    this.#byRank.push(accessor);
  }

  /** Takes a new order; what waits keeps waiting, by its new rank. */
  reorder(byRank: Accessor[]): void {
    const waiting = this.toArray();
    this.clear();
    this.#byRank = byRank;
    for (let rank = 0; rank < byRank.length; rank++) (byRank[rank] as Accessor).rank = rank;
    for (const accessor of waiting) {
      if (byRank[accessor.rank] === accessor) this.add(accessor); // else it is contained no more
    }
  }

  add(accessor: Accessor): void {
    if (accessor.waiting) return;
    accessor.waiting = true;
    this.#waiting.push(accessor.rank);
  }

  next(): Accessor | undefined {
    const rank = this.#waiting.pop();
    if (rank === undefined) return undefined;
    const accessor = this.#byRank[rank] as Accessor;
    accessor.waiting = false;
    return accessor;
  }

  clear(): void {
    for (const accessor of this.toArray()) accessor.waiting = false;
    this.#waiting.clear();
  }

  /** In the order in which they will react. */
  toArray(): Accessor[] {
    const ranks = this.#waiting.toArray();
    return ranks.sort((a, b) => a - b).map((rank) => this.#byRank[rank] as Accessor);
  }
}
