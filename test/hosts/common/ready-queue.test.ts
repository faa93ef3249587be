import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Accessor } from '../../../hosts/common/accessor.ts';
import { ReadyQueue } from '../../../hosts/common/reaction.ts';

const it = suite('ready queue');

/** As much of an accessor as the queue looks at. */
const accessor = (): Accessor => ({ rank: -1, waiting: false }) as Accessor;

function queueOf(count: number): { queue: ReadyQueue; accessors: Accessor[] } {
  const queue = new ReadyQueue();
  const accessors = Array.from({ length: count }, accessor);
  for (const one of accessors) queue.place(one);
  return { queue, accessors };
}

it('gives each accessor once, the lowest rank first, whatever comes between', () => {
  const step = fc.oneof(fc.record({ add: fc.nat(49) }), fc.constant('next' as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const { queue, accessors } = queueOf(50);
      const waiting = new Set<number>();
      for (const one of steps) {
        if (one === 'next') {
          const rank = waiting.size > 0 ? Math.min(...waiting) : undefined;
          assert.is(queue.next()?.rank, rank);
          if (rank !== undefined) waiting.delete(rank);
        } else {
          queue.add(accessors[one.add] as Accessor);
          waiting.add(one.add);
        }
        assert.is(queue.size, waiting.size);
      }
      const left = [...waiting].sort((a, b) => a - b);
      assert.equal(
        queue.toArray().map(({ rank }) => rank),
        left,
      );
    }),
  );
});

it('keeps what waits when the order changes, and drops what is contained no more', () => {
  const { queue, accessors } = queueOf(3);
  const [a, b, c] = accessors as [Accessor, Accessor, Accessor];
  for (const one of [b, c]) queue.add(one);
  queue.reorder([c, a]);
  assert.equal([queue.next(), queue.next()], [c, undefined]);
  assert.is(b.waiting, false);
  queue.add(a);
  queue.clear();
  assert.equal([a.waiting, queue.next()], [false, undefined]);
});

it.run();
