import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AccessorApi } from '../../../hosts/common/index.ts';
import { library, type Printed, printed, react } from '../../support/library.ts';

const it = suite('test/auto');

interface Run {
  /** Logical time at which the swarmlet was wrapped up. */
  readonly endedAt: number | undefined;
  /** What `wrapup` threw. */
  readonly errors: readonly unknown[];
  readonly printed: Printed;
}

/** Runs a swarmlet until it ends by itself, a minute at most. */
async function run(accessorClass: string, prepare: (swarmlet: AccessorApi) => void = () => {}): Promise<Run> {
  const { clock, node } = library();
  const swarmlet = node.instantiate('swarmlet', accessorClass);
  prepare(swarmlet);
  let endedAt: number | undefined;
  let thrown: readonly unknown[] = [];
  node.host.events.on('wrappedUp', (accessor, errors) => {
    if (accessor !== swarmlet) return;
    endedAt = clock.now();
    thrown = errors;
  });
  const output = await printed(async () => {
    swarmlet.initialize();
    await clock.run({ until: 60_000 });
  });
  return { endedAt, errors: thrown, printed: output };
}

function contained(swarmlet: AccessorApi, accessorClass: string): AccessorApi {
  const found = swarmlet.containedAccessors.find((accessor) => accessor.accessorClass === accessorClass);
  assert.ok(found, accessorClass);
  return found;
}

for (const [name, seconds] of [
  ['RampJSTest', 4],
  ['RampJSInspect', 4],
  ['RampJSTextDisplay', 5],
] as const) {
  it(`${name} ends by itself after ${seconds} s, all values right`, async () => {
    const { endedAt, errors, printed } = await run(`test/auto/${name}`);
    assert.is(endedAt, seconds * 1000);
    assert.equal([...errors], []);
    assert.equal(printed.err, []);
  });

  it(`${name} fails when a value is wrong`, async () => {
    const { errors, printed } = await run(`test/auto/${name}`, (swarmlet) => {
      const test = contained(swarmlet, 'test/TrainableTest');
      const values = test.getParameter('correctValues') as unknown[];
      test.setParameter('correctValues', values.with(2, 'wrong'));
      if (name === 'RampJSTextDisplay') swarmlet.stopAt(10_000); // has no end of its own
    });
    assert.match(printed.err.join('\n'), /After seeing 2 tokens/);
    assert.match(String(errors[0]), /produced only 2 tokens/);
  });
}

it('RampJSTextDisplay shows 1 to 5', async () => {
  const { printed } = await run('test/auto/RampJSTextDisplay');
  assert.equal(
    printed.out,
    [1, 2, 3, 4, 5].map((n) => `TextDisplay: ${n}`),
  );
});

it('RampJSDisplay shows 1 to 5 and ends after five seconds', async () => {
  const { endedAt, printed } = await run('test/auto/RampJSDisplay');
  assert.is(endedAt, 5000);
  assert.equal(
    printed.out,
    [1, 2, 3, 4, 5].map((n) => `TextDisplay: ${n}`),
  );
});

it('Stop ends when its counter reaches three', async () => {
  const { endedAt, printed } = await run('test/auto/Stop');
  assert.is(endedAt, 4000);
  assert.equal(
    printed.out,
    [0, 1, 2, 3].map((n) => `TextDisplay: ${n}`),
  );
});

it('AccessorStatusTest shows the status every second for five seconds', async () => {
  const { endedAt, errors, printed } = await run('test/auto/AccessorStatusTest');
  assert.is(endedAt, 5000);
  assert.equal([...errors], []);
  const lines = printed.out.filter((line) => line.startsWith('TextDisplay: '));
  assert.is(lines.filter((line) => line.includes('accessorClass')).length, 5);
  assert.ok(lines.some((line) => line.includes('utilization')));
});

it('TestComposite sends five times a whole number, refuses others, and ends after five seconds', async () => {
  const { clock, run } = library();
  const composite = run('test/auto/TestComposite');
  assert.equal(react(composite, { input: 10 }), { output: 50 });
  assert.throws(() => composite.provideInput('input', 0.5), /expected an int/);
  await clock.run();
  assert.is(composite.initialized, false);
  assert.is(clock.now(), 5000);
});

it.run();
