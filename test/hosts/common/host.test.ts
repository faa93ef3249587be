import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testHost } from '../../support/host.ts';

const it = suite('host');

const source = `
  exports.setup = function () { this.input('x'); this.output('y'); this.parameter('p', {value: 1}); };
  exports.initialize = function () {
    var me = this;
    this.addInputHandler('x', function () { me.send('y', me.get('x')); });
    setInterval(function () { me.send('y', 0); }, 10, 'tick');
  };`;

/** Bytes in use once everything is gone that nobody knows; weak references live until the turn ends. */
async function heapInUse(): Promise<number> {
  if (!globalThis.gc) throw new Error('run with --expose-gc');
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    globalThis.gc();
  }
  return process.memoryUsage().heapUsed;
}

it('shares nothing with another host of the process', async () => {
  const [one, two] = [testHost({ A: source }), testHost({ A: source })];
  const a = one.make('A');
  a.initialize();
  assert.equal(two.host.getTopLevelAccessors(), []);
  assert.is(two.host.uniqueName('A'), 'A');
  await two.advance(1000);
  assert.is(a.latestOutput('y'), undefined);
  await one.advance(10);
  assert.is(a.latestOutput('y'), 0);
  a.wrapup();
});

it('lets go of accessors that wrapped up: 10,000 of them leave the heap where it was', async () => {
  const { host, make } = testHost({ A: source });
  const cycles = async (n: number): Promise<void> => {
    for (let i = 0; i < n; i++) {
      const a = make('A');
      a.initialize();
      a.provideInput('x', i);
      a.react();
      a.wrapup();
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await cycles(1000); // compiled code and inline caches
  const before = await heapInUse();
  await cycles(10_000);
  const grown = (await heapInUse()) - before;
  assert.equal(host.getTopLevelAccessors(), []);
  assert.ok(grown < 1_000_000, `the heap grew by ${grown} bytes`); // a hundred bytes for each accessor would be seen
});

it('keeps nothing for accessors that were made in one turn and are known to nobody', async () => {
  const { host } = testHost({ A: source });
  const made = async (n: number): Promise<number> => {
    for (let i = 0; i < n; i++) host.instantiate('a', 'A');
    return heapInUse();
  };
  const before = await made(1000); // compiled by now
  let grown = (await made(10_000)) - before;
  // What remains of a turn goes with its finalizer, which Node calls when it finds the time.
  for (let i = 0; i < 50 && grown >= 300_000; i++) grown = (await heapInUse()) - before;
  assert.ok(grown < 300_000, `the heap grew by ${grown} bytes`);
});

it('keeps nothing for accessors that are made and wrapped up, not even until their turn is over', async () => {
  const { host } = testHost({ A: source });
  const lives = (n: number): number => {
    for (let i = 0; i < n; i++) {
      const a = host.instantiate('a', 'A');
      a.initialize();
      a.wrapup();
    }
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  lives(1000); // compiled by now
  await heapInUse();
  const before = lives(1000);
  const grown = lives(10_000) - before;
  assert.ok(grown < 300_000, `the heap grew by ${grown} bytes`);
});

it('holds an initialized accessor that nobody else knows, and lists each once', () => {
  const { host, make } = testHost({ A: source });
  make('A').initialize();
  assert.equal(
    host.getTopLevelAccessors().map((a) => a.accessorName),
    ['A'],
  );
  host.stopAllAccessors();
});

it('lists those that were made in order, in the turn of their making and later, and those that wrapped up in a later one', async () => {
  const { host, make } = testHost({ A: source });
  const names = (): string[] => host.getTopLevelAccessors().map((a) => a.accessorName);
  const first = host.instantiate('first', 'A');
  const second = host.instantiate('second', 'A');
  assert.equal(names(), ['first', 'second']);
  await Promise.resolve();
  const third = host.instantiate('third', 'A');
  assert.equal(names(), ['first', 'second', 'third']);
  await Promise.resolve();
  first.initialize();
  first.wrapup();
  assert.equal(names(), ['first', 'second', 'third']);
  for (const accessor of [first, second, third]) accessor.initialize();
  host.stopAllAccessors();
  make('A').initialize();
  assert.is(names().at(-1), 'A');
  host.stopAllAccessors();
});

it('wraps all up and then throws the first error', () => {
  const { host, make } = testHost({
    Bad: "exports.setup = function () {}; exports.wrapup = function () { throw new Error('bad ' + this.accessorName); };",
    Good: 'exports.setup = function () {}; exports.wrapup = function () { this.done = true; };',
  });
  const accessors = [make('Bad'), make('Good')];
  for (const a of accessors) a.initialize();
  assert.throws(() => host.stopAllAccessors(), /bad Bad/);
  assert.is((accessors[1] as unknown as { done: boolean }).done, true);
});

it('tells the watcher of the host which wrapup failed', () => {
  const { host, make } = testHost({ Bad: "exports.setup = function () {}; exports.wrapup = function () { throw new Error('no'); };" });
  const seen: string[] = [];
  host.events.on('wrappedUp', (accessor, errors) => seen.push(`${accessor.accessorName} ${String(errors[0])}`));
  const bad = make('Bad');
  bad.initialize();
  assert.throws(() => bad.wrapup(), /no/);
  assert.equal(seen, ['Bad Error: no']);
});

it.run();
