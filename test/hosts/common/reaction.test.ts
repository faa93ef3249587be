import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { errorsPrinted, outputsOf, testHost } from '../../support/host.ts';

const it = suite('reaction');

const add = `
  exports.setup = function () { this.input('in', {type: 'number'}); this.output('out', {type: 'number'}); };
  exports.initialize = function () {
    this.addInputHandler('in', function () { this.send('out', this.get('in') + 1); });
  };`;

const sum = `
  exports.setup = function () { this.input('a'); this.input('b'); this.output('out'); };
  exports.fire = function () { this.send('out', this.get('a') + this.get('b')); };`;

/** N accessors one behind the other. */
const chain = (n: number): string => `
  exports.setup = function () {
    this.input('in'); this.output('out');
    var last = null;
    for (var i = 0; i < ${n}; i++) {
      var next = this.instantiate('g', 'Add');
      if (last) this.connect(last, 'out', next, 'in'); else this.connect('in', next, 'in');
      last = next;
    }
    this.connect(last, 'out', 'out');
  };`;

it('passes a value through a chain of 100,000 accessors in one reaction', () => {
  const { make } = testHost({ Add: add, Chain: chain(100_000) });
  const top = make('Chain');
  top.initialize();
  top.provideInput('in', 0);
  top.react();
  assert.is(top.latestOutput('out'), 100_000);
});

it('runs in the same pass what a handler adds after it has removed itself', () => {
  const { make } = testHost({
    Self: `
      exports.setup = function () { this.input('in'); this.output('out'); };
      exports.initialize = function () {
        var handle = this.addInputHandler('in', function () {
          this.send('out', 'first');
          this.removeInputHandler(handle);
          this.addInputHandler('in', function () { this.send('out', 'second'); });
        });
      };`,
  });
  const self = make('Self');
  const sent: unknown[] = [];
  self.on('output', (_, value) => sent.push(value));
  self.initialize();
  for (const value of [1, 2]) {
    self.provideInput('in', value);
    self.react();
  }
  assert.equal(sent, ['first', 'second', 'second']);
  assert.is(self.inputHandlers.length, 1);
});

it('orders a ladder whose rungs were contained in reverse and lets each join fire once', () => {
  const n = 5000;
  const { make } = testHost({
    Add: add,
    Sum: sum,
    Ladder: `
      exports.setup = function () {
        this.input('in'); this.output('out');
        var joins = [], left = [], right = [];
        for (var i = ${n - 1}; i >= 0; i--) {
          joins[i] = this.instantiate('j', 'Sum'); left[i] = this.instantiate('l', 'Add'); right[i] = this.instantiate('r', 'Add');
        }
        for (i = 0; i < ${n}; i++) {
          if (i === 0) { this.connect('in', left[0], 'in'); this.connect('in', right[0], 'in'); }
          else { this.connect(left[i - 1], 'out', left[i], 'in'); this.connect(right[i - 1], 'out', right[i], 'in'); }
          this.connect(left[i], 'out', joins[i], 'a'); this.connect(right[i], 'out', joins[i], 'b');
          this.connect(joins[i], 'out', 'out');
        }
      };`,
  });
  const top = make('Ladder');
  const sums = outputsOf(top, 'out');
  top.initialize();
  top.provideInput('in', 0);
  top.react();
  assert.is(sums.length, n);
  assert.equal((sums as number[]).sort((a, b) => a - b).slice(0, 3), [2, 4, 6]);
});

it('keeps what waits behind a handler that throws', () => {
  const { make } = testHost({
    Once: `
      exports.setup = function () { this.input('x'); this.output('y'); };
      exports.initialize = function () {
        this.addInputHandler('x', function () { throw new Error('once'); });
        this.addInputHandler('x', function () { this.send('y', this.get('x')); });
      };`,
  });
  const a = make('Once');
  const values = outputsOf(a, 'y');
  a.initialize();
  for (const value of [1, 2, 3]) a.provideInput('x', value);
  assert.throws(() => a.react(), /once/);
  a.react();
  assert.equal(values, [2, 3]);
});

it('reacts again by itself when a contained accessor failed and others still wait', async () => {
  const { make, advance } = testHost({
    Add: add,
    Broken: `
      exports.setup = function () { this.input('in'); };
      exports.initialize = function () { this.addInputHandler('in', function () { throw new Error('broken'); }); };`,
    Top: `
      exports.setup = function () {
        this.input('in'); this.output('out');
        var b = this.instantiate('b', 'Broken'), a = this.instantiate('a', 'Add');
        this.connect('in', b, 'in'); this.connect('in', a, 'in'); this.connect(a, 'out', 'out');
      };`,
  });
  const top = make('Top');
  top.initialize();
  const values = outputsOf(top, 'out');
  const original = console.error;
  const printed: string[] = [];
  console.error = (text) => printed.push(String(text));
  try {
    top.provideInput('in', 1);
    await advance(0);
  } finally {
    console.error = original;
  }
  assert.equal(values, [2]);
  assert.match(printed.join('\n'), /broken/);
});

it('keeps a value that arrives in fire for the next reaction', async () => {
  const { make, advance } = testHost({
    Loop: `
      exports.setup = function () { this.input('x'); this.output('y'); };
      exports.initialize = function () { this.addInputHandler('x', function () { this.send('y', this.get('x')); }); };
      exports.fire = function () { if (!this.done) { this.done = true; this.provideInput('x', 'late'); } };`,
    Top: `
      exports.setup = function () {
        this.input('in'); this.output('out');
        var l = this.instantiate('l', 'Loop'); this.connect('in', l, 'x'); this.connect(l, 'y', 'out');
      };`,
  });
  const top = make('Top');
  const values = outputsOf(top, 'out');
  top.initialize();
  top.provideInput('in', 'first');
  await advance(0);
  assert.equal(values, ['first', 'late']);
});

it('gives memory back when handlers come and go for ever', () => {
  const { make } = testHost({ Plain: "exports.setup = function () { this.input('x'); this.output('n'); };" });
  const a = make('Plain');
  a.initialize();
  let calls = 0;
  for (let i = 0; i < 10_000; i++) {
    const handle = a.addInputHandler('x', () => calls++);
    a.provideInput('x', i);
    a.react();
    a.removeInputHandler(handle);
  }
  assert.is(calls, 10_000);
  assert.is(a.inputHandlers.length, 0);
});

it('reports what an any-input handler throws, removes it and goes on', () => {
  const { make } = testHost({
    Any: `
      exports.setup = function () { this.output('y'); };
      exports.initialize = function () { this.addInputHandler(function () { throw null; }); };
      exports.fire = function () { this.send('y', 'fired'); };`,
  });
  const a = make('Any');
  a.initialize();
  const printed = errorsPrinted(() => a.react());
  assert.match(printed, /null/);
  assert.is(a.latestOutput('y'), 'fired');
  assert.is(a.anyInputHandlers.length, 0);
});

it.run();
