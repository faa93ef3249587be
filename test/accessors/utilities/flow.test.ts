import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AccessorApi } from '../../../hosts/common/index.ts';
import { bundleRuntime, image, openTier, run as runIsolated } from '../../support/isolate.ts';
import { library, printed, react } from '../../support/library.ts';

const it = suite('Throttle, Debounce, Delay, RateLimit, Merge, Filter, Map, Template, Smooth, Threshold');

type Timed = [ms: number, output: string, value: unknown];

/** Gives each value to `input` at its time; what was sent, and when, until `ms`. */
async function timeline(
  accessorClass: string,
  parameters: Readonly<Record<string, unknown>>,
  inputs: readonly (readonly [ms: number, value: unknown])[],
  ms: number,
): Promise<Timed[]> {
  const { clock, run } = library();
  const accessor = run(accessorClass, parameters);
  const seen: Timed[] = [];
  accessor.on('output', (name, value) => seen.push([clock.now(), name, value]));
  for (const [at, value] of inputs) {
    await clock.advance(at - clock.now());
    accessor.provideInput('input', value);
    accessor.react();
  }
  await clock.advance(ms - clock.now());
  return seen;
}

const outputs = (timed: readonly Timed[]): [number, unknown][] => timed.map(([ms, , value]) => [ms, value]);
const a = { toString: () => 'an object' };

it('Throttle sends at once, then the latest at the end of each interval', async () => {
  const inputs = [0, 10, 20, 150, 250, 500].map((ms) => [ms, ms] as const);
  const seen = await timeline('utilities/Throttle', { interval: 100 }, inputs, 1000);
  assert.equal(outputs(seen), [
    [0, 0],
    [100, 20],
    [200, 150],
    [300, 250],
    [500, 500],
  ]);
});

it('Debounce sends the latest input after the quiet time', async () => {
  const inputs = [0, 60, 120, 300].map((ms) => [ms, ms] as const);
  const seen = await timeline('utilities/Debounce', { quiet: 100 }, inputs, 1000);
  assert.equal(outputs(seen), [
    [220, 120],
    [400, 300],
  ]);
});

it('Delay sends each input later, in order and as it is', async () => {
  const seen = await timeline(
    'utilities/Delay',
    { delay: 50 },
    [
      [0, 1],
      [0, a],
      [20, false],
    ],
    1000,
  );
  assert.equal(outputs(seen), [
    [50, 1],
    [50, a],
    [70, false],
  ]);
});

it('Delay without a delay breaks a loop of connections', async () => {
  const { clock, node } = library();
  const code = `exports.setup = function () {
    this.input('start'); this.output('count');
    const next = this.instantiate('next', 'utilities/Map');
    next.setParameter('expression', 'value < 3 ? value + 1 : undefined');
    const delay = this.instantiate('delay', 'utilities/Delay');
    delay.setParameter('delay', 0);
    this.connect('start', next, 'input');
    this.connect(next, 'output', delay, 'input');
    this.connect(delay, 'output', next, 'input');
    this.connect(delay, 'output', 'count');
  };`;
  const loop = node.host.instantiateFromCode('loop', code);
  loop.initialize();
  const seen: unknown[] = [];
  loop.on('output', (_, value) => seen.push([clock.now(), value]));
  loop.provideInput('start', 0);
  await clock.run();
  assert.equal(seen, [
    [0, 1],
    [0, 2],
    [0, 3],
  ]);
});

it('RateLimit sends so many in any interval, keeps the order, and drops what finds no room', async () => {
  const inputs = [0, 40, 50, 60, 70, 80].map((ms) => [ms, ms] as const);
  const seen = await timeline('utilities/RateLimit', { count: 2, interval: 100, waiting: 3 }, inputs, 1000);
  assert.equal(seen, [
    [0, 'output', 0],
    [40, 'output', 40],
    [80, 'dropped', 80],
    [100, 'output', 50],
    [140, 'output', 60],
    [200, 'output', 70],
  ]);
});

it('RateLimit without room to wait drops at once', async () => {
  const inputs = [
    [0, 'a'],
    [999, 'b'],
    [1000, 'c'],
  ] as const;
  assert.equal(await timeline('utilities/RateLimit', { waiting: 0 }, inputs, 5000), [
    [0, 'output', 'a'],
    [999, 'dropped', 'b'],
    [1000, 'output', 'c'],
  ]);
});

