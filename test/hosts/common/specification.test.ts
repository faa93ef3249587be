/** Rules of the accessor specification that its public conformance cases leave out; titles begin with the section. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AccessorApi } from '../../../hosts/common/index.ts';
import { errorsPrinted, outputsOf, testHost } from '../../support/host.ts';

const it = suite('specification');

const pass = `
  exports.setup = function () { this.input('x'); this.output('y'); };
  exports.initialize = function () { this.addInputHandler('x', function () { this.send('y', this.get('x')); }); };`;

/** A host with one class `A`, and an instance of it. */
function one(code: string, others: Record<string, string> = {}): AccessorApi {
  return testHost({ A: code, Pass: pass, ...others }).make('A');
}

type Exports = Record<string, unknown>;

it('2: module, __dirname, __filename and instantiate are no names of the source', () => {
  const a = one('exports.kinds = [typeof module, typeof __dirname, typeof __filename, typeof instantiate];');
  assert.equal((a.exports as Exports).kinds, ['undefined', 'undefined', 'undefined', 'undefined']);
});

it('2: without setup there are no ports, not even error', () => {
  const a = one('exports.initialize = function () {};');
  assert.equal([a.inputList, a.outputList, a.parameterList], [[], [], []]);
});

it('2: code is sloppy unless it says otherwise: an undeclared name becomes a global', () => {
  one('sloppyName = 7; exports.setup = function () {};');
  assert.is((globalThis as Exports).sloppyName, 7);
  delete (globalThis as Exports).sloppyName;
  assert.throws(() => one("'use strict'; strictName = 7;"), /strictName is not defined/);
});

it('3: after wrapup everything works again, and initialize twice runs everything twice', () => {
  const a = one(pass);
  const values = outputsOf(a, 'y');
  a.initialize();
  a.initialize();
  a.provideInput('x', 1);
  a.react();
  assert.equal(values, [1, 1]);
  a.wrapup();
  const again = outputsOf(a, 'y');
  a.initialize();
  a.provideInput('x', 2);
  a.react();
  assert.equal(again, [2]);
});

it('3: an input given to a leaf before initialize is handled in the first reaction', () => {
  const a = one(pass);
  a.provideInput('x', 5);
  a.initialize();
  a.react();
  assert.is(a.latestOutput('y'), 5);
});

it('4: a port declared again keeps its place and merges its options; error is declared once', () => {
  const a = one(`exports.setup = function () {
    this.input('a', {type: 'number', value: 1}); this.input('b'); this.input('a', {value: 2, unit: 'm'}); this.output('error', {type: 'string'});
  };`);
  assert.equal(a.inputList, ['a', 'b']);
  assert.equal({ ...a.inputs.a }, { type: 'number', value: 2, unit: 'm' });
  assert.equal(a.outputList, ['error']);
  assert.is(a.outputs.error?.type, 'string');
});

it('6: null sets the default of a parameter back, and an empty text too unless the type is text or JSON', () => {
  const a = one(
    "exports.setup = function () { this.parameter('n', {type: 'number', value: 4}); this.parameter('s', {type: 'string', value: 'd'}); };",
  );
  for (const unset of [null, '']) {
    a.setParameter('n', 9);
    a.setParameter('n', unset);
    assert.is(a.getParameter('n'), 4);
  }
  a.setParameter('s', '');
  assert.is(a.getParameter('s'), '');
  assert.throws(() => a.setParameter('q', 1), /setParameter\(\): Accessor A has no parameter named q/);
});

it('6: the latest output of an unknown name is an error', () => {
  assert.throws(() => one(pass).latestOutput('q'), /No output named q/);
});

it('7: handles count from 0, and again from 0 after wrapup; a handler added by a handler runs in the same pass', () => {
  const a = one("exports.setup = function () { this.input('x'); };");
  assert.equal([a.addInputHandler('x', null), a.addInputHandler('x')], [0, 1]);
  a.wrapup();
  const seen: string[] = [];
  const first = a.addInputHandler('x', () => {
    seen.push('first');
    a.removeInputHandler(first);
    a.addInputHandler('x', () => seen.push('added'));
  });
  assert.is(first, 0);
  a.provideInput('x', 1);
  a.react();
  assert.equal(seen, ['first', 'added']);
});

it('8: null without a default triggers nothing, and nothing reacts by itself on a top-level leaf', async () => {
  const { make, advance } = testHost({ A: pass });
  const a = make('A');
  const values = outputsOf(a, 'y');
  a.initialize();
  a.provideInput('x', null);
  a.react();
  a.provideInput('x', 3);
  await advance(100);
  assert.equal(values, []);
  a.react();
  assert.equal(values, [3]);
});

