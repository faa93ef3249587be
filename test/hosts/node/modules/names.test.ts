import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edgeModules, NodeHost, nodeModules, pureModules } from '../../../../hosts/node/index.ts';
import { invoke } from '../../../support/run.ts';

const it = suite('modules');
const node = new NodeHost();

for (const [asked, name] of [
  ['@accessors-modules/http-client', 'http-client'],
  ['http-client', 'http-client'],
  ['httpClient', 'http-client'],
  ['webSocketClient', 'web-socket-client'],
  ['webSocket', 'web-socket-client'],
  ['udpSocket', 'udp-socket'],
  ['textDisplay', 'text-display'],
  ['discovery', 'discovery'],
  ['shell/shell', 'shell'],
  ['@accessors-modules/user-interface', 'user-interface'],
] as const) {
  it(`${asked} is ${name}`, () => {
    assert.ok(node.require(asked));
    assert.is(node.require(asked), node.require(name));
  });
}

it('what reaches the world has a name that is its capability', () => {
  assert.equal(
    nodeModules.filter(({ pure }) => pure).map(({ name }) => name),
    [],
  );
  assert.ok(edgeModules.every(({ name }) => /^[a-z][a-z-]+$/.test(name)));
  assert.ok(pureModules.every(({ pure }) => pure));
});

it('a module that no host has is missing, with its name', () => {
  assert.throws(() => node.require('eventbus'), /Cannot find module 'eventbus'/);
});

it('what needs a device says so when it is used, and not before', () => {
  const { Capture } = node.require('audio') as { Capture: new () => unknown };
  const { Camera, cameras, defaultCamera } = node.require('cameras') as {
    Camera: new (name: string) => unknown;
    cameras(): string[];
    defaultCamera(): string | null;
  };
  assert.throws(() => new Capture(), /audio: this host drives no sound card\. Run a program such as arecord/);
  assert.throws(() => new Camera('front'), /no driver for the camera front/);
  assert.equal([cameras(), defaultCamera()], [[], null]);
});

it('the built package loads them from bundles of their own', async () => {
  const { code, stdout, stderr } = await invoke(['-timeout', '10000', 'net/test/auto/WebSocketClientJS']);
  assert.equal([code, stderr], [0, ''], stdout);
});

it.run();
