import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DeployStatement, KeyId } from '../../../src/envelope/index.ts';
import type { Version } from '../../../src/store/index.ts';
import { type Cargo, type StateChange, Supervisor, type SupervisorOptions } from '../../../src/supervisor/index.ts';
import { defaultLimits } from '../../../src/trust/index.ts';
import { FakeTier, FakeTiming, turn } from '../../support/fake-tier.ts';
import { rejection } from '../../support/rejection.ts';

const it = suite('supervisor');

function versionOf(sequence: number, more: Partial<DeployStatement> = {}): Version {
  const statement: DeployStatement = {
    action: 'deploy',
    swarmlet: 'lamp',
    audience: ['*'],
    issuedAt: '2026-11-22T18:44:29Z',
    expires: '2026-11-22T18:49:29Z',
    nonce: '',
    sequence,
    version: `1.${sequence}.0`,
    main: 'Lamp.js',
    files: { 'Lamp.js': { sha256: '', size: 0, text: '// lamp' } },
    ...more,
  };
  const digest = `sha256:${sequence}`;
  const keyId = 'SHA256:alice' as KeyId;
  const signers = [{ keyId, principal: 'alice@lab', principals: ['alice@lab'] }];
  return { digest, content: 'sha256:c', statement, principal: 'alice@lab', signers, receivedAt: '2026-11-22T18:44:30.000Z', bytes: 1 };
}

/** Its files, which are all inline. */
const cargoOf = ({ statement }: Version, secrets: Record<string, unknown> = {}): Cargo => ({
  files: new Map(Object.entries(statement.files).map(([name, { text = '' }]) => [name, text])),
  secrets: () => secrets,
});

/** A supervisor on fake isolates and fake time, and all it tells, as lines. */
function workshop(options: Partial<SupervisorOptions> = {}, keep?: (change: StateChange) => Promise<void>) {
  const tier = new FakeTier();
  const timing = new FakeTiming();
  const supervisor = new Supervisor([tier], options, {}, timing, keep);
  const told: string[] = [];
  supervisor.on('state', ({ version, from, to, reason }) => {
    told.push(`${version.statement.version} ${from} -> ${to}${reason ? ` ${reason}` : ''}`);
  });
  supervisor.on('output', ({ port, value }) => told.push(`${port} = ${value}`));
  supervisor.on('placed', (version, { givenBack }) => told.push(`${version.statement.version} placed${givenBack ? ' again' : ''}`));
  const deploy = (version: Version) => supervisor.deploy(version, cargoOf);
  const since = (): string[] => told.splice(0);
  return { tier, timing, supervisor, deploy, since };
}

it('starts a version in an isolate with what the statement says', async () => {
  const { tier, deploy, supervisor, since } = workshop();
  const files = { 'Lamp.js': { sha256: '', size: 0, text: 'a' }, 'x/B.js': { sha256: '', size: 0, text: 'b' } };
  await deploy(versionOf(1, { files, parameters: { gain: 2 }, inputs: { on: true }, limits: { memoryMiB: 50 } }));
  const { image } = tier.last;
  assert.equal(
    [...(image?.files ?? [])],
    [
      ['Lamp.js', 'a'],
      ['x/B.js', 'b'],
    ],
  );
  assert.equal([image?.name, image?.main, image?.parameters, image?.inputs], ['lamp', 'Lamp.js', { gain: 2 }, { on: true }]);
  const { state, limits, usage, level } = supervisor.snapshot('lamp');
  assert.equal([state.status, limits.memoryMiB, limits.reactionMs, usage.memoryMiB, level], ['running', 50, 1000, 7, 'P3']);
  assert.equal(since(), ['1.1.0 staged -> starting', '1.1.0 starting -> running', '1.1.0 placed']);
});

