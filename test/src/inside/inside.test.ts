import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../../hosts/node/index.ts';
import type { BoxConnection } from '../../../src/client/index.ts';
import { fileEntry } from '../../../src/envelope/index.ts';
import { Policy } from '../../../src/trust/index.ts';
import { folderWith } from '../../support/folder.ts';
import { alice, bob, mallory, openBox, type TestBox } from '../../support/service.ts';
import { deployOf, sealed, trustLine } from '../../support/signed.ts';
import { within } from '../../support/socket-client.ts';

const it = suite('the deployment module inside an isolate');

const library = (file: string): string => readFileSync(join(packageRoot, 'dist/accessors', file), 'utf8');

/** Tells by `told` whatever its Deployer and its Push tell it. */
const MANAGER = `exports.setup = function () {
  var self = this;
  this.output('told');
  this.parameter('deployer', { value: {} });
  this.parameter('pusher', { value: {} });
  ['envelope', 'command', 'provide', 'swarmlet', 'box'].forEach(function (name) { self.input(name); });
  var deployer = this.instantiate('deployer', 'deployment/Deployer');
  var push = this.instantiate('push', 'deployment/Push');
  ['envelope', 'command', 'provide'].forEach(function (name) { self.connect(name, deployer, name); });
  ['swarmlet', 'box'].forEach(function (name) { self.connect(name, push, name); });
  [deployer, push].forEach(function (one) {
    one.on('output', function (port, value) { self.send('told', { port: port, value: value }); });
  });
  this.once('initializeStart', function () {
    [[deployer, 'deployer'], [push, 'pusher']].forEach(function (pair) {
      var given = self.getParameter(pair[1]);
      for (var name in given) pair[0].setParameter(name, given[name]);
    });
  });
};`;
const HELLO =
  "exports.setup = function () { this.input('in'); this.output('out'); };\n\
exports.initialize = function () { var self = this; this.send('out', 'hello');\n\
  this.addInputHandler('in', function () { self.send('out', self.get('in')); }); };";

const granting = (...more: object[]): Policy => Policy.parse([{ capabilities: ['deployment'] }, ...more]);

function manager(sequence: number, more: object = {}): Record<string, unknown> {
  const files = Object.fromEntries(
    Object.entries({
      'Main.js': MANAGER,
      'deployment/Deployer.js': library('deployment/Deployer.js'),
      'deployment/Push.js': library('deployment/Push.js'),
    }).map(([name, text]) => [name, fileEntry(text)]),
  );
  return deployOf('manager', sequence, MANAGER, { files, capabilities: ['deployment'], ...more });
}

/** What a swarmlet of a box sends, as it comes. */
class Told {
  readonly values: { readonly port: string; readonly value: Readonly<Record<string, unknown>> }[] = [];
  #waiting: (() => void)[] = [];