it('8: inputs are handled in the order of their declaration', () => {
  const a = one(`exports.setup = function () { this.input('a'); this.input('b'); this.output('y'); };
    exports.initialize = function () {
      this.addInputHandler('b', function () { this.send('y', 'b'); }); this.addInputHandler('a', function () { this.send('y', 'a'); });
    };`);
  const values = outputsOf(a, 'y');
  a.initialize();
  a.provideInput('b', 1);
  a.provideInput('a', 1);
  a.react();
  assert.equal(values, ['a', 'b']);
});

it('9: null and undefined can be sent; an output wins over an input of its name', () => {
  const a = one("exports.setup = function () { this.input('p'); this.output('p'); };");
  const values = outputsOf(a, 'p');
  for (const value of [null, undefined, 0]) a.send('p', value);
  assert.equal(values, [null, undefined, 0]);
});

it('10: the event that a composite handles in a reaction causes no second one', async () => {
  const { make, advance } = testHost({
    Pass: pass,
    A: `exports.setup = function () {
        this.input('i'); this.output('o');
        var p = this.instantiate('p', 'Pass'), q = this.instantiate('q', 'Pass');
        this.connect('i', p, 'x'); this.connect(p, 'y', q, 'x'); this.connect(q, 'y', 'o');
      };
      exports.initialize = function () { this.addInputHandler(function () { this.count = (this.count || 0) + 1; }); };`,
  });
  const a = make('A');
  a.initialize();
  a.provideInput('i', 1);
  await advance(10);
  assert.is((a as unknown as { count: number }).count, 1);
  assert.is(a.latestOutput('o'), 1);
});

it('10: a cycle with a spontaneous output works; disconnecting what is not connected does nothing', async () => {
  const { make, advance } = testHost({
    Pass: pass,
    Delay: `exports.setup = function () { this.input('x'); this.output('y', {spontaneous: true}); };
      exports.initialize = function () {
        var me = this;
        this.addInputHandler('x', function () { var v = this.get('x'); if (v < 3) setTimeout(function () { me.send('y', v + 1); }, 10); });
      };`,
    A: `exports.setup = function () {
      this.input('i'); this.output('o');
      this.p = this.instantiate('p', 'Pass'); this.d = this.instantiate('d', 'Delay');
      this.connect('i', this.p, 'x'); this.connect(this.p, 'y', this.d, 'x'); this.connect(this.d, 'y', this.p, 'x'); this.connect(this.p, 'y', 'o');
    };`,
  });
  const a = make('A') as AccessorApi & { p: AccessorApi; d: AccessorApi };
  const values = outputsOf(a, 'o');
  a.disconnect(a.p, 'y', a.p, 'x');
  a.disconnect('i', 'o');
  a.initialize();
  a.provideInput('i', 0);
  await advance(100);
  assert.equal(values, [0, 1, 2, 3]);
});

it('11: priorities are all different numbers, and follow the data', () => {
  const n = 30;
  const a = one(`exports.setup = function () {
    this.all = [];
    for (var i = 0; i < ${n}; i++) this.all.push(this.instantiate('p', 'Pass'));
    for (i = 1; i < ${n}; i++) this.connect(this.all[i], 'y', this.all[(i * 7) % i], 'x');
  };`) as AccessorApi & { all: AccessorApi[] };
  a.initialize();
  assert.is(new Set(a.all.map((p) => p.priority)).size, n);
  for (let i = 1; i < n; i++) assert.ok((a.all[i]?.priority ?? 0) < (a.all[(i * 7) % i]?.priority ?? 0));
});

it('11: two paths to one accessor are no loop, and a loop with a spontaneous output is none either', () => {
  one(`exports.setup = function () {
    var p = this.instantiate('p', 'Pass'), q = this.instantiate('q', 'Pass'), r = this.instantiate('r', 'Pass');
    this.connect(p, 'y', r, 'x'); this.connect(p, 'y', q, 'x'); this.connect(q, 'y', r, 'x');
  };`).initialize();
  one(
    `exports.setup = function () {
      var p = this.instantiate('p', 'Pass'), s = this.instantiate('s', 'Spont');
      this.connect(p, 'y', s, 'x'); this.connect(s, 'y', p, 'x');
    };`,
    { Spont: "exports.setup = function () { this.input('x'); this.output('y', {spontaneous: true}); };" },
  ).initialize();
});