for (const name of ['Throttle', 'Debounce', 'Delay', 'RateLimit']) {
  it(`${name} sends nothing after it was wrapped up, and begins anew when it is initialized again`, async () => {
    const { clock, run } = library();
    const accessor = run(`utilities/${name}`);
    const give = (value: unknown): unknown => react(accessor, { input: value });
    give(1);
    give(2);
    accessor.wrapup();
    const seen: unknown[] = [];
    accessor.on('output', (_, value) => seen.push(value));
    await clock.advance(10_000);
    assert.equal(seen, []);
    accessor.initialize();
    give(3);
    await clock.advance(10_000);
    assert.equal(seen, [3]);
  });
}

it('Merge joins the latest fields of all objects, once for each reaction', async () => {
  const { clock, node } = library();
  const code = `exports.setup = function () {
    this.input('a'); this.input('b'); this.output('output');
    const merge = this.instantiate('merge', 'utilities/Merge');
    merge.setParameter('fields', ['x', 'y']);
    this.connect('a', merge, 'input'); this.connect('b', merge, 'input'); this.connect(merge, 'output', 'output');
  };`;
  const both = node.host.instantiateFromCode('both', code);
  both.initialize();
  const seen: unknown[] = [];
  both.on('output', (_, value) => seen.push(value));
  for (const inputs of [{ a: { x: 1 } }, { b: { z: 0 } }, { a: { x: 2 }, b: { y: 3 } }, { b: { x: 4 } }]) {
    for (const [name, value] of Object.entries(inputs)) both.provideInput(name, value);
    await clock.run();
  }
  assert.equal(seen, [
    { x: 2, z: 0, y: 3 },
    { x: 4, z: 0, y: 3 },
  ]);
});

it('Merge waits for nothing by default, forgets at initialization, and takes any name of a field', () => {
  const merge = library().run('utilities/Merge');
  const own = JSON.parse('{"__proto__": 1}');
  assert.equal(react(merge, { input: { a: 1 } }), { output: { a: 1 } });
  assert.is(JSON.stringify(react(merge, { input: own }).output), '{"a":1,"__proto__":1}');
  merge.wrapup();
  merge.initialize();
  assert.equal(react(merge, { input: { b: 2 } }), { output: { b: 2 } });
});

it('Filter sends what its condition holds for', () => {
  const filter = library().run('utilities/Filter', { condition: 'value.battery < 20' });
  assert.equal(react(filter, { input: { battery: 19 } }), { output: { battery: 19 } });
  assert.equal(react(filter, { input: { battery: 20 } }), {});
  assert.equal(react(library().run('utilities/Filter'), { input: 0 }), { output: 0 });
});

it('Map sends what its expression makes, and nothing for undefined', () => {
  const map = library().run('utilities/Map', { expression: 'value > 0 ? { root: Math.sqrt(value) } : undefined // positive' });
  assert.equal(react(map, { input: 9 }), { output: { root: 3 } });
  assert.equal(react(map, { input: -9 }), {});
  assert.equal(react(library().run('utilities/Map'), { input: 'as it is' }), { output: 'as it is' });
});

it('Template puts fields into its text', () => {
  const filled = (template: string, input: unknown): unknown => react(library().run('utilities/Template', { template }), { input }).output;
  assert.is(filled('{{room}}: {{ air.0.degrees }}, {{air}}', { room: 'B3', air: [{ degrees: 21 }] }), 'B3: 21, [{"degrees":21}]');
  assert.is(filled('<{{none}}{{toString}}{{room.length}}>', { room: 'B3' }), '<>');
  assert.is(filled('{{}} and {{}}', 'text $&'), 'text $& and text $&');
  assert.is(filled('{{}}', [1, null]), '[1,null]');
  assert.is(filled('{ {x} }', { x: 1 }), '{ {x} }');
});

it('Smooth moves towards its input by the factor', () => {
  const smooth = library().run('utilities/Smooth', { factor: 0.5 });
  assert.equal(
    [0, 8, 8, '-6'].map((input) => react(smooth, { input }).output),
    [0, 4, 6, 0],
  );
});

it('Threshold tells changes, with hysteresis, and the first clear input', () => {
  const threshold = library().run('utilities/Threshold', { high: 22, low: 21 });
  const sentFor = (...inputs: number[]): unknown[] => inputs.map((input) => react(threshold, { input }).output);
  assert.equal(sentFor(21.5, 21, 20, 21.5, 22, 23, 21.1, 21), [undefined, false, undefined, undefined, true, undefined, undefined, false]);
});