it('says why a version did not start, in its error and its state', async () => {
  const { tier, deploy, supervisor, since } = workshop();
  tier.willing = false;
  const rows = [
    ['exception', 'setup', 'SETUP_FAILED'],
    ['memory', 'load', 'SETUP_FAILED'],
    ['setup-timeout', 'setup', 'START_TIMEOUT'],
    ['start-timeout', 'initialize', 'START_TIMEOUT'],
  ] as const;
  for (const [index, [reason, phase, code]] of rows.entries()) {
    const failing = rejection(deploy(versionOf(index + 1)));
    await turn();
    tier.last.failStart(reason, phase, 'no good');
    const error = await failing;
    assert.is(error.code, code);
    const detail = error.detail as Record<string, unknown>;
    assert.equal([detail.reason, detail.phase], [reason, phase]);
    assert.equal(supervisor.snapshot('lamp').state, { status: 'failed', attempt: 1, reason });
  }
  assert.ok(since().includes('1.1.0 starting -> failed exception'));
});

it('holds what a version sends before it runs, and drops it when it never does', async () => {
  const { tier, deploy, since } = workshop();
  tier.willing = false;
  const first = deploy(versionOf(1));
  await turn();
  tier.last.emit('output', 'light', 'early');
  assert.equal(since(), ['1.1.0 staged -> starting']);
  tier.last.ready();
  await first;
  assert.equal(since(), ['1.1.0 starting -> running', 'light = early', '1.1.0 placed']);

  const failing = rejection(deploy(versionOf(2)));
  await turn();
  tier.last.emit('output', 'light', 'never');
  tier.last.failStart('exception', 'initialize', 'no good');
  await failing;
  assert.not(since().includes('light = never'));
});

it('keeps the old version, and its outputs, until the new one runs', async () => {
  const { tier, deploy, since } = workshop();
  await deploy(versionOf(1));
  const old = tier.last;
  tier.willing = false;
  const upgrade = deploy(versionOf(2));
  await turn();
  since();
  old.emit('output', 'light', 'old');
  tier.last.emit('output', 'light', 'new');
  assert.equal(since(), ['light = old'], 'the outputs of the new one are held');
  tier.last.ready();
  await upgrade;
  assert.equal(since(), [
    '1.2.0 starting -> running',
    'light = new',
    '1.2.0 placed',
    '1.1.0 running -> stopping',
    '1.1.0 stopping -> superseded',
  ]);
  old.emit('output', 'light', 'late');
  assert.equal(since(), []);
});

it('drops what a replaced version says while it wraps up', async () => {
  const { tier, deploy, since } = workshop();
  await deploy(versionOf(1));
  const old = tier.last;
  old.slowWrapup = true;
  await deploy(versionOf(2));
  since();
  old.emit('output', 'light', 'last words');
  assert.equal(since(), []);
  old.end({ kind: 'failed', reason: 'wrapup-timeout', message: 'killed' });
  assert.equal(since(), ['1.1.0 stopping -> superseded wrapup-timeout']);
});

it('leaves the old version in its place when the new one does not start', async () => {
  const { tier, deploy, supervisor, since } = workshop();
  await deploy(versionOf(1));
  const old = tier.last;
  tier.willing = false;
  const failing = rejection(deploy(versionOf(2)));
  await turn();
  since();
  tier.last.emit('output', 'light', 'new');
  tier.last.failStart('exception', 'initialize', 'no good');
  assert.is((await failing).code, 'SETUP_FAILED');
  assert.equal(since(), ['1.2.0 starting -> failed exception']);
  assert.is(supervisor.snapshot('lamp').version.statement.version, '1.1.0');
  old.emit('output', 'light', 'still there');
  assert.equal(since(), ['light = still there']);
});

it('ends a new version that floods before it runs', async () => {
  const { tier, deploy } = workshop({ heldBytes: 100 });
  await deploy(versionOf(1));
  tier.willing = false;
  const failing = rejection(deploy(versionOf(2)));
  await turn();
  for (let i = 0; i < 20; i++) tier.last.emit('output', 'light', 'x'.repeat(10));
  assert.equal(((await failing).detail as Record<string, unknown>).reason, 'messages');
});

