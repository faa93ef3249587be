import type { Accessor } from './accessor.ts';
import { Heap } from './heap.ts';

const ascending = (a: number, b: number): boolean => a < b;

/**
 * The contained accessors of one container that have an event and wait to react, in the order of their ranks.
 * Each is here at most once; ranks are dense and differ, so they alone are what the heap holds.
 */
export class ReadyQueue {
  readonly #ranks = new Heap<number>(ascending);
  #byRank: Accessor[] = [];

  get size(): number {
    return this.#ranks.size;
  }

  /** Gives a newly contained accessor the last rank, until the next `reorder`. */
  place(accessor: Accessor): void {
    accessor.rank = this.#byRank.length;
    this.#byRank.push(accessor);
  }

  /** Takes a new order; what waits keeps waiting, by its new rank. */
  reorder(byRank: Accessor[]): void {
    const waiting = this.toArray();
    this.#ranks.clear();
    this.#byRank = byRank;
    byRank.forEach((accessor, rank) => {
      accessor.rank = rank;
    });
    for (const accessor of waiting) {
      if (byRank[accessor.rank] === accessor) this.#ranks.push(accessor.rank);
      else accessor.waiting = false; // it is contained no more
    }
  }

  add(accessor: Accessor): void {
    if (accessor.waiting) return;
    accessor.waiting = true;
    this.#ranks.push(accessor.rank);
  }

  next(): Accessor | undefined {
    const rank = this.#ranks.pop();
    if (rank === undefined) return undefined;
    const accessor = this.#byRank[rank] as Accessor;
    accessor.waiting = false;
    return accessor;
  }

  clear(): void {
    for (const accessor of this.toArray()) accessor.waiting = false;
    this.#ranks.clear();
  }

  /** In the order in which they will react. */
  toArray(): Accessor[] {
    return this.#ranks
      .toArray()
      .sort((a, b) => a - b)
      .map((rank) => this.#byRank[rank] as Accessor);
  }
}