it('12: ports of the base, error and own ports stand in this order; a second base is refused', () => {
  const others = { Base: "exports.setup = function () { this.input('b'); this.output('ob'); };" };
  const a = one(
    "exports.setup = function () { this.input('d'); this.extend('Base'); this.output('od'); this.input('b', {type: 'int'}); };",
    others,
  );
  assert.equal(a.inputList, ['d', 'b']);
  assert.equal(a.outputList, ['ob', 'error', 'od']);
  assert.is(a.inputs.b?.type, 'int');
  assert.throws(
    () => one("exports.setup = function () { this.extend('Base'); this.extend('Base'); };", others),
    /more than one base accessor/,
  );
  assert.is(one(pass).ssuper, null);
  assert.is((one(pass).exports as Exports).ssuper, null);
});

it('12: an interface gives its ports, never its functions', () => {
  const a = one("exports.setup = function () { this.implement('Face'); };", {
    Face: "exports.setup = function () { this.input('i', {value: 3}); this.output('o'); }; exports.initialize = function () { throw new Error('never'); }; exports.help = 1;",
  });
  a.initialize();
  assert.equal([a.inputList, a.outputList], [['i'], ['o', 'error']]);
  assert.is((a.exports as Exports).help, undefined);
  assert.is(a.implementedInterfaces[0]?.accessorName, 'A_Face');
  assert.is(a.implementedInterfaces[0]?.implementedBy, a);
});

it('13: a mutable accessor begins unreified', () => {
  const a = one('exports.setup = function () { this.mutable(1); };');
  assert.equal([a.isMutable, a.state, a.inputsMap, a.outputsMap, a.reifyingAccessor], [true, 'unreified', {}, {}, null]);
  assert.is(one(pass).isMutable, false);
});

it('13: an output of another type is refused, and nothing is left of the attempt; the reifying accessor is wrapped up once', () => {
  const { make } = testHost({
    A: "exports.setup = function () { this.mutable(true); this.input('x'); this.output('y', {type: 'number'}); };",
    Text: "exports.setup = function () { this.input('x'); this.output('y', {type: 'string'}); };",
    Good: `exports.setup = function () { this.input('x'); this.output('y', {type: 'number'}); };
      exports.initialize = function () { this.addInputHandler('x', function () { this.send('y', this.get('x')); }); };
      exports.wrapup = function () { globalThis.wrapups = (globalThis.wrapups || 0) + 1; };`,
  });
  const a = make('A');
  a.initialize();
  assert.ok(a.reify('Good'));
  a.reifyingAccessor?.initialize();
  a.provideInput('x', 4);
  a.react();
  assert.is(a.latestOutput('y'), 4);
  const printed = errorsPrinted(() => assert.is(a.reify('Text'), false));
  assert.match(printed, /y has type string, not number/);
  assert.equal([a.state, a.containedAccessors.length, a.inputsMap], ['unreified', 0, {}]);
  assert.ok(a.reify('Good'));
  (globalThis as Exports).wrapups = 0;
  a.wrapup();
  assert.is((globalThis as Exports).wrapups, 1);
  delete (globalThis as Exports).wrapups;
});

it('13: reify without an argument unreifies, wraps up and is refused, with a base or without', () => {
  const a = one('exports.setup = function () { this.mutable(true); };');
  assert.is(a.reify(null), false);
  const derived = one("exports.setup = function () { this.extend('Base'); };", {
    Base: 'exports.setup = function () { this.mutable(true); }; exports.initialize = function () { this.again = true; };',
  }) as AccessorApi & { again?: boolean };
  assert.is(derived.reify(), false);
  assert.ok(derived.ssuper && (derived.ssuper as typeof derived).again);
});

it('14: callbacks get no arguments; a label is shared by all accessors of the host', async () => {
  const { make, advance } = testHost({
    A: `exports.setup = function () { this.output('y'); };
      exports.initialize = function () { var me = this; setTimeout(function () { me.send('y', arguments.length); }, 5, 'label', 3); };`,
    B: `exports.setup = function () { this.output('y'); };
      exports.initialize = function () { var me = this; setTimeout(function () { setTimeout(function () { me.send('y', 'b'); }, 5, 'label'); }, 5, 'label'); };`,
  });
  const [a, b] = [make('A'), make('B')];
  a.initialize();
  await advance(2);
  b.initialize(); // the label is in use since 2 ms ago, so its callbacks count from there
  await advance(3);
  assert.is(a.latestOutput('y'), 0);
  await advance(4);
  assert.is(b.latestOutput('y'), undefined);
  await advance(1);
  assert.is(b.latestOutput('y'), 'b');
});

