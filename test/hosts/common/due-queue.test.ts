import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DueQueue } from '../../../hosts/common/due-queue.ts';

const it = suite('due queue');

interface Value {
  readonly due: number;
  readonly rank: number;
}

const earlier = (a: Value, b: Value): boolean => a.rank < b.rank;

it('gives what is due first, and of that the first in its order, whatever comes between', () => {
  const push = fc.record({ due: fc.oneof(fc.nat(5), fc.constant(Infinity)), rank: fc.nat(1000) });
  const step = fc.oneof({ weight: 3, arbitrary: push }, { weight: 2, arbitrary: fc.constant('pop' as const) });
  const steps = fc.array(fc.oneof({ weight: 20, arbitrary: step }, { weight: 1, arbitrary: fc.constant('filter' as const) }), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(steps, (all) => {
      const queue = new DueQueue<Value>(earlier);
      let waiting: Value[] = [];
      for (const one of all) {
        if (one === 'pop') {
          const next = queue.pop();
          const expected = [...waiting].sort((a, b) => a.due - b.due || a.rank - b.rank)[0];
          assert.equal(next && { due: next.due, rank: next.rank }, expected && { due: expected.due, rank: expected.rank });
          waiting = waiting.filter((value) => value !== next);
        } else if (one === 'filter') {
          queue.filter(({ rank }) => rank % 2 === 0);
          waiting = waiting.filter(({ rank }) => rank % 2 === 0);
        } else {
          queue.push(one);
          waiting.push(one);
        }
        assert.is(queue.size, waiting.length);
      }
    }),
  );
});

it.run();
