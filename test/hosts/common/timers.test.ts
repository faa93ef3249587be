import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Host, WallClock } from '../../../hosts/common/index.ts';
import { compile, nodePlatform } from '../../../hosts/node/index.ts';
import { errorsPrinted, outputsOf, testHost } from '../../support/host.ts';

const it = suite('timers');

/** Several labelled domains and times that differ, with zero delays between. */
const mixed = `
  exports.setup = function () { this.output('y'); };
  exports.initialize = function () {
    var me = this;
    function say(text) { return function () { me.send('y', text); }; }
    setInterval(say('every 20'), 20, 'A');
    setTimeout(function () { say('at 30')(); setTimeout(say('zero after 30'), 0); setTimeout(say('at 45, from 30'), 15, 'B'); }, 30, 'B');
    setTimeout(say('at 40, first'), 40, 'A', 1);
    setTimeout(say('at 40, second'), 40, 'A', 2);
    setTimeout(say('zero'), 0);
    setTimeout(function () { me.stop(); }, 65, 'A');
  };`;

const expected = ['zero', 'every 20', 'at 30', 'zero after 30', 'at 40, first', 'at 40, second', 'every 20', 'at 45, from 30', 'every 20'];

it('gives the same outputs in the same order on the simulated and on the wall clock', async () => {
  const { make, clock } = testHost({ Mixed: mixed });
  const simulated = make('Mixed');
  const inSimulation = outputsOf(simulated, 'y');
  simulated.initialize();
  assert.is(await clock.run(), 'idle');
  assert.equal(inSimulation, expected);
  assert.is(clock.now(), 65);

  const load = () => ({ code: mixed, file: undefined, from: undefined });
  const live = new Host({ clock: new WallClock(nodePlatform), compile, load }).instantiate('live', 'Mixed');
  const inRealTime = outputsOf(live, 'y');
  const wrappedUp = new Promise<void>((resolve) => live.once('wrapupEnd', resolve));
  live.initialize();
  await wrappedUp;
  assert.equal(inRealTime, expected);
});

it('runs zero-delay callbacks in the order of their requests, before any timer', async () => {
  const { make, advance } = testHost({
    Zero: `
      exports.setup = function () { this.output('y'); };
      exports.initialize = function () {
        var me = this, n = 0;
        setTimeout(function () { me.send('y', 'timer'); }, 1);
        (function again() { me.send('y', n); if (n++ < 3) setTimeout(again, 0); }());
      };`,
  });
  const a = make('Zero');
  const values = outputsOf(a, 'y');
  a.initialize();
  await advance(5);
  assert.equal(values, [0, 1, 2, 3, 'timer']);
});

it('lets I/O and signals in during an endless chain of zero delays', async () => {
  const load = () => ({
    code: `exports.setup = function () { this.input('x'); };
      exports.initialize = function () { this.addInputHandler('x', function () { this.send('x', 1); }); this.send('x', 1); };`,
    file: undefined,
    from: undefined,
  });
  const a = new Host({ clock: new WallClock(nodePlatform), compile, load }).instantiate('a', 'Endless');
  a.initialize();
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  a.wrapup();
});

it('does in simulated time what promises have waiting before time goes on', async () => {
  const { make, advance } = testHost({
    Promising: `
      exports.setup = function () { this.output('y'); };
      exports.initialize = function () {
        var me = this, chain = Promise.resolve();
        setTimeout(function () {
          for (var i = 0; i < 100; i++) chain = chain.then(function () {});
          chain.then(function () { me.send('y', 'promised'); });
        }, 1);
        setTimeout(function () { me.send('y', 'a millisecond later'); }, 2);
      };`,
  });
  const a = make('Promising');
  const values = outputsOf(a, 'y');
  a.initialize();
  await advance(3);
  assert.equal(values, ['promised', 'a millisecond later']);
});

it('lets I/O and signals in during a simulation without end', async () => {
  const { make, clock } = testHost({ Endless: 'exports.initialize = function () { setInterval(function () {}, 1); };' });
  const a = make('Endless');
  a.initialize();
  const aborting = new AbortController();
  setTimeout(() => aborting.abort(), 1);
  assert.is(await clock.run({ signal: aborting.signal }), 'aborted');
  a.wrapup();
});

it('waits for delays that are longer than a platform timer can wait', async () => {
  const { make, advance } = testHost({
    Long: `
      exports.setup = function () { this.output('y'); };
      exports.initialize = function () { var me = this; setTimeout(function () { me.send('y', 'done'); }, 3e9); };`,
  });
  const a = make('Long');
  a.initialize();
  await advance(2.9e9);
  assert.is(a.latestOutput('y'), undefined);
  await advance(1e8);
  assert.is(a.latestOutput('y'), 'done');

  const waits: number[] = [];
  const clock = new WallClock({ ...nodePlatform, later: (_callback, ms) => waits.push(ms) });
  clock.wakeAt((clock.now() + 3e9) as ReturnType<typeof clock.now>, () => {});
  assert.equal(waits, [2 ** 31 - 1]);
});