it('14: late firings of an interval are made up for, and priorities order intervals that meet', async () => {
  const { make, advance } = testHost({
    A: `exports.setup = function () { this.output('y'); };
      exports.initialize = function () {
        var me = this;
        setInterval(function () { me.send('y', 'low'); }, 10, 'L', 2);
        setInterval(function () { me.send('y', 'high'); }, 20, 'L', 1);
      };`,
  });
  const a = make('A');
  const values = outputsOf(a, 'y');
  a.initialize();
  await advance(40);
  assert.equal(values, ['low', 'high', 'low', 'low', 'high', 'low']);
});

it('14: zero-delay callbacks go before a timer that is overdue', async () => {
  const { make, advance } = testHost({
    A: `exports.setup = function () { this.output('y'); };
      exports.initialize = function () {
        var me = this;
        setTimeout(function () { me.send('y', 'timer'); }, -5);
        setTimeout(function () { me.send('y', 'zero'); setTimeout(function () { me.send('y', 'chained'); }, 0); }, 0);
      };`,
  });
  const a = make('A');
  const values = outputsOf(a, 'y');
  a.initialize();
  await advance(1);
  assert.equal(values, ['zero', 'chained', 'timer']);
});

it('15: stopAt sets stopAtTime and stops after it', async () => {
  const { make, advance } = testHost({ A: 'exports.setup = function () {}; exports.initialize = function () { this.stopAt(20); };' });
  const a = make('A');
  a.initialize();
  assert.is(a.stopAtTime, 20);
  await advance(19);
  assert.ok(a.initialized);
  await advance(1);
  assert.not(a.initialized);
});

it('16: an instance emits exactly the events of the specification', () => {
  const a = one(pass);
  const events: unknown[] = [];
  for (const name of [
    'initializeStart',
    'initializeEnd',
    'reactStart',
    'reactEnd',
    'output',
    'wrapupStart',
    'wrapupEnd',
    'initialize',
    'react',
    'wrapup',
  ]) {
    a.on(name, (...args: unknown[]) => events.push([name, ...args]));
  }
  a.initialize();
  a.provideInput('x', 1);
  a.react();
  a.wrapup();
  assert.equal(events, [
    ['initializeStart'],
    ['initializeEnd'],
    ['reactStart'],
    ['output', 'y', 1],
    ['reactEnd'],
    ['wrapupStart'],
    ['wrapupEnd'],
  ]);
});

it('16: a monitor has its fields, and counts each event once after monitoring was started again', () => {
  const a = one(pass);
  assert.is(a.getMonitoring(), undefined);
  a.startMonitoring();
  a.stopMonitoring();
  a.startMonitoring();
  a.initialize();
  a.react();
  a.react();
  const monitor = a.getMonitoring();
  assert.is(monitor?.accessorName, 'A');
  assert.equal([monitor?.initialize.count, monitor?.react.count, monitor?.wrapup.count], [1, 2, 0]);
  for (const field of ['startMonitoringTime', 'currentMonitoringTime', 'utilization'] as const) assert.type(monitor?.[field], 'number');
  for (const field of ['count', 'utilization', 'latestStart', 'latestEnd'] as const) assert.type(monitor?.react[field], 'number');
});

it('17: names of two letters are names, and a backslash parts folders too', () => {
  const { host } = testHost({});
  assert.equal(
    ['ab', 'a/bc', 'x\\y\\zz', 'a.js', 'dir/js', 'x.jsy'].map((seed) => host.uniqueName(seed)),
    ['ab', 'bc', 'zz', 'a', 'js', 'x.jsy'],
  );
});

it('19: a contained accessor sees the top-level ones only if its class is trusted', () => {
  const peers =
    "exports.setup = function () { this.parameter('p'); }; exports.initialize = function () { this.seen = getTopLevelAccessors().length; };";
  const { make, host } = testHost({
    'trusted/Peers': peers,
    Peers: peers,
    Top: "exports.setup = function () { this.t = this.instantiate('t', 'trusted/Peers'); };",
    Bad: "exports.setup = function () { this.t = this.instantiate('t', 'Peers'); };",
  });
  const top = make('Top') as AccessorApi & { t: AccessorApi & { seen: number } };
  top.initialize();
  assert.is(top.t.seen, 1);
  assert.throws(() => make('Bad').initialize(), /not permitted/);
  host.allowTrustedAccessors(false);
  assert.throws(() => make('Top').initialize(), /not permitted/);
});

it.run();
