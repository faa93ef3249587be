import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { library, printed, react, sent } from '../../support/library.ts';

const it = suite('test');

/** The values of one output. */
function values(outputs: readonly [string, unknown][], name = 'output'): unknown[] {
  return outputs.filter(([output]) => output === name).map(([, value]) => value);
}

it('TestAccessor tells type and JSON text, adds p, negates', async () => {
  const accessor = library().run('test/TestAccessor');
  await printed(() => {
    assert.equal(react(accessor, { untyped: { a: [1] } }), {
      typeOfUntyped: 'object',
      jsonOfUntyped: 'JSON for untyped input: {"a":[1]}',
    });
    assert.equal(react(accessor, { untyped: 'x' }), { typeOfUntyped: 'string', jsonOfUntyped: 'JSON for untyped input: "x"' });
    assert.equal(react(accessor, { numeric: 8 }), { numericPlusP: 50 });
    assert.equal(react(accessor, { boolean: false }), { negation: true });
    accessor.setParameter('p', -1);
    assert.equal(react(accessor, { numeric: 8, boolean: true }), { numericPlusP: 7, negation: false });
  });
});

for (const name of ['TestAccessor', 'TestInheritance', 'TestRequire']) {
  it(`${name} prints a line in fire`, async () => {
    const accessor = library().run(`test/${name}`);
    assert.equal((await printed(() => accessor.react())).out, ['TestAccessor.fire() invoked.']);
  });
}

it('TestInheritance overrides formatOutput and reads a property of its base', async () => {
  const accessor = library().run('test/TestInheritance');
  await printed(() => {
    assert.equal(react(accessor, { untyped: 5 }), { typeOfUntyped: 'number', jsonOfUntyped: 'hello' });
    assert.equal(react(accessor, { numeric: 1 }), { numericPlusP: 43 });
  });
});

it('TestRequire overrides formatOutput by one that uses a module', async () => {
  const accessor = library().run('test/TestRequire');
  await printed(() => {
    assert.equal(react(accessor, { untyped: { a: 1 } }).jsonOfUntyped, 'JSON for untyped input: {"a":1}');
  });
});

it('TestImplement has the ports of TestAccessor, and does its numeric part only', async () => {
  const accessor = library().run('test/TestImplement');
  const { out } = await printed(() => assert.equal(react(accessor, { untyped: 1, numeric: 1, boolean: true }), { numericPlusP: 43 }));
  assert.equal(out, []);
});

for (const [name, outputs] of [
  ['TestBaseC', { out1: 1 }],
  ['TestDerivedC', { out1: 2 }],
  ['TestDerivedAgainA', { out1: 2, out2: 2 }],
] as const) {
  it(`${name} sends ${JSON.stringify(outputs)}`, () => {
    assert.equal(react(library().run(`test/${name}`), { in1: 'x' }), outputs);
  });
}

it('TestGain multiplies by its gain', () => {
  const { run } = library();
  assert.equal(react(run('test/TestGain'), { input: 4 }), { scaled: 8 });
  assert.equal(react(run('test/TestGain', { gain: -1.5 }), { input: 4 }), { scaled: -6 });
});

it('TestAdder adds in every reaction', () => {
  const adder = library().run('test/TestAdder');
  assert.equal(react(adder, { inputLeft: 2, inputRight: 3 }), { sum: 5 });
  assert.equal(react(adder, { inputLeft: 2 }), { sum: 2 });
  assert.equal(react(adder, {}), { sum: 0 });
});

it('TestComposite sends five times its input, once', () => {
  const composite = library().run('test/TestComposite');
  const outputs = sent(composite);
  composite.provideInput('input', 10);
  composite.react();
  assert.equal(outputs, [['output', 50]]);
});

it('TestCompositeSpontaneous sends 0, 4, 8, ... every second', async () => {
  const { clock, run } = library();
  const outputs = sent(run('test/TestCompositeSpontaneous'));
  await clock.advance(3999);
  assert.equal(values(outputs), [0, 4, 8]);
});

it('TestSpontaneous counts, the first after one interval, and anew after each initialization', async () => {
  const { clock, run } = library();
  const source = run('test/TestSpontaneous', { interval: 100 });
  const outputs = sent(source);
  await clock.advance(99);
  assert.equal(values(outputs), []);
  await clock.advance(251);
  assert.equal(values(outputs), [0, 1, 2]);
  source.wrapup();
  await clock.advance(1000);
  source.initialize();
  const again = sent(source);
  await clock.advance(250);
  assert.equal(values(outputs), [0, 1, 2]);
  assert.equal(values(again), [0, 1]);
});

it('TestSpontaneousOnce sends its value once, unless it is wrapped up before', async () => {
  const { clock, run } = library();
  const outputs = sent(run('test/TestSpontaneousOnce'));
  const others = sent(run('test/TestSpontaneousOnce', { delay: 10, value: 'x' }));
  const ended = run('test/TestSpontaneousOnce');
  ended.wrapup();
  const none = sent(ended);
  await clock.advance(999);
  assert.equal([outputs, others], [[], [['output', 'x']]]);
  await clock.advance(5000);
  assert.equal([outputs, others, none], [[['output', true]], [['output', 'x']], []]);
});

it('TestFunctions sends what the functions of the host give, or how they fail', () => {
  const outputs = react(library().run('test/TestFunctions'), {});
  assert.equal(Object.keys(outputs), ['getResource', 'httpRequest', 'readURL']);
  for (const text of Object.values(outputs)) assert.match(String(text), /^FAILED: Error: /);
});

it('MochaTest can be instantiated, and says at initialization what is missing', () => {
  const test = library().node.instantiate('mocha', 'test/MochaTest');
  assert.throws(() => test.initialize(), /mocha: this host has no module 'testing'/);
  assert.is(test.initialized, false);
});

it.run();
