import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Observer, structureLimits, structureOf, viewLimits } from '../../../hosts/common/index.ts';
import { testHost } from '../../support/host.ts';

const it = suite('observer');

const classes = {
  Gain: `
    exports.setup = function () { this.input('in'); this.parameter('k', {value: 2}); this.output('out'); };
    exports.initialize = function () {
      this.addInputHandler('in', function () { this.send('out', this.get('in') * this.getParameter('k')); }.bind(this));
    };`,
  Pair: `
    exports.setup = function () {
      this.input('x'); this.output('y');
      var a = this.instantiate('a', 'Gain'), b = this.instantiate('b', 'Gain');
      this.connect('x', a, 'in'); this.connect(a, 'out', b, 'in'); this.connect(b, 'out', 'y');
    };`,
  Top: `
    exports.setup = function () {
      this.input('go'); this.output('done');
      var pair = this.instantiate('pair', 'Pair');
      this.connect('go', pair, 'x'); this.connect(pair, 'y', 'done');
    };
    exports.fire = function () { if (this.get('go') === 'grow') this.instantiate('more', 'Gain'); };`,
};

const give = (top: ReturnType<ReturnType<typeof testHost>['make']>, value: unknown): void => {
  top.provideInput('go', value);
  top.react();
};

it('tells the structure as lists, containers first, ports by number', () => {
  const { structure } = structureOf(testHost(classes).make('Top').core);
  assert.equal(
    structure.nodes.map(({ name, class: ofClass, parent }) => [name, ofClass, parent]),
    [
      ['Top', 'Top', -1],
      ['Top.pair', 'Pair', 0],
      ['Top.pair.a', 'Gain', 1],
      ['Top.pair.b', 'Gain', 1],
    ],
  );
  assert.equal(structure.nodes[2]?.parameters, ['k']);
  const names = structure.nodes.flatMap(({ name, inputs, outputs }) => [...inputs, ...outputs].map((port) => `${name}.${port}`));
  assert.equal(
    structure.edges.map(([from, to]) => `${names[from]} > ${names[to]}`),
    [
      'Top.go > Top.pair.x',
      'Top.pair.x > Top.pair.a.in',
      'Top.pair.y > Top.done',
      'Top.pair.a.out > Top.pair.b.in',
      'Top.pair.b.out > Top.pair.y',
    ],
  );
  assert.is(structure.omitted, 0);
});

it('counts reactions and values from the first look on, and tells each change once', () => {
  const top = testHost(classes).make('Top');
  top.initialize();
  give(top, 1);
  const observer = new Observer(top.core);
  const first = observer.look(0);
  assert.is(first.revision, 1);
  assert.is(first.structure?.nodes.length, 4);
  assert.equal([first.reactions, first.values], [[], []]);
  give(top, 3);
  give(top, 5);
  const second = observer.look(1);
  assert.is(second.structure, undefined);
  assert.equal(
    second.reactions,
    [0, 1, 2, 3].map((node) => [node, 2]),
  );
  const names = ['go', 'done', 'error', 'x', 'y', 'error', 'a.in', 'a.out', 'error', 'b.in', 'b.out', 'error'];
  assert.equal(
    second.values.map(([port, count, text]) => [names[port], count, text]),
    [
      ['go', 2, '5'],
      ['done', 2, '20'],
      ['x', 2, '5'],
      ['y', 2, '20'],
      ['a.in', 2, '5'],
      ['a.out', 2, '10'],
      ['b.in', 2, '10'],
      ['b.out', 2, '20'],
    ],
  );
  assert.equal([observer.look(1).reactions, observer.look(1).values], [[], []]);
  assert.is(observer.look(0).values.length, 8, 'whoever knows nothing is told everything');
});

it('tells a new structure when one came, and hears those that came with it', async () => {
  const top = testHost(classes).make('Top');
  top.initialize();
  const { now } = Date;
  let time = 0;
  Date.now = () => time;
  try {
    const observer = new Observer(top.core);
    observer.look(0);
    give(top, 'grow');
    time = 5000;
    const view = observer.look(1);
    assert.is(view.revision, 2);
    assert.ok(view.structure?.nodes.some(({ name }) => name === 'Top.more'));
  } finally {
    Date.now = now;
  }
});

it('leaves nothing behind when it is closed', () => {
  const top = testHost(classes).make('Top');
  top.initialize();
  const observer = new Observer(top.core);
  assert.ok(top.core.events.eventNames().includes('reactStart'));
  observer.close();
  assert.equal(top.core.events.eventNames(), []);
});

it('stays within its bounds, whatever the swarmlet is like', () => {
  const many = `exports.setup = function () {
    for (var i = 0; i < 300; i++) this.output('o' + i + '_'.repeat(500));
    for (var j = 0; j < 3000; j++) this.instantiate('inner' + j, 'Small');
  };`;
  const top = testHost({ Many: many, Small: `exports.setup = function () { this.output('v'); };` }).make('Many');
  const { structure } = structureOf(top.core);
  assert.is(structure.nodes.length, structureLimits.nodes);
  assert.is(structure.omitted, 3001 - structureLimits.nodes);
  assert.is(structure.nodes[0]?.outputs[0]?.length, structureLimits.nameLength);
  assert.ok(JSON.stringify(structure).length < 1024 * 1024);
  const observer = new Observer(top.core);
  observer.look(0);
  for (const inner of top.containedAccessors) inner.send('v', 'x'.repeat(10_000));
  const { values } = observer.look(1);
  assert.is(values.length, viewLimits.values);
  assert.ok(values.every(([, , text]) => text.length <= viewLimits.preview));
  assert.is(observer.look(1).values.length, structureLimits.nodes - 1 - viewLimits.values, 'the others come next');
});

it.run();