  static async of(box: TestBox, swarmlet = 'manager'): Promise<Told> {
    const told = new Told();
    box.service.on('output', (output) => {
      if (output.swarmlet !== swarmlet) return;
      told.values.push(output.value as (typeof told.values)[number]);
      for (const look of told.#waiting.splice(0)) look();
    });
    return told;
  }

  /** The first value of that port that fits, also one that came before. */
  async value(port: string, fits: (value: Readonly<Record<string, unknown>>) => boolean = () => true): Promise<Record<string, unknown>> {
    const found = new Promise<Record<string, unknown>>((resolve) => {
      const look = (): void => {
        const one = this.values.find((told) => told.port === port && fits(told.value));
        if (one) resolve(one.value);
        else this.#waiting.push(look);
      };
      look();
    });
    return within(found, `${port}; it was told ${JSON.stringify(this.values)}`);
  }
}

const boxes: TestBox[] = [];
const folders: ReturnType<typeof folderWith>[] = [];
async function realBox(given: Parameters<typeof openBox>[0] = {}): Promise<TestBox> {
  const box = await openBox({ tier: undefined, pool: 0, isolationMinimum: 'P1', policy: granting(), ...given });
  boxes.push(box);
  return box;
}
it.after.each(async () => {
  await Promise.all(boxes.splice(0).map((box) => box.close()));
  for (const folder of folders.splice(0)) folder.remove();
});

const start = (box: TestBox, statement: object, pair = alice): Promise<unknown> => box.service.submit(sealed(statement, pair));
const give = (box: TestBox, port: string, value: unknown): Promise<void> => box.service.provide('manager', port, value);
const audit = async (box: TestBox): Promise<Record<string, unknown>[]> => (await box.service.audit(0, 1000)) as Record<string, unknown>[];

it('deploys another swarmlet on its own box in the name of who deployed it, and hears what that sends', async () => {
  const box = await realBox();
  const told = await Told.of(box);
  await start(box, manager(1));
  await give(box, 'command', { action: 'deploy', swarmlet: 'child', version: '1.0.0', main: 'Main.js', files: { 'Main.js': HELLO } });
  assert.is((await told.value('deployed')).principal, 'alice@lab');
  assert.equal(await told.value('output'), { swarmlet: 'child', port: 'out', value: 'hello' });
  await give(box, 'provide', { swarmlet: 'child', port: 'in', value: 7 });
  await told.value('output', ({ value }) => value === 7);

  const { origin, principal } = box.service.status('child');
  const { digest } = box.service.status('manager');
  assert.is(principal, 'alice@lab');
  assert.equal(origin, { swarmlet: 'manager', digest, principal: 'alice@lab', hops: 1 });
  const record = (await audit(box)).find(({ event, swarmlet }) => event === 'accepted' && swarmlet === 'child');
  assert.equal(record?.origin, origin);
  assert.is(record?.address, 'swarmlet manager');
  assert.is(record?.keyId, box.service.identity.id);
});

it('has nothing of it unless the capability was asked for', async () => {
  const box = await realBox();
  await assertRejects(start(box, manager(1, { capabilities: [] })), 'SETUP_FAILED', 'ask for it with capability "deployment"');
});

it('has nothing of it unless the policy grants it', async () => {
  const box = await realBox({ policy: new Policy() });
  await assertRejects(start(box, manager(1)), 'FORBIDDEN', 'deployment');
});

it('lets a swarmlet do no more than its principal may', async () => {
  const only = Policy.parse([
    { principals: ['alice@lab'], swarmlets: ['manager', 'lab-*'], capabilities: ['deployment'], limits: { memoryMiB: 64 } },
    { principals: ['bob@lab'] },
  ]);
  const box = await realBox({ policy: only });
  const told = await Told.of(box);
  await start(box, deployOf('bobs', 1, HELLO), bob);
  await start(box, manager(1));
  const child = { action: 'deploy', version: '1.0.0', main: 'Main.js', files: { 'Main.js': HELLO } };
  const cases: [object, string][] = [
    [{ ...child, swarmlet: 'office' }, 'FORBIDDEN'],
    [{ action: 'undeploy', swarmlet: 'bobs' }, 'FORBIDDEN'],
    [{ action: 'input', swarmlet: 'bobs', port: 'in', value: 1 }, 'FORBIDDEN'],
    [{ ...child, swarmlet: 'lab-1', limits: { memoryMiB: 65 } }, 'LIMIT_TOO_HIGH'],
    [{ ...child, swarmlet: 'lab-1', isolation: 'inline' }, 'FORBIDDEN'],
    [{ ...child, swarmlet: 'lab-1', capabilities: ['trusted'] }, 'FORBIDDEN'],
    [
      {
        ...child,
        swarmlet: 'lab-1',
        origin: { swarmlet: 'x', digest: `sha256:${'0'.repeat(64)}`, principal: 'bob@lab', hops: 1 },
        port: 'x',
      },
      'MALFORMED',
    ],
    [{ action: 'reboot', swarmlet: 'lab-1' }, 'MALFORMED'],
  ];
  for (const [command, code] of cases) {
    const before = told.values.length;
    await give(box, 'command', command);
    await told.value('rejected', () => told.values.slice(before).some(({ port }) => port === 'rejected'));
    const refused = told.values.slice(before).find(({ port }) => port === 'rejected');
    assert.is(refused?.value.code, code, JSON.stringify([command, refused]));
  }
  await give(box, 'provide', { swarmlet: 'bobs', port: 'in', value: 1 });
  await told.value('rejected', ({ reason }) => String(reason).includes('input bobs'));
  assert.equal(
    box.service.list().map(({ swarmlet }) => swarmlet),
    ['bobs', 'manager'],
  );
  assert.ok(!told.values.some(({ port }) => port === 'output' || port === 'state'), 'it is told of what others deployed');
  const refusals = (await audit(box)).filter(({ event }) => event === 'refused');
  assert.is(refusals.length, cases.length);
  assert.ok(refusals.every(({ caller, address }) => caller === 'alice@lab' && address === 'swarmlet manager'));
});

it("refuses what is the box's own: a listener, trust lists, a state folder, rules, a certificate, another key", async () => {
  const box = await realBox();
  const told = await Told.of(box);
  let sequence = 0;
  for (const [name, value] of Object.entries({
    listen: '127.0.0.1:0',
    trustedKeys: '/etc/passwd',
    revokedKeys: '/etc/passwd',
    state: '/tmp',
    policy: [{}],
    tls: { cert: 'a', key: 'b' },
  })) {
    await start(box, manager(++sequence, { parameters: { deployer: { [name]: value } } }));
    await told.value('error', (text) => String(text).includes(` ${name} `));
  }
  await start(box, manager(++sequence, { parameters: { pusher: { identity: '/etc/passwd' } } }));
  await told.value('error', (text) => String(text).includes(' identity '));
});

it('takes what somebody signed by its input, under the rules for whoever signed it', async () => {
  const box = await realBox({ policy: granting() });
  const told = await Told.of(box);
  await start(box, manager(1));
  await give(box, 'envelope', sealed(deployOf('lamp', 1, HELLO), bob));
  assert.is((await told.value('deployed')).principal, 'bob@lab');
  assert.not(box.service.status('lamp').origin);
  await give(box, 'envelope', sealed(deployOf('lamp', 2, HELLO), mallory));
  assert.is((await told.value('rejected')).code, 'UNTRUSTED_KEY');
});

/** Two boxes of which the second trusts the first's key. */
async function pair(given: Parameters<typeof openBox>[0] = {}): Promise<{ box: TestBox; peer: TestBox }> {
  const box = await realBox(given);
  const peer = await realBox();
  peer.trust(trustLine('box:first', box.service.identity.keys) + trustLine('alice@lab', alice));
  peer.service.trust.reload();
  return { box, peer };
}

it('pushes to a peer box what it carries and what the library has, signed by its box and with its origin', async () => {
  const { box, peer } = await pair();
  const told = await Told.of(box);
  await start(box, manager(1));
  const source = `exports.setup = function () { var c = this.instantiate('c', 'test/TestSpontaneous'); this.output('out'); this.connect(c, 'output', 'out'); };`;
  await give(box, 'box', { url: peer.url, id: peer.service.identity.id });
  await give(box, 'swarmlet', { source, name: 'travelled', parameters: {} });
  const deployed = await told.value('deployed');
  assert.is(deployed.principal, 'box:first');
  const status = peer.service.status('travelled');
  const { digest } = box.service.status('manager');
  assert.equal(status.origin, { swarmlet: 'manager', digest, principal: 'alice@lab', hops: 1 });
  const pushed = (await audit(box)).find(({ event }) => event === 'pushed');
  assert.equal(
    [pushed?.by, pushed?.swarmlet, pushed?.principal, pushed?.to, pushed?.outcome],
    ['manager', 'travelled', 'alice@lab', peer.url, 'running'],
  );
  const accepted = (await audit(peer)).find(({ event, swarmlet }) => event === 'accepted' && swarmlet === 'travelled');
  assert.equal(accepted?.origin, status.origin);
});

it('pushes what is larger than a message may be, also where messages are few', async () => {
  const { box, peer } = await pair();
  const told = await Told.of(box);
  const main = `exports.setup = function () { this.output('told'); this.input('box'); };
    exports.initialize = function () {
      var self = this;
      var pusher = require('deployment').pusher({ identity: '', wait: 'running' });
      ['deployed', 'rejected'].forEach(function (port) { pusher.on(port, function (value) { self.send('told', { port: port, value: value }); }); });
      this.addInputHandler('box', function () {
        var code = function (name) { return ${JSON.stringify(HELLO)}.replace('hello', name) + '//' + 'ä"'.repeat(1000000); }; // 3 MB
        pusher.push({ source: code('first'), name: 'first' }, self.get('box'));
        pusher.push({ source: code('second'), name: 'second' }, self.get('box'));
      });
    };`;
  await start(box, manager(1, { files: { 'Main.js': fileEntry(main) }, limits: { messagesPerSecond: 500 } }));
  await give(box, 'box', peer.url);
  await told.value('deployed', ({ swarmlet }) => swarmlet === 'second');
  assert.equal(
    peer.service.list().map(({ swarmlet, state }) => `${swarmlet} ${state}`),
    ['first running', 'second running'],
  );
});

it('does not push to a peer what its principal might not deploy here', async () => {
  const { box, peer } = await pair({ policy: Policy.parse([{ swarmlets: ['manager'], capabilities: ['deployment'] }]) });
  const told = await Told.of(box);
  await start(box, manager(1));
  await give(box, 'box', peer.url);
  await give(box, 'swarmlet', { source: HELLO.replaceAll('hello', 'x'), name: 'other' });
  assert.is((await told.value('rejected')).code, 'FORBIDDEN');
  assert.equal(peer.service.list(), []);
  const pushed = (await audit(box)).find(({ event }) => event === 'pushed');
  assert.is(pushed?.outcome, 'FORBIDDEN');
});

it('reads no file of the box: what is pushed are classes that travelled, or source text', async () => {
  const { box, peer } = await pair();
  const told = await Told.of(box);
  await start(box, manager(1));
  await give(box, 'box', peer.url);
  for (const source of ['/etc/passwd', '../../package', join(packageRoot, 'dist/accessors/test/TestSpontaneous.js')]) {
    await give(box, 'swarmlet', { source, name: 'other' });
    await told.value('rejected', ({ reason }) => String(reason).includes(source));
  }
  assert.equal(peer.service.list(), []);
});

it('ends a chain of pushes after three boxes, on the box that would sign and on the one that is asked', async () => {
  const box = await realBox();
  const told = await Told.of(box);
  await start(box, manager(1));
  // Each generation deploys the next one under another name: the classes that it is made of are its own.
  const files = {
    'Main.js': MANAGER,
    'deployment/Deployer.js': library('deployment/Deployer.js'),
    'deployment/Push.js': library('deployment/Push.js'),
  };
  const child = (swarmlet: string): object => ({
    action: 'deploy',
    swarmlet,
    version: '1.0.0',
    main: 'Main.js',
    files,
    capabilities: ['deployment'],
  });
  const names = ['manager', 'second', 'third', 'fourth'];
  for (const [i, name] of names.slice(1).entries()) {
    const of = i === 0 ? told : await Told.of(box, names[i]);
    await box.service.provide(names[i] as string, 'command', child(name));
    await of.value('deployed');
    assert.is(box.service.status(name).origin?.hops, i + 1);
  }
  const last = await Told.of(box, 'fourth');
  await box.service.provide('fourth', 'command', child('fifth'));
  assert.match(String((await last.value('rejected', ({ code }) => code === 'FORBIDDEN')).reason), 'by 4 boxes');
  assert.is(box.service.list().length, 4);

  const { box: sender, peer } = await pair();
  const origin = { swarmlet: 'x', digest: `sha256:${'0'.repeat(64)}`, principal: 'alice@lab', hops: 4 };
  const connection: BoxConnection = await peer.connect(sender.service.identity.keys);
  await assertRejects(
    peer.service.submit(sealed(deployOf('far', 1, HELLO, { origin }), sender.service.identity.keys)),
    'FORBIDDEN',
    'by 4 boxes',
  );
  connection.close();
});

it('ends with its principal: a revoked key stops what its swarmlets deployed, also after a restart', async () => {
  const folder = folderWith({});
  folders.push(folder);
  const box = await realBox({ state: folder.path });
  const told = await Told.of(box);
  await start(box, manager(1));
  await give(box, 'command', { action: 'deploy', swarmlet: 'child', version: '1.0.0', main: 'Main.js', files: { 'Main.js': HELLO } });
  await told.value('deployed');
  await box.close();
  boxes.splice(boxes.indexOf(box), 1);

  const again = await realBox({ state: folder.path, trustedKeys: '' });
  const running = new Promise<void>((resolve) => {
    const look = (): void => {
      if (again.service.list().filter(({ state }) => state === 'running').length === 2) resolve();
    };
    again.service.on('state', look);
    look();
  });
  await within(running, 'both run again');
  assert.is(again.service.status('child').principal, 'alice@lab');
  const stopped = new Promise<void>((resolve) => {
    again.service.on('state', ({ version, to }) => version.statement.swarmlet === 'child' && to === 'stopped' && resolve());
  });
  again.revoke(`${alice.publicKey.id}\n`);
  again.service.trust.reload();
  await within(stopped, 'the child is stopped');
  assert.is(again.service.status('child').reason, 'revoked');
});

it('takes a flood of commands at the rate of a connection, and the box answers others meanwhile', async () => {
  const box = await realBox();
  const told = await Told.of(box);
  const flood = `${MANAGER}
exports.initialize = function () {
  var deployment = require('deployment');
  var made = deployment.deployer({});
  var self = this;
  var refused = {};
  var left = 1000;
  made.on('rejected', function (value) {
    refused[value.code] = (refused[value.code] || 0) + 1;
    if (--left === 0) self.send('told', { port: 'done', value: refused });
  });
  for (var i = 0; i < 1000; i++) made.command({ action: 'restart', swarmlet: 'nobody' });
};`;
  await start(box, manager(1, { main: 'Main.js', files: { 'Main.js': fileEntry(flood), ...filesOf(manager(1)) } }));
  const refused = await told.value('done');
  assert.ok(Number(refused.RATE_LIMITED ?? 0) + Number(refused.BUSY ?? 0) >= 700, JSON.stringify(refused));
  assert.is(box.service.status('manager').state, 'running');
});

function filesOf({ files }: Record<string, unknown>): object {
  const { 'Main.js': _, ...others } = files as Record<string, object>;
  return others;
}

async function assertRejects(promise: Promise<unknown>, code: string, words: string): Promise<void> {
  const error = await promise.then(
    () => ({ code: 'none', message: 'it was accepted' }),
    (thrown) => thrown as { code: string; message: string },
  );
  assert.is(error.code, code, error.message);
  assert.match(error.message, words);
}

it.run();