it('puts the old version back when the new one fails in its probation', async () => {
  const { tier, timing, deploy, since, supervisor } = workshop();
  await deploy(versionOf(1));
  await deploy(versionOf(2));
  await timing.pass(9_000);
  since();
  tier.last.end({ kind: 'failed', reason: 'memory', message: 'too much' });
  await turn();
  await turn();
  assert.equal(since(), [
    '1.2.0 running -> failed memory',
    '1.1.0 placed again',
    '1.1.0 superseded -> starting',
    '1.1.0 starting -> running',
  ]);
  assert.is(supervisor.snapshot('lamp').version.statement.version, '1.1.0');
});

it('ends the old version before the new one starts, where that is asked for', async () => {
  const { tier, deploy, since } = workshop();
  await deploy(versionOf(1));
  const old = tier.last;
  old.slowWrapup = true;
  const upgraded = deploy(versionOf(2, { upgrade: 'stop-first' }));
  await turn();
  assert.is(tier.isolates.length, 1, 'nothing starts before the old one is gone');
  old.slowWrapup = false;
  old.end({ kind: 'stopped' });
  await upgraded;
  assert.equal(since().slice(3), [
    '1.1.0 running -> stopping',
    '1.1.0 stopping -> superseded',
    '1.2.0 staged -> starting',
    '1.2.0 starting -> running',
    '1.2.0 placed',
  ]);
  tier.last.end({ kind: 'failed', reason: 'exception', message: 'oh' });
  await turn();
  await turn();
  assert.ok(since().includes('1.1.0 placed again'), 'within the probation the old one is put back');
});

it('gives the place back when the new version does not start after the old one ended', async () => {
  const { tier, deploy, supervisor, since } = workshop();
  await deploy(versionOf(1));
  tier.willing = false;
  const failed = rejection(deploy(versionOf(2, { upgrade: 'stop-first' })));
  for (let i = 0; i < 3; i++) await turn();
  tier.willing = true;
  tier.last.failStart('exception', 'setup', 'oh');
  const { code, message, detail } = await failed;
  assert.equal([code, message], ['SETUP_FAILED', 'lamp failed in setup: oh; version 1.1.0 has its place again']);
  assert.is((detail as { inPlace: string }).inPlace, 'sha256:1');
  assert.equal(since().slice(-3), ['1.1.0 placed again', '1.1.0 superseded -> starting', '1.1.0 starting -> running']);
  assert.is(supervisor.snapshot('lamp').version.digest, 'sha256:1');
});

it('gives the place back to nobody whose key was revoked meanwhile', async () => {
  const { tier, deploy, supervisor } = workshop();
  await deploy(versionOf(1));
  tier.willing = false;
  const failed = rejection(deploy(versionOf(2, { upgrade: 'stop-first' })));
  for (let i = 0; i < 3; i++) await turn();
  supervisor.revoke(({ digest }) => digest === 'sha256:1');
  tier.last.failStart('exception', 'setup', 'oh');
  assert.is((await failed).message, 'lamp failed in setup: oh');
  assert.is(tier.isolates.length, 2);
});

it('stops first what has something that two versions cannot have at once', async () => {
  for (const [old, fresh, first] of [
    [['serial'], [], 'old'],
    [[], ['local-storage'], 'old'],
    [['exec'], ['exec'], 'old'],
    [['trusted'], ['trusted'], 'new'],
  ] as const) {
    const { deploy, since } = workshop();
    await deploy(versionOf(1, { capabilities: [...old] }));
    since();
    await deploy(versionOf(2, { capabilities: [...fresh] }));
    assert.is(since()[0], first === 'old' ? '1.1.0 running -> stopping' : '1.2.0 staged -> starting');
    await deploy(versionOf(3, { capabilities: [...fresh], upgrade: 'start-first' }));
    assert.ok(since().includes('1.3.0 staged -> starting'));
  }
});

