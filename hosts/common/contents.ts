import type { Accessor } from './accessor.ts';
import { NameTable } from './names.ts';
import { topologicalOrder } from './priority.ts';
import { ReadyQueue } from './reaction.ts';

/** What only a composite has: the accessors it contains, their names, and the queue of those that have an event. */
export class Contents {
  /** In the order of containment. */
  readonly accessors: Accessor[] = [];
  readonly names = new NameTable();
  readonly ready = new ReadyQueue();

  add(accessor: Accessor): void {
    this.accessors.push(accessor);
    this.names.add(accessor.name);
    this.ready.place(accessor);
  }

  remove(accessor: Accessor): void {
    const index = this.accessors.indexOf(accessor);
    if (index < 0) return;
    this.accessors.splice(index, 1);
    this.names.remove(accessor.name);
    accessor.ordered = false;
    this.order();
  }

  /**
   * Puts the accessors into the order of the data.
   * @throws Error on a causality loop
   */
  order(): void {
    this.ready.reorder(topologicalOrder(this.accessors));
    for (const accessor of this.accessors) accessor.ordered = true;
  }
}
