/**
 * What the host does for one input or one event of fixed graphs, counted and not timed: the same on every machine, so that
 * work that came in by mistake fails here. What the counts are: hosts/common/README.md.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Fifo } from '../../../hosts/common/fifo.ts';
import { Heap } from '../../../hosts/common/heap.ts';
import { type AccessorApi, SimulatedClock } from '../../../hosts/common/index.ts';
import { ReadyQueue } from '../../../hosts/common/reaction.ts';
import { collect } from '../../bench/memory.ts';
import { testHost } from '../../support/host.ts';

const it = suite('work for an input');

const counted = { ready: 0, zero: 0, heap: 0, soon: 0 };
type Counted = Readonly<typeof counted>;

/** Counts calls of a method from now on; the returned function ends it. */
function count<T extends object, K extends keyof T>(target: T, method: K, kind: keyof typeof counted): () => void {
  const original = target[method] as (...args: unknown[]) => unknown;
  Object.assign(target, {
    [method](this: unknown, ...args: unknown[]) {
      counted[kind]++;
      return original.apply(this, args);
    },
  });
  return () => Object.assign(target, { [method]: original });
}

/** What `run` costs in calls. */
async function workOf(run: () => void | Promise<void>): Promise<Counted> {
  Object.assign(counted, { ready: 0, zero: 0, heap: 0, soon: 0 });
  const ends = [
    count(ReadyQueue.prototype, 'add', 'ready'),
    count(Fifo.prototype, 'push', 'zero'),
    count(Heap.prototype, 'push', 'heap'),
    count(SimulatedClock.prototype, 'wakeSoon', 'soon'),
  ];
  try {
    await run();
  } finally {
    for (const end of ends) end();
  }
  return { ...counted };
}

/** Bytes that `run` allocates; it must allocate so little that no garbage is collected meanwhile. */
function bytesOf(run: () => void): number {
  collect();
  const before = process.memoryUsage().heapUsed;
  run();
  return process.memoryUsage().heapUsed - before;
}

const classes = {
  Gain: `
    exports.setup = function () { this.input('in'); this.output('out'); };
    exports.initialize = function () { this.addInputHandler('in', function () { this.send('out', this.get('in') + 1); }); };`,
  Join: `
    exports.setup = function () { this.input('a'); this.input('b'); this.output('out'); };
    exports.fire = function () { this.send('out', this.get('a') + this.get('b')); };`,
  Loop: `
    exports.setup = function () { this.input('x'); };
    exports.initialize = function () {
      this.addInputHandler('x', function () { var v = this.get('x'); if (v < 1000) this.send('x', v + 1); });
      this.send('x', 0);
    };`,
  Ticker: `
    exports.setup = function () { this.output('out', { spontaneous: true }); };
    exports.initialize = function () { setInterval(function () {}, 10); };`,
};

const chain = (n: number): string => `
  exports.setup = function () {
    this.input('in'); this.output('out');
    var last = null;
    for (var i = 0; i < ${n}; i++) {
      var next = this.instantiate('g', 'Gain');
      if (last) this.connect(last, 'out', next, 'in'); else this.connect('in', next, 'in');
      last = next;
    }
    this.connect(last, 'out', 'out');
  };`;

const diamonds = (n: number): string => `
  exports.setup = function () {
    this.input('in'); this.output('out');
    var last = null;
    for (var i = 0; i < ${n}; i++) {
      var left = this.instantiate('left', 'Gain'), right = this.instantiate('right', 'Gain'), join = this.instantiate('join', 'Join');
      if (last) { this.connect(last, 'out', left, 'in'); this.connect(last, 'out', right, 'in'); }
      else { this.connect('in', left, 'in'); this.connect('in', right, 'in'); }
      this.connect(left, 'out', join, 'a');
      this.connect(right, 'out', join, 'b');
      last = join;
    }
    this.connect(last, 'out', 'out');
  };`;

const wide = `
  exports.setup = function () {
    this.input('in'); this.output('out');
    var first = this.instantiate('first', 'Gain'), last = this.instantiate('last', 'Join');
    this.connect('in', first, 'in');
    for (var i = 0; i < 100; i++) {
      var arm = this.instantiate('arm', 'Gain');
      this.connect(first, 'out', arm, 'in');
      this.connect(arm, 'out', last, 'a');
    }
    this.connect(last, 'out', 'out');
  };`;

function give(top: AccessorApi, inputs: number): void {
  for (let i = 0; i < inputs; i++) {
    top.provideInput('in', i);
    top.react();
  }
}

for (const { name, code, reactions, ready, queued } of [
  { name: 'a chain of 100', code: chain(100), reactions: 101, ready: 100, queued: 0 },
  { name: 'a diamond of 100 arms', code: wide, reactions: 103, ready: 102, queued: 99 },
  { name: '100 diamonds in series', code: diamonds(100), reactions: 301, ready: 400, queued: 0 },
]) {
  it(`${name}: each accessor reacts once, and is told to wait only for values that none waits in front of`, async () => {
    const { host, make } = testHost({ ...classes, Top: code });
    const top = make('Top');
    top.initialize();
    const before = host.reactions;
    const work = await workOf(() => give(top, 10));
    assert.is(host.reactions - before, reactions * 10);
    assert.is(work.ready, ready * 10);
    assert.is(work.zero, queued * 10 + 1, 'values that wait behind another one, and one request of a reaction');
    assert.is(work.heap, 0, 'values run from lower to higher ranks: nothing is sorted');
  });
}

it('a reaction is requested once, however many inputs come in one turn', async () => {
  const { make } = testHost({ ...classes, Top: chain(10) });
  const top = make('Top');
  top.initialize();
  const { zero, soon } = await workOf(() => give(top, 1000));
  assert.is(zero, 1);
  assert.is(soon, 1);
});

it('the order of 3,000 accessors costs each of them one place in a heap', async () => {
  const { make } = testHost({ ...classes, Top: diamonds(1000) });
  const top = make('Top');
  const { heap } = await workOf(() => top.initialize());
  assert.is(heap, 3000);
});

it('a value that an accessor sends to itself is two requests without delay, and no timer', async () => {
  const { make, advance } = testHost(classes);
  const work = await workOf(async () => {
    make('Loop').initialize();
    await advance(0);
  });
  assert.ok(work.zero <= 2 * 1001 + 1, `${work.zero} requests`);
  assert.is(work.heap, 0);
});

it('a time at which intervals fire is one place in a heap, however many they are', async () => {
  const { make, advance } = testHost(classes);
  for (let i = 0; i < 100; i++) make('Ticker').initialize();
  const { heap, zero } = await workOf(() => advance(100));
  assert.is(heap, 10);
  assert.is(zero, 0);
});

it('a reaction of which nobody hears allocates next to nothing', () => {
  const { make } = testHost({ ...classes, Top: chain(100) });
  const top = make('Top');
  top.initialize();
  give(top, 5000); // compiled by now
  const reactions = 101 * 300;
  const bytes = Math.min(...Array.from({ length: 5 }, () => bytesOf(() => give(top, 300)) / reactions));
  assert.ok(bytes < 4, `${bytes.toFixed(1)} bytes for each reaction`);
});

it.run();
