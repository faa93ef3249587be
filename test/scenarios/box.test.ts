import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AccessorApi } from '../../hosts/common/index.ts';
import { NodeHost, packageRoot } from '../../hosts/node/index.ts';
import { silentLog } from '../../src/audit/index.ts';
import { runBox } from '../../src/box.ts';
import { connect, keyPairSigner } from '../../src/client/index.ts';
import { Deployment } from '../../src/deployment.ts';
import { BoxIdentity } from '../../src/identity/index.ts';
import { folderWith } from '../support/folder.ts';
import { rejection } from '../support/rejection.ts';
import { alice } from '../support/service.ts';
import { deployOf, sealed, trustLine } from '../support/signed.ts';
import { within } from '../support/socket-client.ts';

const settings = {
  plugins: [],
  discovery: null,
  sources: null,
  sinks: null,
  modules: null,
  tiers: null,
  file: undefined,
  adminNames: [],
  adminReload: true,
  onRevoke: 'stop',
  pool: 2,
  swarmlets: 256,
  logLevel: 'info',
  logFormat: 'auto',
  tls: null,
  policy: null,
  limits: null,
} as const;
const it = suite('boxes built from accessors');
const ends: (() => unknown)[] = [];
it.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const folderOf = (files: Record<string, string> = {}): string => {
  const folder = folderWith(files);
  ends.push(() => folder.remove());
  return folder.path;
};

/** A host with the sources of the accessors and a deployment module of its own. */
function hostOf(deployment: Deployment): NodeHost {
  const modules = [{ name: 'deployment', pure: false, create: () => deployment }];
  return new NodeHost({ modules, accessorPath: [join(packageRoot, 'accessors')] });
}