it('keeps its time when somebody sets the clock of the machine', () => {
  let steady = 1000.25;
  let wall = 5_000_000;
  const clock = new WallClock({ ...nodePlatform, monotonic: () => steady, wallTime: () => wall });
  const pass = (ms: number): number => {
    steady += ms;
    wall += ms;
    return clock.now();
  };
  assert.is(pass(10), 10);
  wall += 86_400_000;
  assert.is(pass(10), 20);
  wall -= 172_800_000;
  assert.is(pass(10), 30);
});

it('keeps the milliseconds of the machine where its thread is paused between two looks at the clocks', () => {
  let steady = 1000.25;
  let wall = 5_000_000.9;
  const pass = (ms: number): void => {
    steady += ms;
    wall += ms;
  };
  let pauses: number[] = [];
  /** Ends a look at either clock: the thread goes on only after the next of `pauses`. */
  const seen = (ms: number): number => {
    pass(pauses.shift() ?? 0);
    return ms;
  };
  const platform = { ...nodePlatform, monotonic: () => seen(steady), wallTime: () => seen(Math.floor(wall)) };
  for (const whenMade of [[], [3], [0, 3], [1.5], [0, 1.5], [0.9, 0.9]]) {
    pauses = whenMade;
    const clock = new WallClock(platform);
    const began = Math.floor(wall) - clock.now();
    for (const whenRead of [[3], [0, 3], [1.2], [2.9], [30], [0, 0, 3], [3, 3], [3, 3, 3]]) {
      for (let tenths = 0; tenths < 20; tenths++) {
        pauses = [...whenRead];
        pass(0.1);
        clock.now();
        pauses = [];
        assert.is(clock.now(), Math.floor(wall) - began, `made with ${String(whenMade)}, read with ${String(whenRead)}`);
      }
    }
  }
});

it('holds at most one platform timer, however many timers wait', () => {
  let waiting = 0;
  const platform = {
    ...nodePlatform,
    later: () => ++waiting,
    cancelLater: () => {
      waiting--;
    },
  };
  const code = `exports.setup = function () {};
    exports.initialize = function () { for (var i = 1000; i > 0; i--) setTimeout(function () {}, i); };`;
  const load = () => ({ code, file: undefined, from: undefined });
  const a = new Host({ clock: new WallClock(platform), compile, load }).instantiate('a', 'Many');
  a.initialize();
  assert.is(waiting, 1);
  a.wrapup();
});

it('forgets cancelled timers without waiting for their time', () => {
  const { make } = testHost({ Plain: 'exports.setup = function () {};' });
  const a = make('Plain');
  const ids = Array.from({ length: 1000 }, () => a.setTimeoutDeterministic(() => {}, 1e9));
  for (const id of ids) a.clearTimeoutDeterministic(id);
  assert.equal(a.timers, {});
  assert.is(new Set(ids).size, 1000);
});

it('has nothing scheduled once all its timers are cancelled', async () => {
  const { make, clock } = testHost({
    Cancels: `exports.setup = function () {};
      exports.initialize = function () { clearTimeout(setTimeout(function () {}, 1000)); clearInterval(setInterval(function () {}, 70)); };`,
  });
  make('Cancels').initialize();
  assert.is(await clock.run({ until: 500 }), 'idle');
  assert.is(clock.now(), 0);
});

it('prints what a callback throws and goes on with the others', async () => {
  const { make, clock } = testHost({
    Throws: `
      exports.setup = function () { this.output('y'); };
      exports.initialize = function () {
        var me = this;
        setInterval(function () { throw new Error('callback says no'); }, 10);
        setTimeout(function () { me.send('y', 'still here'); }, 25);
      };`,
  });
  const a = make('Throws');
  const { error } = console;
  const printed: string[] = [];
  console.error = (text) => printed.push(String(text));
  try {
    a.initialize();
    assert.is(await clock.run({ until: 100 }), 'idle');
  } finally {
    console.error = error;
  }
  assert.is(printed.length, 1);
  assert.match(printed[0] ?? '', /callback says no/);
  assert.is(a.latestOutput('y'), 'still here');
});

it('lets simulated time stand still while an operation is under way', async () => {
  const { make, clock } = testHost({
    Waits: `
      exports.setup = function () { this.output('y'); };
      exports.initialize = function () { var me = this; setTimeout(function () { me.send('y', 'timer'); }, 10); };`,
  });
  const a = make('Waits');
  a.initialize();
  const over = clock.beginOperation();
  const running = clock.run();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.is(a.latestOutput('y'), undefined);
  over();
  assert.is(await running, 'idle');
  assert.is(a.latestOutput('y'), 'timer');
});

it('names what is wrong with a period or a callback', () => {
  const { make } = testHost({ Plain: 'exports.setup = function () {};' });
  const a = make('Plain');
  assert.throws(() => a.setIntervalDeterministic(() => {}, 'abc'), /timeout zero/);
  assert.throws(() => a.setTimeoutDeterministic('code' as never, 5), /not a function/);
  assert.is(
    errorsPrinted(() => a.clearTimeoutDeterministic('nonsense')),
    '',
  );
});

it.run();
