import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AccessorApi } from '../../../hosts/common/index.ts';
import { errorsPrinted, testHost } from '../../support/host.ts';

const it = suite('composite');

/** The record that an output of a composite shows of what feeds it. */
function sourceOf(accessor: AccessorApi, output: string): { accessor?: unknown } {
  return (accessor.outputs[output]?.source ?? {}) as { accessor?: unknown };
}

const pass = `
  exports.setup = function () { this.input('x'); this.output('y'); };
  exports.initialize = function () { this.addInputHandler('x', function () { this.send('y', this.get('x')); }); };`;

it('names the accessors on a causality loop that the first accessor is not part of', () => {
  const { make } = testHost({
    Pass: pass,
    Loop: `
      exports.setup = function () {
        var a = this.instantiate('a', 'Pass'), b = this.instantiate('b', 'Pass'), c = this.instantiate('c', 'Pass');
        this.connect(a, 'y', b, 'x'); this.connect(b, 'y', c, 'x'); this.connect(c, 'y', b, 'x');
      };`,
  });
  assert.throws(() => make('Loop').initialize(), /Causality loop found including at least: Loop\.[bc]\b/);
});

it('a composite that cannot be initialized wraps up those inside that were, the last first, and leaves no timer', async () => {
  const { make, host, advance } = testHost({
    Part: "exports.initialize = function () { setInterval(() => { throw new Error('it ticks'); }, 10); };",
    Careless: "exports.wrapup = function () { throw new Error('cannot end'); };",
    Broken: `
      exports.initialize = function () { setTimeout(() => { throw new Error('it ticks'); }, 10); throw new Error('no lamp'); };
      exports.wrapup = function () { throw new Error('was never there'); };`,
    Inner:
      "exports.setup = function () { this.instantiate('b', 'Part'); this.instantiate('c', 'Careless'); this.instantiate('d', 'Broken'); };",
    Top: "exports.setup = function () { this.instantiate('a', 'Part'); this.instantiate('inner', 'Inner'); this.instantiate('e', 'Part'); };",
  });
  const events: string[] = [];
  for (const event of ['initialized', 'wrappedUp', 'abandoned', 'failed'] as const) {
    host.events.on(event, (...[accessor]) => void events.push(`${event} ${accessor.accessorName.replace(/.*\./, '')}`));
  }
  const top = make('Top');
  const printed = errorsPrinted(() => assert.throws(() => top.initialize(), /no lamp/));
  assert.match(printed, /cannot end/);
  assert.equal(events, [
    ...['initialized a', 'initialized b', 'initialized c'],
    ...['abandoned d', 'wrappedUp c', 'failed c', 'wrappedUp b', 'abandoned inner', 'wrappedUp a', 'abandoned Top'],
  ]);
  assert.is(top.isInitialized(), false);
  await advance(100);
  assert.is(events.length, 10); // no timer has failed
});

it('gives names that are free again to new contained accessors', () => {
  const { make } = testHost({
    Pass: pass,
    Mutable: "exports.setup = function () { this.mutable(true); this.input('x'); this.output('y'); };",
  });
  const top = make('Mutable');
  const names = Array.from({ length: 3 }, () => top.instantiate('p', 'Pass').accessorName);
  assert.equal(names, ['Mutable.p', 'Mutable.p2', 'Mutable.p3']);
  for (let i = 0; i < 5; i++) assert.ok(top.reify('Pass'));
  assert.is(top.containedAccessors.length, 4);
  assert.is(top.reifyingAccessor?.accessorName, top.containedAccessors[3]?.accessorName);
});

it('finds 10,000 free names for one seed without looking at all names in use each time', () => {
  const { make } = testHost({ Pass: 'exports.setup = function () {};', Top: 'exports.setup = function () {};' });
  const top = make('Top');
  for (let i = 0; i < 10_000; i++) top.instantiate('p', 'Pass');
  assert.is(top.containedAccessors.at(-1)?.accessorName, 'Top.p10000');
});

