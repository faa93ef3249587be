import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Host } from '../../../hosts/common/index.ts';
import { compile } from '../../../hosts/node/index.ts';
import { library, printed, react, sent } from '../../support/library.ts';

const it = suite('HostName, Stop, TextDisplay');

it('HostName sends the name of the host at initialization', () => {
  const hostName = library().node.instantiate('it', 'utilities/HostName');
  const outputs = sent(hostName);
  hostName.initialize();
  assert.equal(outputs, [['hostName', 'Node']]);
});

it('HostName sends the name that the host was given', () => {
  const { node, clock } = library();
  const host = new Host({ clock, compile, load: node.host.load, hostName: 'Box' });
  const hostName = host.instantiate('it', 'utilities/HostName');
  hostName.initialize();
  assert.is(hostName.latestOutput('hostName'), 'Box');
});

it('Stop stops the whole swarmlet at a true value and does nothing at a false one', async () => {
  const { clock, node } = library();
  const code = `exports.setup = function () {
    this.input('stop');
    const inner = this.instantiateFromCode('inner', \`exports.setup = function () {
      this.input('stop'); this.connect('stop', this.instantiate('stop', 'utilities/Stop'), 'stop');
    };\`);
    this.connect('stop', inner, 'stop');
  };`;
  const top = node.host.instantiateFromCode('top', code);
  top.initialize();
  for (const [value, running] of [
    [false, true],
    [0, true],
    [true, false],
  ] as const) {
    top.provideInput('stop', value);
    await clock.run();
    assert.is(top.initialized, running);
  }
});

for (const [input, text] of [
  ['plain', "'plain'"],
  ['"q"', "'q'"],
  ['{"a":[1]}', '{ a: [ 1 ] }'],
  ['5', '5'],
  ['true', 'true'],
  [5, '5'],
  [false, 'false'],
  [{ a: { b: { c: { d: { e: 1 } } } } }, '{\n  a: {\n    b: { c: { d: { e: 1 } } }\n  }\n}'],
] as const) {
  it(`TextDisplay shows ${JSON.stringify(input)} as ${text.replaceAll('\n', ' ')}`, async () => {
    const display = library().run('utilities/TextDisplay');
    const { out } = await printed(() => assert.equal(react(display, { input }), { output: text }));
    assert.equal(out, [`TextDisplay: ${text}`]);
  });
}

it('TextDisplay is not triggered by null, and keeps the title of its first initialization', async () => {
  const display = library().run('utilities/TextDisplay', { title: 'lamp' });
  const { out } = await printed(() => {
    assert.equal(react(display, { input: null }), {});
    react(display, { input: 1 });
    display.wrapup();
    display.setParameter('title', 'other');
    display.initialize();
    react(display, { input: 2 });
  });
  assert.equal(out, ['lamp: 1', 'lamp: 2']);
});

it.run();