it('restarts a version that fails after its probation, with a longer wait each time', async () => {
  const { tier, timing, deploy, since } = workshop();
  await deploy(versionOf(1));
  await deploy(versionOf(2));
  await timing.pass(11_000);
  since();
  tier.last.end({ kind: 'failed', reason: 'exception', message: 'oh' });
  assert.equal(since(), ['1.2.0 running -> failed exception', '1.2.0 failed -> backoff exception']);
  await timing.pass(499);
  assert.equal(since(), []);
  await timing.pass(1);
  assert.equal(since(), ['1.2.0 backoff -> starting', '1.2.0 starting -> running']);
  tier.last.end({ kind: 'failed', reason: 'exception', message: 'oh' });
  await timing.pass(999);
  since();
  await timing.pass(1);
  assert.equal(since(), ['1.2.0 backoff -> starting', '1.2.0 starting -> running']);
});

it('gives a version the probation and the restarts that it asks for', async () => {
  const { tier, timing, deploy, since } = workshop();
  const fail = (): unknown => tier.last.end({ kind: 'failed', reason: 'exception', message: 'oh' });
  await deploy(versionOf(1));
  await deploy(versionOf(2, { limits: { probationMs: 100, restarts: 1 } }));
  await timing.pass(101);
  since();
  fail();
  await timing.pass(500);
  fail();
  assert.equal(since(), [
    '1.2.0 running -> failed exception',
    '1.2.0 failed -> backoff exception',
    '1.2.0 backoff -> starting',
    '1.2.0 starting -> running',
    '1.2.0 running -> failed exception',
    '1.2.0 failed -> failed crash-loop',
  ]);
});

it('has an isolate ready before a version may run, and gives it up if it may not', async () => {
  const { tier, supervisor, since } = workshop();
  let settle = { permit: (): void => {}, refuse: (_error: Error): void => {} };
  const permit = () => new Promise<undefined>((resolve, reject) => (settle = { permit: () => resolve(undefined), refuse: reject }));
  const refused = rejection(supervisor.deploy(versionOf(1), cargoOf, permit));
  await turn();
  assert.is(tier.last.image?.name, 'lamp');
  settle.refuse(Object.assign(new Error('the disk is full'), { code: 'BUSY' }));
  assert.is((await refused).code, 'BUSY');
  await turn();
  assert.ok(tier.last.over);
  const deployed = supervisor.deploy(versionOf(2), cargoOf, permit);
  await turn();
  assert.equal(since(), [], 'nobody is told before that');
  settle.permit();
  await deployed;
  assert.is(tier.isolates.length, 2);
  assert.equal(since(), ['1.2.0 staged -> starting', '1.2.0 starting -> running', '1.2.0 placed']);
});

it('lets a version run before anybody is told of it, once it may', async () => {
  const { tier, supervisor } = workshop();
  let permit = (): void => {};
  const told: unknown[] = [];
  supervisor.on('state', ({ to }) => told.push(to, tier.last.mayRun));
  const deployed = supervisor.deploy(versionOf(1), cargoOf, () => new Promise((resolve) => (permit = () => resolve(undefined))));
  await turn();
  assert.equal([tier.last.mayRun, told], [false, []]);
  permit();
  await deployed;
  assert.equal(told, ['starting', true, 'running', true]);
});

it('bounds a version by the rules that are in force when it runs', async () => {
  const { tier, supervisor } = workshop();
  const bounds = (memoryMiB: number) => ({ limits: { ...defaultLimits, memoryMiB }, capabilities: [] });
  const load = (version: Version): Cargo => ({ ...cargoOf(version), bounds: bounds(50) });
  await supervisor.deploy(versionOf(1), load, async () => bounds(40));
  assert.is(supervisor.snapshot('lamp').limits.memoryMiB, 40);
  assert.equal(
    tier.isolates.map(({ over }) => over),
    [true, false],
  );
});

