import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Fifo } from '../../../hosts/common/fifo.ts';

const it = suite('fifo');

it('gives values in the order in which they came, however many come and go', () => {
  const steps = fc.array(fc.record({ push: fc.nat(3000), shift: fc.nat(3000) }), { maxLength: 10 });
  fc.assert(
    fc.property(steps, (rushes) => {
      const fifo = new Fifo<number>();
      let [pushed, shifted] = [0, 0];
      for (const { push, shift } of rushes) {
        for (let i = 0; i < push; i++) fifo.push(pushed++);
        for (let i = 0; i < shift && shifted < pushed; i++) assert.is(fifo.shift(), shifted++);
        assert.is(fifo.size, pushed - shifted);
      }
      assert.equal(
        fifo.toArray(),
        Array.from({ length: pushed - shifted }, (_, i) => shifted + i),
      );
    }),
  );
});

it.run();