for (const [name, parameters, message] of [
  ['Throttle', { interval: 0 }, 'it: interval should be more than 0 ms, got 0'],
  ['Debounce', { quiet: -1 }, 'it: quiet should be 0 ms or more, got -1'],
  ['Delay', { delay: 'soon' }, 'it: delay should be 0 ms or more, got NaN'],
  ['RateLimit', { interval: -1 }, 'it: interval should be more than 0 ms, got -1'],
  ['RateLimit', { count: 0 }, 'it: count should be a whole number of 1 or more, got 0'],
  ['RateLimit', { waiting: -1 }, 'it: waiting should be a whole number of 0 or more, got -1'],
  ['Merge', { fields: 'x' }, 'it: fields should be an array of names, got "x"'],
  ['Filter', { condition: 'value <' }, 'it: condition is no JavaScript expression of value: value <: SyntaxError'],
  ['Map', { expression: 'let x' }, 'it: expression is no JavaScript expression of value: let x: SyntaxError'],
  ['Smooth', { factor: 1.5 }, 'it: factor should be more than 0 and at most 1, got 1.5'],
  ['Threshold', { high: 1, low: 1 }, 'it: low should be less than high, got 1 and 1'],
] as const) {
  it(`${name} refuses ${JSON.stringify(parameters)} at initialization`, () => {
    const accessor = library().node.instantiate('it', `utilities/${name}`);
    for (const [parameter, value] of Object.entries(parameters)) accessor.setParameter(parameter, value);
    assert.throws(
      () => accessor.initialize(),
      (error: Error) => error.message.startsWith(message),
    );
  });
}

/** What is reported for an input that cannot be used, and that the next one is taken. */
async function ignores(accessor: AccessorApi, bad: unknown, report: RegExp, good: unknown): Promise<void> {
  const { err } = await printed(() => assert.equal(react(accessor, { input: bad }), {}));
  assert.match(err.join('\n'), report);
  assert.is(Object.keys(react(accessor, { input: good })).length, 1);
}

it('reports an input that cannot be used and goes on', async () => {
  const { run } = library();
  await ignores(run('utilities/Merge'), [1], /should be an object, got \[1\]/, { a: 1 });
  await ignores(run('utilities/Filter', { condition: 'value.a.b' }), {}, /condition value\.a\.b failed for \{\}: TypeError/, {
    a: { b: 1 },
  });
  await ignores(run('utilities/Map', { expression: 'value.a.b' }), {}, /expression value\.a\.b failed for \{\}: TypeError/, {
    a: { b: 1 },
  });
  await ignores(run('utilities/Smooth'), 'warm', /finite number, got warm/, 1);
  await ignores(run('utilities/Smooth'), Number.POSITIVE_INFINITY, /finite number, got Infinity/, 1);
  await ignores(run('utilities/Threshold'), 'warm', /should be a number, got warm/, 1);
});

it('all of them work in an isolate', async () => {
  const { node } = library();
  const parameters = { Map: "expression: 'value * 2'", Filter: "condition: 'value > 1'", Delay: 'delay: 1', Debounce: 'quiet: 1' };
  const chain = ['Map', 'Filter', 'Throttle', 'RateLimit', 'Delay', 'Smooth', 'Debounce', 'Template'];
  const aside = ['Threshold', 'Merge'];
  const code = `exports.setup = function () {
    this.input('in'); this.output('out'); this.output('Threshold'); this.output('Merge');
    const parts = {};
    for (const name of ${JSON.stringify([...chain, ...aside])}) parts[name] = this.instantiate(name, 'utilities/' + name);
    const parameters = { ${Object.entries(parameters)
      .map(([name, set]) => `${name}: { ${set} }`)
      .join(', ')} };
    for (const [name, set] of Object.entries(parameters))
      for (const [parameter, value] of Object.entries(set)) parts[name].setParameter(parameter, value);
    let last;
    for (const name of ${JSON.stringify(chain)}) {
      if (last) this.connect(last, 'output', parts[name], 'input'); else this.connect('in', parts[name], 'input');
      last = parts[name];
    }
    this.connect(last, 'output', 'out');
    const wrap = this.instantiate('wrap', 'utilities/Map');
    wrap.setParameter('expression', '({ value })');
    this.connect('in', wrap, 'input');
    this.connect(wrap, 'output', parts.Merge, 'input');
    this.connect('in', parts.Threshold, 'input');
    for (const name of ${JSON.stringify(aside)}) this.connect(parts[name], 'output', name);
  };`;
  const others = Object.fromEntries(
    [...chain, ...aside].map((name) => [`utilities/${name}.js`, node.getAccessorCode(`utilities/${name}`)]),
  );
  const tier = await openTier(bundleRuntime());
  try {
    const { isolate, watcher } = await runIsolated(tier, image(code, { others }));
    await isolate.provideInput('in', 4);
    await watcher.until(() => watcher.values('out').length > 0);
    assert.equal(Object.fromEntries(watcher.outputs), { out: '8', Threshold: true, Merge: { value: 4 } });
    await isolate.wrapup();
  } finally {
    await tier.close();
  }
});

it.run();