it('bounds what a statement leaves open by what its sender may have', async () => {
  const { supervisor } = workshop();
  const bounds = { limits: { ...defaultLimits, memoryMiB: 40, reactionMs: 5000, restarts: 2 }, capabilities: [] };
  await supervisor.deploy(versionOf(1, { limits: { wrapupMs: 700 } }), (version) => ({ ...cargoOf(version), bounds }));
  const { limits } = supervisor.snapshot('lamp');
  assert.equal([limits.memoryMiB, limits.reactionMs, limits.restarts, limits.wrapupMs], [40, 1000, 2, 700]);
});

it('gives up on a version that fails again and again', async () => {
  const { tier, timing, deploy, since, supervisor } = workshop();
  await deploy(versionOf(1));
  for (let i = 0; i < 6; i++) {
    tier.last.end({ kind: 'failed', reason: 'exit', message: 'gone' });
    await timing.pass(10_000);
  }
  assert.is(tier.isolates.length, 6);
  assert.equal(since().slice(-2), ['1.1.0 running -> failed exit', '1.1.0 failed -> failed crash-loop']);
  assert.equal(supervisor.snapshot('lamp').state, { status: 'failed', attempt: 6, reason: 'crash-loop' });
  assert.is(timing.waiting, 0);
});

it('tries again when a restart does not start', async () => {
  const { tier, timing, deploy, since } = workshop();
  await deploy(versionOf(1));
  tier.willing = false;
  tier.last.end({ kind: 'failed', reason: 'exit', message: 'gone' });
  await timing.pass(500);
  since();
  tier.last.failStart('exception', 'setup', 'not now');
  await turn();
  assert.equal(since(), ['1.1.0 starting -> failed exception', '1.1.0 failed -> backoff exception']);
});

it('does not retry a deployment that never ran', async () => {
  const { tier, timing, deploy } = workshop();
  tier.willing = false;
  const failing = rejection(deploy(versionOf(1)));
  await turn();
  tier.last.failStart('exception', 'setup', 'never');
  await failing;
  await timing.pass(100_000);
  assert.is(tier.isolates.length, 1);
});

it('is completed when the swarmlet wraps up by itself, also at once', async () => {
  const { tier, deploy, since, timing } = workshop();
  await deploy(versionOf(1));
  since();
  tier.last.end({ kind: 'completed' });
  await turn();
  assert.equal(since(), ['1.1.0 running -> completed']);
  tier.willing = false;
  const quick = deploy(versionOf(2, { run: { for: 'once', restart: 'always' } }));
  await turn();
  tier.last.ready();
  tier.last.end({ kind: 'completed' });
  await quick;
  await timing.pass(100_000);
  assert.equal(since().slice(1), ['1.2.0 starting -> running', '1.2.0 running -> completed', '1.2.0 placed']);
});

it('is completed once that is kept, and goes where it is told to if somebody stops it before', async () => {
  const kept: string[] = [];
  let done = (): void => {};
  const { tier, deploy, supervisor, since } = workshop({}, ({ version, from, to }) => {
    kept.push(`${version.statement.version} ${from} -> ${to}`);
    return new Promise((resolve) => {
      done = resolve;
    });
  });
  await deploy(versionOf(1));
  since();
  tier.last.end({ kind: 'completed' });
  await turn();
  assert.equal([kept, since(), supervisor.snapshot('lamp').state.status], [['1.1.0 running -> completed'], [], 'running']);
  done();
  await turn();
  assert.equal(since(), ['1.1.0 running -> completed']);
  await deploy(versionOf(2));
  since();
  tier.last.end({ kind: 'completed' });
  const stopped = supervisor.undeploy('lamp');
  await turn();
  assert.equal(since(), ['1.2.0 running -> stopping']);
  done();
  await stopped;
  assert.equal(since(), ['1.2.0 stopping -> stopped']);
});