interface Instance {
  readonly accessor: AccessorApi;
  /** The first value of an output that fits, also one that was sent before. */
  output(port: string, fits?: (value: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
}

/** A top-level accessor that runs until the test ends. */
function instance(deployment: Deployment, accessorClass: string, parameters: Record<string, unknown> = {}): Instance {
  const accessor = hostOf(deployment).instantiate('test', accessorClass);
  return running(accessor, deployment, parameters);
}

function running(accessor: AccessorApi, deployment: Deployment, parameters: Record<string, unknown>): Instance {
  for (const [name, value] of Object.entries(parameters)) accessor.setParameter(name, value);
  const sent: { readonly port: string; readonly value: unknown }[] = [];
  let waiting: (() => void)[] = [];
  accessor.on('output', (port, value) => {
    sent.push({ port, value });
    const looks = waiting;
    waiting = [];
    for (const look of looks) look();
  });
  accessor.initialize();
  ends.push(async () => {
    if (accessor.initialized) accessor.wrapup();
    await deployment.ended();
  });
  return {
    accessor,
    output: (port, fits = () => true) =>
      within(
        new Promise((resolve) => {
          const look = (): void => {
            const found = sent.find((one) => one.port === port && fits(one.value as Record<string, unknown>));
            if (found) resolve(found.value as Record<string, unknown>);
            else waiting.push(look);
          };
          look();
        }),
        `output ${port}`,
      ),
  };
}

const CODE = `
exports.setup = function () { this.input('in'); this.output('out'); };
exports.initialize = function () {
  this.addInputHandler('in', function () { this.send('out', this.get('in') * 2); }.bind(this));
  this.send('out', 'first');
};`;

it('takes signed statements by an input, commands without one, and values for its swarmlets', async () => {
  const trusted = folderOf({ trusted_keys: trustLine('alice@lab', alice) });
  const box = instance(new Deployment(silentLog), 'deployment/Deployer', { isolation: 'P1', trustedKeys: join(trusted, 'trusted_keys') });
  box.accessor.provideInput('envelope', JSON.stringify(sealed(deployOf('double', 1, CODE), alice)));
  box.accessor.react();
  const deployed = await box.output('deployed');
  assert.equal([deployed.swarmlet, deployed.state, deployed.principal], ['double', 'running', 'alice@lab']);
  assert.equal(await box.output('output'), { swarmlet: 'double', port: 'out', value: 'first' });
  box.accessor.provideInput('provide', { swarmlet: 'double', port: 'in', value: 21 });
  box.accessor.react();
  assert.is((await box.output('output', ({ value }) => value === 42)).swarmlet, 'double');
  box.accessor.provideInput('command', { action: 'undeploy', swarmlet: 'double' });
  box.accessor.react();
  assert.is((await box.output('state', ({ to }) => to === 'stopped')).swarmlet, 'double');
});

it('sends what was refused, and why', async () => {
  const box = instance(new Deployment(silentLog), 'deployment/Deployer');
  box.accessor.provideInput('envelope', sealed(deployOf('double', 1, CODE), alice));
  box.accessor.react();
  const rejected = await box.output('rejected');
  assert.equal([rejected.code, rejected.principal], ['UNTRUSTED_KEY', null]);
  box.accessor.provideInput('provide', { port: 'in' });
  box.accessor.react();
  await box.output('rejected', ({ code }) => code === 'MALFORMED');
});

it('sends why it does not work', async () => {
  const folder = folderOf({ trusted_keys: 'nonsense\n' });
  const bad = instance(new Deployment(silentLog), 'deployment/Deployer', { trustedKeys: join(folder, 'trusted_keys') });
  assert.match(String(await bad.output('error')), 'trusted_keys:1');
  const first = new Deployment(silentLog);
  instance(first, 'deployment/Deployer', { listen: '127.0.0.1:0' });
  const port = await within(
    new Promise((resolve) => first.deployers[0]?.on('ready', () => resolve(first.deployers[0]?.service?.address?.port))),
    'a box',
  );
  const second = instance(new Deployment(silentLog), 'deployment/Deployer', { listen: `127.0.0.1:${port}` });
  assert.match(String(await second.output('error')), 'in use');
});

it('pushes RampJSTest from a swarmlet of one box to another box that trusts its key', async () => {
  const stateOfA = folderOf();
  const keyOfA = BoxIdentity.open(stateOfA).keys;
  const trusted = folderOf({ trusted_keys: trustLine('box:A', keyOfA) });
  const b = new Deployment(silentLog);
  const trusting = { listen: '127.0.0.1:0', isolation: 'P1', trustedKeys: join(trusted, 'trusted_keys') };
  const boxB = instance(b, 'deployment/Deployer', trusting);
  const url = await within(new Promise((resolve) => b.deployers[0]?.on('ready', ({ deploy }) => resolve(deploy))), 'box B');

  const a = new Deployment(silentLog);
  const swarmlet = hostOf(a).host.instantiateFromCode(
    'a',
    `exports.setup = function () {
       this.output('deployed');
       this.output('progress');
       this.output('error');
       this.parameter('state');
       this.parameter('peer');
       this.box = this.instantiate('box', 'deployment/Deployer');
       this.push = this.instantiate('push', 'deployment/Push');
       this.connect(this.push, 'deployed', 'deployed');
       this.connect(this.push, 'progress', 'progress');
       this.connect(this.push, 'error', 'error');
       this.once('initializeStart', function () { this.box.setParameter('state', this.getParameter('state')); });
     };
     exports.initialize = function () {
       this.push.provideInput('box', this.getParameter('peer'));
       this.push.provideInput('swarmlet', { source: 'test/auto/RampJSTest', name: 'ramp' });
     };`,
  );
  const boxA = running(swarmlet, a, { state: stateOfA, peer: url });
  const deployed = await boxA.output('deployed');
  assert.equal([deployed.swarmlet, deployed.state, deployed.principal], ['ramp', 'running', 'box:A']);
  await boxA.output('progress', ({ step }) => step === 'connected');
  const completed = await boxB.output('state', ({ to }) => to === 'completed' || to === 'failed');
  assert.equal([completed.swarmlet, completed.to], ['ramp', 'completed']);
});

it('refuses a push to a peer that does not trust it, and says so', async () => {
  const b = new Deployment(silentLog);
  instance(b, 'deployment/Deployer', { listen: '127.0.0.1:0' });
  const url = await within(new Promise((resolve) => b.deployers[0]?.on('ready', ({ deploy }) => resolve(deploy))), 'box B');
  const state = folderOf();
  BoxIdentity.open(state);
  const push = instance(new Deployment(silentLog), 'deployment/Push', { identity: state });
  push.accessor.provideInput('box', url);
  push.accessor.provideInput('swarmlet', 'exports.setup = function () {};');
  push.accessor.react();
  assert.is((await push.output('rejected')).code, 'UNTRUSTED_KEY');
  assert.match(String(await push.output('error')), 'trust add');
});

it('runs as accessors box does: one ready event, health over HTTP, and an end when it is asked to', async () => {
  const folder = folderOf({ trusted_keys: '' });
  const stopping = new AbortController();
  let ready: (event: Record<string, unknown>) => void = () => {};
  const opened = new Promise<Record<string, unknown>>((resolve) => {
    ready = resolve;
  });
  const warnings: string[] = [];
  const box = runBox(
    {
      listen: '127.0.0.1:0',
      admin: '127.0.0.1:0',
      state: folder,
      trustedKeys: join(folder, 'trusted_keys'),
      revokedKeys: join(folder, 'revoked_keys'),
      name: 'lab',
      labels: { room: '545' },
      isolationMinimum: 'P1',
      ...settings,
    },
    { signal: stopping.signal, ready: (event) => ready({ ...event }), warn: (message) => warnings.push(message), log: silentLog },
  );
  const { event, deploy, admin, id, isolation } = await within(opened, 'ready');
  assert.is(event, 'ready');
  assert.match(String(deploy), /^ws:\/\/127\.0\.0\.1:\d+\/v1$/);
  assert.match(String(id), /^SHA256:/);
  assert.match(String(isolation), /^P[123]$/);
  assert.ok(existsSync(join(folder, 'box_ed25519')));
  assert.is((await fetch(`${admin}/-/healthy`)).status, 200);
  assert.is((await fetch(`${admin}/-/ready`)).status, 200);
  assert.is((await fetch(`${admin}/other`)).status, 404);
  const stranger = connect(String(deploy), { signer: keyPairSigner(alice) });
  assert.is((await rejection(stranger)).code, 'UNTRUSTED_KEY');
  writeFileSync(join(folder, 'trusted_keys'), trustLine('alice@lab', alice));
  process.emit('SIGHUP'); // read at once, before its file is seen to have changed
  const known = await connect(String(deploy), { signer: keyPairSigner(alice) });
  assert.equal(await known.list(), []);
  known.close();
  writeFileSync(join(folder, 'trusted_keys'), '');
  const asked = await fetch(`${admin}/-/reload`, { method: 'POST' });
  assert.equal([asked.status, await asked.text()], [200, 'reloaded\n']);
  assert.is((await rejection(connect(String(deploy), { signer: keyPairSigner(alice) }))).code, 'UNTRUSTED_KEY');
  assert.is((await fetch(`${admin}/-/reload`, { method: 'POST', headers: { origin: 'http://evil.example' } })).status, 403);
  assert.is((await fetch(`${admin}/-/reload`)).status, 405);
  stopping.abort();
  await within(box, 'the end of the box');
  assert.equal(warnings, []);
});

it('ends with the reason when it cannot start, and leaves nothing running', async () => {
  const folder = folderOf({ trusted_keys: 'nonsense\n' });
  const options = {
    listen: '127.0.0.1:0',
    admin: '',
    state: folder,
    revokedKeys: '',
    name: 'x',
    labels: {},
    isolationMinimum: 'P1',
    ...settings,
  } as const;
  const box = runBox({ ...options, trustedKeys: join(folder, 'trusted_keys') }, { ready: () => {}, warn: () => {}, log: silentLog });
  const error = await box.then(
    () => undefined,
    (thrown) => thrown as { code: string; message: string },
  );
  assert.is(error?.code, 'BAD_FILE');
  assert.match(error?.message ?? '', 'trusted_keys:1');
});

it.run();
