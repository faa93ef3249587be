import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AccessorApi } from '../../../hosts/common/index.ts';
import { library, react, sent } from '../../support/library.ts';

const it = suite('TrainableTest');

function test(correctValues: unknown, parameters: Readonly<Record<string, unknown>> = {}): AccessorApi {
  return library().run('test/TrainableTest', { correctValues, ...parameters });
}

function show(value: unknown): string {
  return value instanceof Date ? 'a date' : (JSON.stringify(value) ?? String(value));
}

const right: readonly [input: unknown, correct: unknown][] = [
  [1, 1],
  [1 + 0.9e-9, 1],
  [1 - 0.9e-9, 1],
  [Number.NaN, Number.NaN],
  [Infinity, Infinity],
  [-0, 0],
  [true, true],
  [false, false],
  ['a', 'a'],
  ['', ''],
  ['1', '1'],
  ['{"a":1}', '{"a":1}'],
  ['{ "b": 2, "a": 1 }', { a: 1, b: 2 }],
  [{ a: 1, b: 2 }, '{"a":1,"b":2}'],
  ['[1,2]', [1, 2]],
  [
    { a: 1, b: [{ c: null }] },
    { b: [{ c: null }], a: 1 },
  ],
  [[], []],
  [
    [1, [2, 'x']],
    [1, [2, 'x']],
  ],
  [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  [new Date(5), new Date(5)],
];
for (const [input, correct] of right) {
  it(`takes ${typeof input} ${show(input)} for ${typeof correct} ${show(correct)}`, () => {
    assert.equal(react(test([correct]), { input }), { output: true });
  });
}

const wrong: readonly [input: unknown, correct: unknown][] = [
  [1, 2],
  [1 + 1.1e-9, 1],
  [Number.NaN, 1],
  [Infinity, -Infinity],
  [true, false],
  [1, true],
  [0, false],
  [1, '1'],
  ['1', 1],
  ['a', 'b'],
  ['a', ''],
  ['{"a":1}', '{ "a": 1 }'],
  ['{"a":1}', { a: 2 }],
  ['{"a":1', { a: 1 }],
  [{ a: 1 }, '{"a":2}'],
  [{ a: 1 }, { a: 2 }],
  [{ a: 1 }, { b: 1 }],
  [{ a: 1 }, { a: 1, b: undefined }],
  [{ a: { b: 1 } }, { a: { b: 2 } }],
  [
    [1, 2],
    [1, 3],
  ],
  [[1, 2], [1]],
  [[], {}],
  [{}, 1],
  [1, {}],
  [{}, null],
  [new Date(5), new Date(6)],
];
for (const [input, correct] of wrong) {
  it(`does not take ${typeof input} ${show(input)} for ${typeof correct} ${show(correct)}`, () => {
    const accessor = test([correct]);
    accessor.provideInput('input', input);
    assert.throws(() => accessor.react(), /After seeing 0 tokens/);
  });
}

it('sends false after each input, true after the last correct value and for all beyond', () => {
  const accessor = test([1, 'b', true]);
  const outputs = sent(accessor);
  for (const input of [1, 'b', true, 'anything', 5]) react(accessor, { input });
  assert.equal(
    outputs.map(([, value]) => value),
    [false, false, true, true, true],
  );
  accessor.wrapup();
});

it('names both values and how many were right in the error, and counts no value that was wrong', () => {
  const accessor = test([1, 'two', 3]);
  react(accessor, { input: 1 });
  accessor.provideInput('input', 'zwei');
  assert.throws(() => accessor.react(), /After seeing 1 tokens.*"zwei".*"two"/);
  assert.throws(() => accessor.wrapup(), /produced only 1 tokens/);
});

it('has a tolerance for numbers', () => {
  assert.equal(react(test([10], { tolerance: 0.5 }), { input: 10.5 }), { output: true });
  const exact = test([10], { tolerance: 0 });
  exact.provideInput('input', 10.000001);
  assert.throws(() => exact.react());
});

it('wants [0] by default', () => {
  assert.equal(react(library().run('test/TrainableTest'), { input: 0 }), { output: true });
});

it('at wrapup, too few inputs are an error', () => {
  const accessor = test([1, 2, 3]);
  react(accessor, { input: 1 });
  assert.throws(() => accessor.wrapup(), /^The test produced only 1 tokens, yet the correctValues parameter was expecting 3 tokens/);
});

it('at wrapup, no input at all is an error', () => {
  assert.throws(() => test([1]).wrapup(), /^The input handler of this accessor was never invoked\. /);
});

it('counts anew after each initialization', () => {
  const accessor = test([1, 2]);
  react(accessor, { input: 1 });
  react(accessor, { input: 2 });
  accessor.wrapup();
  accessor.initialize();
  assert.equal(react(accessor, { input: 1 }), { output: false });
  assert.throws(() => accessor.wrapup(), /produced only 1 tokens/);
});

it('in training mode collects the inputs, and has learnt them after wrapup', () => {
  const accessor = test([0], { trainingMode: true });
  for (const input of [5, 'x', { a: 1 }]) assert.equal(react(accessor, { input }), { output: false });
  accessor.wrapup();
  assert.equal(accessor.getParameter('correctValues'), [5, 'x', { a: 1 }]);
  accessor.setParameter('trainingMode', false);
  accessor.initialize();
  react(accessor, { input: 5 });
  react(accessor, { input: 'x' });
  assert.equal(react(accessor, { input: { a: 1 } }), { output: true });
  accessor.wrapup();
});

it('says so when correctValues is no array', () => {
  const accessor = test('[1]');
  accessor.provideInput('input', 1);
  assert.throws(() => accessor.react(), /correctValues should be an array, got "\[1\]"/);
});

it.run();