it('expires when the time of its run is over, counted over restarts', async () => {
  const { tier, timing, deploy, since } = workshop();
  await deploy(versionOf(1, { run: { for: 'PT10S' } }));
  await timing.pass(6_000);
  tier.last.end({ kind: 'failed', reason: 'exit', message: 'gone' });
  await timing.pass(3_999);
  assert.is(since().at(-1), '1.1.0 starting -> running');
  await timing.pass(1);
  assert.equal(since(), ['1.1.0 running -> stopping', '1.1.0 stopping -> expired']);
  assert.is(timing.waiting, 0);
});

it('starts again, stops, and takes inputs, in the order of the calls', async () => {
  const { tier, deploy, since, supervisor } = workshop();
  const all = [
    deploy(versionOf(1)),
    supervisor.provideInput('lamp', 'on', 1),
    supervisor.restart('lamp', undefined, () => {}),
    supervisor.provideInput('lamp', 'on', 2),
    supervisor.undeploy('lamp'),
  ];
  await Promise.all(all);
  assert.equal(
    tier.isolates.map((isolate) => isolate.inputs),
    [[{ port: 'on', value: 1 }], [{ port: 'on', value: 2 }]],
  );
  assert.equal(since(), [
    '1.1.0 staged -> starting',
    '1.1.0 starting -> running',
    '1.1.0 placed',
    '1.1.0 running -> stopping',
    '1.1.0 stopping -> stopped',
    '1.1.0 placed',
    '1.1.0 stopped -> starting',
    '1.1.0 starting -> running',
    '1.1.0 running -> stopping',
    '1.1.0 stopping -> stopped',
  ]);
});

it('does not start again what somebody took off the box', async () => {
  const { deploy, supervisor } = workshop();
  await deploy(versionOf(1));
  await supervisor.undeploy('lamp');
  const refused = await rejection(supervisor.restart('lamp', undefined, () => {}));
  assert.equal([refused.code, supervisor.snapshot('lamp').state.status], ['NOT_FOUND', 'stopped']);
  await deploy(versionOf(2));
  await supervisor.restart('lamp', undefined, () => {});
  assert.is(supervisor.snapshot('lamp').state.status, 'running');
});

it('undeploys twice with the same outcome, and knows nothing of other names', async () => {
  const { deploy, supervisor } = workshop();
  await deploy(versionOf(1));
  await supervisor.undeploy('lamp');
  await supervisor.undeploy('lamp');
  assert.is(supervisor.snapshot('lamp').state.status, 'stopped');
  assert.is((await rejection(supervisor.undeploy('other'))).code, 'NOT_FOUND');
  assert.is((await rejection(supervisor.provideInput('lamp', 'on', 1))).code, 'NOT_FOUND');
});

it('stops at once what a revoked key deployed, and does not start what waits', async () => {
  const { tier, deploy, since, supervisor } = workshop();
  await deploy(versionOf(1));
  tier.willing = false;
  const upgrade = rejection(deploy(versionOf(2)));
  await turn();
  since();
  supervisor.revoke(() => true);
  assert.is((await upgrade).code, 'REVOKED_KEY');
  await turn();
  assert.is(supervisor.snapshot('lamp').state.status, 'stopped');
  const told = since();
  assert.ok(told.includes('1.1.0 stopping -> stopped revoked'), told.join('\n'));
  assert.ok(tier.isolates.every((isolate) => isolate.over));
  const refuse = (): never => {
    throw Object.assign(new Error('revoked'), { code: 'REVOKED_KEY' });
  };
  assert.is((await rejection(supervisor.deploy(versionOf(3), refuse))).code, 'REVOKED_KEY');
  assert.is(tier.isolates.length, 2);
});

