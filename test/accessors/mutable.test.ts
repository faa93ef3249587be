import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { library, printed, react, sent } from '../support/library.ts';

const it = suite('mutable');

it('TestGain1 multiplies by 2, TestGain2 by 4 and negates as well', () => {
  const { run } = library();
  assert.equal(react(run('mutable/TestGain1'), { input: 3 }), { scaled: 6 });
  assert.equal(react(run('mutable/TestGain2'), { input: 3 }), { scaled: 12, opScaled: -12 });
});

it('MutableTestGain does nothing until it is reified, then what the other does', () => {
  const gain = library().run('mutable/MutableTestGain');
  assert.equal(react(gain, { input: 3 }), {});
  for (const [name, scaled] of [
    ['mutable/TestGain1', 6],
    ['mutable/TestGain2', 12],
  ] as const) {
    assert.ok(gain.reify(name));
    gain.reifyingAccessor?.initialize();
    assert.equal(react(gain, { input: 3 }), { scaled });
  }
});

for (const base of ['utilities/MutableBase', 'utilities/Mutable']) {
  /** One with the ports of a gain, declared before initialization. */
  const make = () => {
    const { node, clock } = library();
    const mutable = node.instantiate('mutable', base);
    mutable.input('input', { type: 'number' });
    mutable.output('scaled', { type: 'number' });
    mutable.initialize();
    return { mutable, clock, node };
  };

  it(`${base} reifies and initializes a class that arrives`, () => {
    const { mutable } = make();
    assert.equal(react(mutable, { accessor: 'mutable/TestGain2' }), { state: true });
    assert.equal(react(mutable, { input: 5 }), { scaled: 20 });
  });

  it(`${base} reifies source text`, () => {
    const { mutable } = make();
    const source = `exports.setup = function () { this.input('input'); this.output('scaled'); };
      exports.initialize = function () { this.addInputHandler('input', () => this.send('scaled', -this.get('input'))); };`;
    assert.equal(react(mutable, { accessor: source }), { state: true });
    assert.equal(react(mutable, { input: 5 }), { scaled: -5 });
  });

  it(`${base} reifies an instance`, () => {
    const { mutable, node } = make();
    assert.equal(react(mutable, { accessor: node.instantiate('gain', 'test/TestGain') }), { state: true });
    assert.equal(react(mutable, { input: 5 }), { scaled: 10 });
  });

  it(`${base} reifies what GetAccessor sends, parameters and inputs set`, () => {
    const { mutable } = make();
    const accessor = { accessor: 'mutable/TestGain1', parameterMap: { gain: 7 }, inputMap: { input: 2 } };
    assert.equal(react(mutable, { accessor }), { state: true });
    assert.equal(react(mutable, { input: 5 }), { scaled: 35 });
    assert.is(mutable.reifyingAccessor?.inputs.input?.value, 2);
  });

  it(`${base} sends false for what cannot reify it, and drops the one before`, async () => {
    const { mutable } = make();
    react(mutable, { accessor: 'mutable/TestGain1' });
    const { err } = await printed(() => assert.equal(react(mutable, { accessor: 'no such thing' }), { state: false }));
    assert.ok(err.length > 0);
    assert.is(mutable.state, 'unreified');
    assert.equal(react(mutable, { input: 5 }), {});
  });

  it(`${base} sends false when the accessor fails at initialization`, async () => {
    const { mutable } = make();
    const { err } = await printed(() => assert.equal(react(mutable, { accessor: 'test/MochaTest' }), { state: false }));
    assert.match(err.join(), /no module 'testing'/);
    assert.is(mutable.state, 'unreified');
  });

  it(`${base} is not triggered by null; empty text takes the accessor away`, () => {
    const { mutable } = make();
    react(mutable, { accessor: 'mutable/TestGain1' });
    assert.equal(react(mutable, { accessor: null }), {});
    assert.is(mutable.state, 'reified');
    assert.equal(react(mutable, { accessor: '' }), { state: false });
    assert.is(mutable.state, 'unreified');
  });

  it(`${base} works again after a wrapup`, () => {
    const { mutable } = make();
    react(mutable, { accessor: 'mutable/TestGain1' });
    mutable.wrapup();
    assert.is(mutable.state, 'unreified');
    mutable.initialize();
    assert.equal(react(mutable, { accessor: 'mutable/TestGain2' }), { state: true });
    assert.equal(react(mutable, { input: 1 }), { scaled: 4 });
  });
}

it('a reified source sends on its own', async () => {
  const { clock, node } = library();
  const mutable = node.instantiate('mutable', 'utilities/Mutable');
  mutable.output('output');
  mutable.initialize();
  const outputs = sent(mutable);
  react(mutable, { accessor: 'test/TestSpontaneous' });
  await clock.advance(2000);
  assert.equal(outputs.slice(1), [
    ['output', 0],
    ['output', 1],
  ]);
});

it.run();