it('shows sources and destinations as the specification says, also of what was disconnected', () => {
  const { make } = testHost({
    Pass: pass,
    Top: `
      exports.setup = function () {
        this.input('i'); this.output('o');
        this.p = this.instantiate('p', 'Pass'); this.q = this.instantiate('q', 'Pass');
        this.connect('i', this.p, 'x'); this.connect('i', this.q, 'x'); this.connect(this.p, 'y', 'o'); this.connect(this.q, 'y', 'o');
      };`,
  });
  const top = make('Top');
  const [p, q] = top.containedAccessors;
  if (!p || !q) throw new Error('expected two contained accessors');
  assert.equal(p.inputs.x?.source, 'i');
  assert.is(sourceOf(top, 'o').accessor, q);
  top.disconnect(q, 'y', 'o');
  assert.is(sourceOf(top, 'o').accessor, p);
  top.disconnect(p, 'y', 'o');
  assert.is(top.outputs.o?.source, null);
  assert.equal(top.inputs.i?.destinations, [
    { accessor: p, inputName: 'x' },
    { accessor: q, inputName: 'x' },
  ]);
});

const outputs = ['a', 'b', 'c', 'd', 'e'] as const;
type Change = (top: AccessorApi, from: AccessorApi) => void;

/** Where a value goes that is sent while `change` is made as soon as it reaches `at`; and where the next one goes. */
const ways = (connected: string, at: string, change: Change): [first: string, next: string] => {
  const { make } = testHost({
    Source: "exports.setup = function () { this.output('y'); };",
    Top: `
      exports.setup = function () {
        for (const name of ['a', 'b', 'c', 'd', 'e']) this.output(name);
        var source = this.instantiate('source', 'Source');
        for (const name of '${connected}') this.connect(source, 'y', name);
      };`,
  });
  const top = make('Top');
  const [from] = top.containedAccessors as [AccessorApi];
  let reached = '';
  let changed = false;
  top.on('output', (name) => {
    reached += name;
    if (changed || name !== at) return;
    changed = true;
    change(top, from);
  });
  const sent = (value: number): string => {
    reached = '';
    from.send('y', value);
    const arrived = outputs.filter((name) => top.latestOutput(name) === value).join('');
    assert.is([...new Set(reached)].sort().join(''), arrived);
    return reached;
  };
  return [sent(1), sent(2)];
};
const off =
  (names: string): Change =>
  (top, from) => {
    for (const name of names) top.disconnect(from, 'y', name);
  };
const on =
  (names: string): Change =>
  (top, from) => {
    for (const name of names) top.connect(from, 'y', name);
  };

const join =
  (...changes: readonly Change[]): Change =>
  (top, from) => {
    for (const change of changes) change(top, from);
  };
const swap = (away: string, come: string): Change => join(off(away), on(come));

const cases: [what: string, connected: string, at: string, change: Change, first: string, next: string][] = [
  ['the first is taken away', 'abc', 'a', off('a'), 'abc', 'bc'],
  ['the first two are taken away', 'abcd', 'b', off('ab'), 'abcd', 'cd'],
  ['one in the middle is taken away before', 'abc', 'a', off('b'), 'ac', 'ac'],
  ['the last is taken away when it is reached', 'abc', 'c', off('c'), 'abc', 'ab'],
  ['the last is taken away, and another comes', 'abc', 'a', swap('c', 'd'), 'abd', 'abd'],
  ['all are taken away one by one from behind', 'abc', 'c', off('cba'), 'abc', ''],
  ['others come behind the only one', 'a', 'a', on('bc'), 'abc', 'abc'],
  ['others come behind the last', 'ab', 'b', on('cd'), 'abcd', 'abcd'],
  ['the only one gives its place to another', 'a', 'a', swap('a', 'b'), 'a', 'b'],
  ['both are taken away from behind', 'ab', 'a', off('ba'), 'a', ''],
  ['two of three are taken away from behind', 'abc', 'a', off('ba'), 'ac', 'c'],
  ['the first of two gives its place to another', 'ab', 'a', swap('a', 'c'), 'abc', 'bc'],
  ['the first of two gives its place to another once it is past', 'ab', 'b', swap('a', 'c'), 'abc', 'bc'],
  ['another comes behind the only one, which goes', 'a', 'a', join(on('b'), off('a')), 'ab', 'b'],
  ['another comes and goes behind the only one', 'a', 'a', join(on('b'), off('b')), 'a', 'a'],
  ['the first goes to the end', 'abc', 'a', swap('a', 'a'), 'abca', 'bca'],
];
for (const [what, connected, at, change, first, next] of cases) {
  it(`follows a value whose destinations change while it is on its way: ${what}`, () =>
    assert.equal(ways(connected, at, change), [first, next]));
}

it('says which forms there are when connect is called with something else', () => {
  const { make } = testHost({ Top: 'exports.setup = function () {};' });
  assert.throws(() => make('Top').connect(...([1, 2] as never)), /connect\(\): expected \(accessor, output, accessor, input\)/);
});

it.run();