it('takes so many swarmlets and no more, and counts those that are stopped no longer', async () => {
  const { supervisor, deploy } = workshop({ swarmlets: 2 });
  const forgotten: string[] = [];
  supervisor.on('forgotten', (name) => forgotten.push(name));
  const go = async (swarmlet: string): Promise<unknown> => {
    supervisor.checkRoomFor('deploy', swarmlet);
    return deploy(versionOf(1, { swarmlet }));
  };
  await go('a');
  await go('b');
  assert.is((await rejection(go('c'))).code, 'QUOTA_EXCEEDED');
  await go('a');
  for (const name of ['c', 'd', 'e', 'f']) {
    await supervisor.undeploy(supervisor.names.at(-1) ?? '');
    await go(name);
  }
  assert.equal(forgotten, ['b', 'c', 'd']);
  assert.equal(supervisor.names, ['a', 'e', 'f']);
});

it('refuses calls for one name when too many wait', async () => {
  const { supervisor, deploy, tier } = workshop({ waiting: 2 });
  tier.willing = false;
  void deploy(versionOf(1));
  void deploy(versionOf(2));
  assert.throws(
    () => supervisor.checkRoomFor('deploy', 'lamp'),
    (error: { code: string }) => error.code === 'BUSY',
  );
  supervisor.checkRoomFor('deploy', 'other');
});

it('keeps the last lines that a swarmlet printed, within bounds', async () => {
  const { supervisor, deploy, tier, timing } = workshop({ logBytes: 1000 });
  await deploy(versionOf(1));
  for (let i = 0; i < 100; i++) tier.last.emit('log', 'info', `line ${i}`);
  const lines = supervisor.logs('lamp', 0);
  assert.ok(lines.length > 3 && lines.length < 20);
  assert.is(lines.at(-1)?.line, 'line 99');
  assert.equal(supervisor.logs('lamp', timing.now() + 1), []);
});

it('does not wait for ever for one that does not end', async () => {
  const { supervisor, deploy, tier, timing } = workshop();
  await deploy(versionOf(1, { limits: { wrapupMs: 300 } }));
  tier.last.slowWrapup = true;
  const closing = supervisor.close();
  await timing.pass(800);
  await closing;
  assert.is(supervisor.snapshot('lamp').state.status, 'stopping');
});

it('leaves the state of what had ended when it closes', async () => {
  const { supervisor, deploy, tier } = workshop();
  await deploy(versionOf(1));
  tier.last.end({ kind: 'completed' });
  await turn();
  await supervisor.close();
  assert.is(supervisor.snapshot('lamp').state.status, 'completed');
});

it('wraps all up side by side when it closes, and starts nothing any more', async () => {
  const { supervisor, deploy, tier, timing } = workshop();
  await deploy(versionOf(1, { swarmlet: 'a' }));
  await deploy(versionOf(1, { swarmlet: 'b' }));
  for (const isolate of tier.isolates) isolate.slowWrapup = true;
  const closing = supervisor.close();
  await turn();
  assert.ok(tier.isolates.every((isolate) => !isolate.over));
  for (const isolate of tier.isolates) isolate.end({ kind: 'stopped' });
  await closing;
  assert.throws(
    () => supervisor.checkRoomFor('deploy', 'c'),
    (error: { code: string }) => error.code === 'BUSY',
  );
  assert.is(timing.waiting, 0);
});

it('tells what is seen inside while it runs, without sealed values', async () => {
  const { tier, supervisor } = workshop();
  await supervisor.deploy(versionOf(1), (version) => cargoOf(version, { key: 'open sesame' }));
  tier.last.view = { revision: 1, reactions: [[0, 1]], values: [[0, 1, '"say open sesame"']] };
  assert.equal((await supervisor.observe('lamp', 0))?.values, [[0, 1, '"say (sealed)"']]);
  supervisor.unobserve('lamp');
  assert.is(tier.last.observed, 0);
  await supervisor.undeploy('lamp');
  assert.is(await supervisor.observe('lamp', 1), undefined);
  assert.is((await rejection(supervisor.observe('nobody', 0))).code, 'NOT_FOUND');
  supervisor.unobserve('nobody');
});

it.run();
