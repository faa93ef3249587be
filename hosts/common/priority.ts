import type { Accessor } from './accessor.ts';
import { Heap } from './heap.ts';

/**
 * The order in which the accessors of one container react: each after all that feed it through outputs that are not
 * spontaneous, and where data leaves the order open, in the order of containment (spec section 11).
 * Linear in accessors and connections, but for the heap that keeps the order of containment.
 * @throws Error on a cycle without a spontaneous output, naming an accessor in it
 */
export function topologicalOrder(contained: readonly Accessor[]): Accessor[] {
  const position = new Map<Accessor, number>();
  for (const [i, accessor] of contained.entries()) position.set(accessor, i);
  const downstream = contained.map((accessor) => neighbours(accessor, position));
  const sources = new Int32Array(contained.length);
  for (const list of downstream) for (const to of list) sources[to] = (sources[to] as number) + 1;

  const ready = new Heap<number>((a, b) => a < b);
  sources.forEach((count, i) => {
    if (count === 0) ready.push(i);
  });
  const order: Accessor[] = [];
  for (let i = ready.pop(); i !== undefined; i = ready.pop()) {
    order.push(contained[i] as Accessor);
    for (const to of downstream[i] as number[]) {
      sources[to] = (sources[to] as number) - 1;
      if (sources[to] === 0) ready.push(to);
    }
  }
  if (order.length < contained.length) {
    const name = (contained[inCycle(downstream, sources)] as Accessor).name;
    throw new Error(`Causality loop found including at least: ${name}. Declare an output of the loop spontaneous to break it.`);
  }
  return order;
}

/** Positions of the accessors that an accessor feeds in one reaction; twice if by two connections. */
function neighbours(accessor: Accessor, position: ReadonlyMap<Accessor, number>): number[] {
  const list: number[] = [];
  for (const output of accessor.outputs.list) {
    if (output.spontaneous) continue;
    for (const to of output.destinations) {
      const index = to.kind === 'input' ? position.get(to.owner) : undefined;
      if (index !== undefined) list.push(index);
    }
  }
  return list;
}

/** Some position on a cycle: what is left waits for others that are left, so a walk against the data ends in a cycle. */
function inCycle(downstream: readonly number[][], sources: Int32Array): number {
  const waitsFor = new Map<number, number>();
  downstream.forEach((list, from) => {
    if ((sources[from] as number) > 0) for (const to of list) waitsFor.set(to, from);
  });
  let at = sources.findIndex((count) => count > 0);
  for (const seen = new Set<number>(); !seen.has(at); at = waitsFor.get(at) as number) seen.add(at);
  return at;
}
