import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { library, sent } from '../../support/library.ts';

const it = suite('Clock');

it('sends 0 at initialization, then counts at its interval, anew each time', async () => {
  const { clock, node } = library();
  const accessor = node.instantiate('clock', 'utilities/Clock');
  accessor.setParameter('interval', 250);
  for (let round = 0; round < 2; round++) {
    const outputs = sent(accessor);
    accessor.initialize();
    assert.equal(outputs, [['output', 0]]);
    await clock.advance(750);
    assert.equal(
      outputs.map(([, value]) => value),
      [0, 1, 2, 3],
    );
    accessor.wrapup();
    await clock.advance(1000);
    assert.is(outputs.length, 4);
  }
});

it('has an interval of a second by default', async () => {
  const { clock, run } = library();
  const outputs = sent(run('utilities/Clock'));
  await clock.advance(999);
  assert.equal(outputs, []);
  await clock.advance(1);
  assert.equal(outputs, [['output', 1]]);
});

it.run();
