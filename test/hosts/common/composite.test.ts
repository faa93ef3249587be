import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AccessorApi } from '../../../hosts/common/index.ts';
import { testHost } from '../../support/host.ts';

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

it('says which forms there are when connect is called with something else', () => {
  const { make } = testHost({ Top: 'exports.setup = function () {};' });
  assert.throws(() => make('Top').connect(...([1, 2] as never)), /connect\(\): expected \(accessor, output, accessor, input\)/);
});

it.run();
