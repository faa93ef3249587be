import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { library, printed, sent } from '../support/library.ts';

const it = suite('deterministicTemporalSemantics');

it('SpontaneousAperiodic sends 1 once, after its timeout, and prints a line', async () => {
  const { clock, run } = library();
  const outputs = sent(run('deterministicTemporalSemantics/SpontaneousAperiodic', { timeout: 300 }));
  const { out } = await printed(async () => {
    await clock.advance(299);
    assert.equal(outputs, []);
    await clock.advance(10_000);
  });
  assert.equal(outputs, [['output', 1]]);
  assert.is(out.length, 1);
});

it('SpontaneousPeriodic counts from 1 until twelve seconds have passed, a line for each', async () => {
  const { clock, run } = library();
  const source = run('deterministicTemporalSemantics/SpontaneousPeriodic', { period: 2500 });
  const outputs = sent(source);
  const { out } = await printed(() => clock.advance(60_000));
  assert.equal(
    outputs.map(([, value]) => value),
    [1, 2, 3, 4],
  );
  assert.is(out.length, 4);
});

it('several of one label fire at common multiples in the order of their initialization', async () => {
  const { clock, node } = library();
  const order: string[] = [];
  const start = (name: string, period: number): void => {
    const source = node.instantiate(name, 'deterministicTemporalSemantics/SpontaneousPeriodic');
    source.setParameter('period', period);
    source.on('output', () => order.push(name));
    source.initialize();
  };
  await printed(async () => {
    start('slow', 3000);
    start('fast', 1000);
    start('middle', 1500);
    await clock.advance(3000);
  });
  assert.equal(order, ['fast', 'middle', 'fast', 'slow', 'fast', 'middle']);
});

it('a wrapup ends both', async () => {
  const { clock, run } = library();
  for (const name of ['SpontaneousPeriodic', 'SpontaneousAperiodic']) {
    const source = run(`deterministicTemporalSemantics/${name}`);
    source.wrapup();
    const outputs = sent(source);
    await clock.advance(20_000);
    assert.equal(outputs, [], name);
  }
});

it.run();
