import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KeyPair } from '../../../src/envelope/index.ts';
import { fileEntry } from '../../../src/envelope/index.ts';
import { Policy } from '../../../src/trust/index.ts';
import { FakeTier, turn } from '../../support/fake-tier.ts';
import { rejection } from '../../support/rejection.ts';
import { alice, bob, openBox, type TestBox } from '../../support/service.ts';
import { commonFields, deployOf, sealed } from '../../support/signed.ts';
import type { Message, SocketClient } from '../../support/socket-client.ts';

const it = suite('calls of the protocol');
const boxes: TestBox[] = [];
it.after.each(async () => {
  for (const made of boxes.splice(0)) await made.close();
});

const CODE = "exports.setup = function () { this.output('light'); };";

interface Caller extends TestBox {
  readonly client: () => SocketClient;
  /** Signs a statement and makes the call of its action, or another one. */
  send(statement: object, options?: { readonly pair?: KeyPair; readonly method?: string; readonly on?: SocketClient }): Promise<Message>;
  readonly known: SocketClient;
}

async function box(...options: Parameters<typeof openBox>): Promise<Caller> {
  const made = await openBox(...options);
  boxes.push(made);
  const known = await authenticated(made, alice);
  return {
    ...made,
    known,
    send: (statement, { pair = alice, method = (statement as { action: string }).action, on = known } = {}) =>
      on.call(method, { envelope: sealed(statement, pair) }),
  };
}

async function authenticated(made: TestBox, pair: KeyPair): Promise<SocketClient> {
  const client = made.client();
  const hello = (await client.notification('hello')).params as { box: { id: string }; nonce: string };
  const fields = { ...commonFields(), nonce: hello.nonce, audience: [hello.box.id], clientNonce: hello.nonce };
  const { error } = await client.call('authenticate', { envelope: sealed({ action: 'authenticate', ...fields }, pair) });
  if (error) throw new Error(error.message);
  return client;
}

const change = (action: string, swarmlet: string, sequence: number, more: object = {}): Record<string, unknown> => ({
  action,
  ...commonFields(),
  swarmlet,
  sequence,
  ...more,
});

const codeOf = ({ error }: Message): string | undefined => error?.data.code;

it('deploys, and answers with the timeline when it runs', async () => {
  const { send, known, service } = await box();
  const { result } = await send(deployOf('lamp', 1, CODE));
  const { timeline, digest, ...rest } = result as { timeline: Record<string, string>; digest: string };
  assert.equal(rest, { swarmlet: 'lamp', version: '1.0.1', sequence: 1, state: 'running', principal: 'alice@lab' });
  assert.equal(Object.keys(timeline), ['receivedAt', 'verifiedAt', 'storedAt', 'startedAt', 'runningAt']);
  const times = Object.values(timeline).map((time) => Date.parse(time));
  assert.equal(
    times,
    [...times].sort((a, b) => a - b),
  );
  const status = (await known.call('status', { swarmlet: 'lamp' })).result as Record<string, unknown>;
  assert.equal([status.state, status.digest, status.sequence, status.level, status.isolation], ['running', digest, 1, 'P3', 'process']);
  assert.equal((await known.call('list')).result, { swarmlets: [service.status('lamp')] });
});

it('tells of states, outputs and logs to who asked for them, before the swarmlet exists and over its versions', async () => {
  const { send, known, tier } = await box();
  await known.call('subscribe', { swarmlet: 'lamp', outputs: ['light'], states: true });
  await send(deployOf('lamp', 1, CODE));
  await known.call('logs', { swarmlet: 'lamp', follow: true });
  tier.last.emit('output', 'light', { on: true });
  tier.last.emit('output', 'other', 1);
  tier.last.emit('log', 'info', 'hello');
  await send(deployOf('lamp', 2, CODE));
  tier.last.emit('output', 'light', 2);
  await known.notification('output', ({ value }) => value === 2);
  const told = known.messages
    .filter((m) => ['state', 'output', 'log'].includes(m.method ?? ''))
    .map((m) => m.params as Record<string, unknown>);
  const states = told.filter((p) => 'to' in p).map((p) => `${p.from} ${p.to}`);
  const running = ['staged starting', 'starting running'];
  assert.equal(states, [...running, ...running, 'running stopping', 'stopping superseded']);
  assert.equal(
    told.filter((p) => 'port' in p).map((p) => p.value),
    [{ on: true }, 2],
  );
  assert.equal(
    told.filter((p) => 'line' in p).map((p) => p.line),
    ['hello'],
  );
  assert.equal((await known.call('unsubscribe', { swarmlet: 'lamp' })).result, {});
  tier.last.emit('output', 'light', 3);
  await known.call('list');
  assert.ok(!known.messages.some((m) => (m.params as { value?: unknown } | undefined)?.value === 3));
});

it('answers with the lines that were logged since a time', async () => {
  const { send, known, tier } = await box();
  await send(deployOf('lamp', 1, CODE));
  tier.last.emit('log', 'error', 'oh \u001b[31m');
  const { result } = await known.call('logs', { swarmlet: 'lamp' });
  const { lines } = result as { lines: { level: string; line: string; at: string }[] };
  assert.equal([lines[0]?.level, lines[0]?.line], ['error', 'oh \u001b[31m']);
  const later = new Date(Date.parse(lines[0]?.at ?? '') + 1).toISOString();
  assert.equal((await known.call('logs', { swarmlet: 'lamp', since: later })).result, { lines: [] });
});

it('undeploys, restarts, rolls back, and gives inputs', async () => {
  const { send, known, tier } = await box();
  const first = ((await send(deployOf('lamp', 1, CODE))).result as { digest: string }).digest;
  await send(deployOf('lamp', 2, CODE));
  const input = { action: 'input', ...commonFields(), swarmlet: 'lamp', port: 'on', value: { a: 1 } };
  assert.is(((await send(input)).result as { state: string }).state, 'running');
  assert.equal(tier.last.inputs, [{ port: 'on', value: { a: 1 } }]);
  const rolledBack = (await send(change('rollback', 'lamp', 3, { to: first }))).result as Record<string, unknown>;
  assert.equal([rolledBack.version, rolledBack.digest, rolledBack.sequence, rolledBack.state], ['1.0.1', first, 3, 'running']);
  assert.is(((await send(change('restart', 'lamp', 4))).result as { state: string }).state, 'running');
  assert.is(((await send(change('undeploy', 'lamp', 5))).result as { state: string }).state, 'stopped');
  assert.is(((await send(change('undeploy', 'lamp', 6))).result as { state: string }).state, 'stopped');
  const { versions } = (await known.call('history', { swarmlet: 'lamp' })).result as { versions: Record<string, unknown>[] };
  assert.equal(
    versions.map(({ version, state }) => `${version} ${state}`),
    ['1.0.2 superseded', '1.0.1 stopped'],
  );
  assert.ok(tier.isolates.every((isolate) => isolate.over));
});

it('answers SETUP_FAILED and START_TIMEOUT when a version does not start, and tells so of its statement', async () => {
  const { send, tier, known, log } = await box();
  tier.willing = false;
  const failing = send(deployOf('lamp', 1, CODE));
  while (tier.isolates.length === 0) await turn();
  tier.last.failStart('exception', 'setup', 'no good');
  const { error } = await failing;
  assert.is(error?.data.code, 'SETUP_FAILED');
  assert.equal(((error?.data.detail ?? {}) as Record<string, unknown>).phase, 'setup');
  assert.is(log.find(({ event }) => event === 'executed')?.outcome, 'SETUP_FAILED');
  const again = await send(deployOf('lamp', 1, CODE));
  assert.is(codeOf(again), 'STALE_SEQUENCE', 'the statement counts as accepted');
  const status = (await known.call('status', { swarmlet: 'lamp' })).result as Record<string, unknown>;
  assert.equal([status.state, status.reason], ['failed', 'exception']);
});

it('refuses a replay, and tells its outcome', async () => {
  const { send } = await box();
  const statement = deployOf('lamp', 1, CODE);
  const { digest } = (await send(statement)).result as { digest: string };
  const { error } = await send(statement);
  assert.equal([error?.data.code, error?.data.detail], ['REPLAYED', { digest, sequence: 1, state: 'running' }]);
});

it('lets exactly one of many that race with one sequence through', async () => {
  const { send } = await box();
  const answers = await Promise.all(Array.from({ length: 50 }, () => send(deployOf('lamp', 1, CODE))));
  assert.is(answers.filter(({ result }) => result).length, 1);
  assert.is(answers.filter((answer) => codeOf(answer) === 'STALE_SEQUENCE').length, 49);
});

it('gives CONFLICT, with who won, to the second who followed one version', async () => {
  const made = await box();
  const { send } = made;
  const { digest } = (await send(deployOf('lamp', 1, CODE))).result as { digest: string };
  const other = await authenticated(made, bob);
  const [won, lost] = await Promise.all([
    send(deployOf('lamp', 2, CODE, { replaces: digest }), { pair: bob, on: other }),
    send(deployOf('lamp', 3, CODE, { replaces: digest })),
  ]);
  const winner = won.result as { digest: string };
  const { digest: named, principal } = (lost.error?.data.detail ?? {}) as Record<string, unknown>;
  assert.equal([codeOf(lost), named, principal], ['CONFLICT', winner.digest, 'bob@lab']);
});

it('lets follow what is in the place of the name: the old version when the new one failed, nothing after undeploy', async () => {
  const { send, tier } = await box();
  const { digest } = (await send(deployOf('lamp', 1, CODE, { replaces: null }))).result as { digest: string };
  tier.willing = false;
  const failing = send(deployOf('lamp', 2, CODE, { replaces: digest }));
  while (tier.isolates.length < 2) await turn();
  tier.last.failStart('exception', 'setup', 'no good');
  await failing;
  tier.willing = true;
  assert.ok((await send(deployOf('lamp', 3, CODE, { replaces: digest }))).result);
  await send(change('undeploy', 'lamp', 4));
  assert.ok((await send(deployOf('lamp', 5, CODE, { replaces: null }))).result);
});

it('forgets all but the sequence of what was stopped long ago', async () => {
  const { send, known } = await box({ supervisor: { swarmlets: 1 } });
  for (const [index, name] of ['a', 'b', 'c'].entries()) {
    assert.ok((await send(deployOf(name, index + 1, CODE))).result);
    await send(change('undeploy', name, index + 2));
  }
  assert.is(codeOf(await known.call('history', { swarmlet: 'a' })), 'NOT_FOUND');
  assert.is(codeOf(await send(deployOf('a', 2, CODE))), 'STALE_SEQUENCE');
  assert.ok((await known.call('history', { swarmlet: 'c' })).result);
});

it('carries out what comes back to back for one name in order', async () => {
  const { send, known } = await box();
  const answers = [send(deployOf('lamp', 1, CODE)), send(change('undeploy', 'lamp', 2)), send(deployOf('lamp', 3, CODE))];
  for (const answer of answers) assert.ok((await answer).result);
  assert.is(((await known.call('status', { swarmlet: 'lamp' })).result as Record<string, unknown>).version, '1.0.3');
});

it('answers MISSING_DEPENDENCY for a capability that this box does not have, and uses up nothing', async () => {
  const { send } = await box({ policy: Policy.parse([{ capabilities: ['*'] }]) });
  const { error } = await send(deployOf('lamp', 1, CODE, { capabilities: ['http-client', 'apriltags'] }));
  assert.is(error?.data.code, 'MISSING_DEPENDENCY');
  assert.match(error?.message ?? '', 'module apriltags');
  assert.ok((await send(deployOf('lamp', 1, CODE))).result);
});

it('shows where a version came from that another box signed for its swarmlet, over at most three boxes', async () => {
  const { send, service, log } = await box();
  const origin = { swarmlet: 'x', digest: `sha256:${'0'.repeat(64)}`, principal: 'carol@lab', hops: 3 };
  assert.ok((await send(deployOf('lamp', 1, CODE, { origin }))).result);
  assert.equal(service.status('lamp').origin, origin);
  assert.ok(log.some((record) => record.event === 'accepted' && JSON.stringify(record.origin) === JSON.stringify(origin)));
  assert.is(codeOf(await send(deployOf('lamp', 2, CODE, { origin: { ...origin, hops: 4 } }))), 'FORBIDDEN');
});

it('tells the audit: who was let in, what was accepted, refused and done, each record with the hash of the one before', async () => {
  const { known, send } = await box();
  await send(deployOf('lamp', 1, CODE));
  await send(deployOf('lamp', 1, CODE));
  const { records } = (await known.call('audit')).result as { records: { event: string; seq: number; prev: string; principal: string }[] };
  assert.equal(
    records.map(({ event }) => event),
    ['accepted', 'accepted', 'state', 'state', 'executed', 'refused'],
  );
  assert.equal(
    records.map(({ seq }) => seq),
    [1, 2, 3, 4, 5, 6],
  );
  assert.ok(records.every(({ prev, principal }) => /^[0-9a-f]{64}$/.test(prev) && principal === 'alice@lab'));
  const { records: newest } = (await known.call('audit', { limit: 1 })).result as { records: { seq: number }[] };
  assert.equal(
    newest.map(({ seq }) => seq),
    [6],
  );
});

it('names everything that is missing before anything is replaced', async () => {
  const { send, service } = await box();
  await send(deployOf('lamp', 1, CODE));
  const modules = ['@accessors-modules/util@^1', 'url@>=2', '@accessors-modules/no-such@^1'];
  const { error } = await send(deployOf('lamp', 2, CODE, { requires: { modules, npm: { serialport: '^12' } } }));
  assert.is(error?.data.code, 'MISSING_DEPENDENCY');
  assert.equal(error?.data.detail, { dependencies: ['url@>=2', '@accessors-modules/no-such@^1', 'npm serialport@^12'] });
  assert.equal([service.status('lamp').version, service.status('lamp').sequence], ['1.0.1', 1]);
  const files = { 'Main.js': fileEntry(CODE), 'node_modules/ms.js': fileEntry('') };
  assert.ok((await send(deployOf('lamp', 2, CODE, { files, requires: { npm: { ms: '^2' } } }))).result);
});

it('checks that a file is the one that was signed for', async () => {
  const { send } = await box();
  const wrong = { ...fileEntry(CODE), sha256: 'a'.repeat(64) };
  assert.is(codeOf(await send(deployOf('lamp', 1, CODE, { files: { 'Main.js': wrong } }))), 'DIGEST_MISMATCH');
});

it('names the key of a known caller also where no statement could be read, and takes no text for an envelope', async () => {
  const { known, log } = await box();
  assert.is(codeOf(await known.call('deploy', { envelope: {} })), 'MALFORMED');
  const refused = log.find(({ event }) => event === 'refused');
  assert.equal([refused?.code, refused?.caller, refused?.keyId], ['MALFORMED', 'alice@lab', alice.publicKey.id]);
  const text = await known.call('deploy', { envelope: JSON.stringify(sealed(deployOf('lamp', 1, CODE), alice)) });
  assert.is(codeOf(text), 'MALFORMED');
});

it('tells sizes with their unit', async () => {
  const { send } = await box();
  const wrong = { ...fileEntry(CODE), size: 3 };
  const { error } = await send(deployOf('lamp', 1, CODE, { files: { 'Main.js': wrong } }));
  assert.match(error?.message ?? '', /should have 3 bytes, but has \d+ bytes/);
});

it('refuses a statement that came by the call of another action', async () => {
  const { send } = await box();
  assert.is(codeOf(await send(deployOf('lamp', 1, CODE), { method: 'undeploy' })), 'MALFORMED');
});

it('answers NOT_FOUND for what is not there', async () => {
  const { send, known } = await box();
  for (const method of ['status', 'history', 'logs']) assert.is(codeOf(await known.call(method, { swarmlet: 'lamp' })), 'NOT_FOUND');
  assert.is(codeOf(await send(change('undeploy', 'lamp', 1))), 'NOT_FOUND');
  await send(deployOf('lamp', 1, CODE));
  assert.is(codeOf(await send(change('rollback', 'lamp', 2, { to: `sha256:${'0'.repeat(64)}` }))), 'NOT_FOUND');
});

it('answers -32602 for parameters that do not fit, and names them', async () => {
  const { known } = await box();
  const rows: readonly (readonly [string, object, string])[] = [
    ['status', {}, 'swarmlet'],
    ['status', { swarmlet: '../x' }, 'swarmlet'],
    ['status', { swarmlet: 'lamp', more: 1 }, 'more'],
    ['logs', { swarmlet: 'lamp', since: 'yesterday' }, 'since'],
    ['subscribe', { swarmlet: 'lamp', outputs: 'all' }, 'outputs'],
  ];
  for (const [method, params, name] of rows) {
    const { error } = await known.call(method, params);
    assert.is(error?.code, -32602);
    assert.match(error?.message ?? '', name);
  }
});

it('lets only those observe whom the policy lets', async () => {
  const policy = Policy.parse([{ principals: ['alice@lab'] }, { principals: ['bob@lab'], swarmlets: ['lamp'], actions: ['observe'] }]);
  const made = await box({ policy });
  await made.send(deployOf('lamp', 1, CODE));
  await made.send(deployOf('door', 1, CODE));
  const other = await authenticated(made, bob);
  const { swarmlets } = (await other.call('list')).result as { swarmlets: { swarmlet: string }[] };
  assert.equal(
    swarmlets.map(({ swarmlet }) => swarmlet),
    ['lamp'],
  );
  assert.is(codeOf(await other.call('status', { swarmlet: 'door' })), 'FORBIDDEN');
  assert.is(codeOf(await other.call('subscribe', { swarmlet: 'door', states: true })), 'FORBIDDEN');
  assert.is(codeOf(await made.send(deployOf('lamp', 2, CODE), { pair: bob, on: other })), 'FORBIDDEN');
});

it('runs nothing behind a weaker wall than the minimum, and says what to do', async () => {
  const { send, service } = await box({ tier: new FakeTier('P1') });
  const { error } = await send(deployOf('lamp', 1, CODE));
  assert.is(error?.data.code, 'MISSING_DEPENDENCY');
  assert.match(error?.message ?? '', '--isolation-minimum P1');
  assert.match(service.unready ?? '', 'P2');
  const other = await box({ tier: new FakeTier('P1'), isolationMinimum: 'P1' });
  assert.ok((await other.send(deployOf('lamp', 1, CODE))).result);
});

it('stops what a revoked key deployed, and keeps what a removed one did', async () => {
  const { send, service, revoke, trust } = await box();
  await send(deployOf('lamp', 1, CODE));
  trust('');
  service.trust.reload();
  assert.is(service.status('lamp').state, 'running');
  revoke(`${alice.publicKey.id}\n`);
  service.trust.reload();
  await turn();
  assert.equal([service.status('lamp').state, service.status('lamp').reason], ['stopped', 'revoked']);
  assert.is((await rejection(service.submit(sealed(deployOf('lamp', 2, CODE), alice)))).code, 'REVOKED_KEY');
});

it('keeps what a revoked key deployed if that is wanted', async () => {
  const { send, service, revoke } = await box({ onRevoke: 'keep' });
  await send(deployOf('lamp', 1, CODE));
  revoke(`${alice.publicKey.id}\n`);
  service.trust.reload();
  await turn();
  assert.is(service.status('lamp').state, 'running');
});

it('starts nothing again that a revoked key deployed, though it may go on running', async () => {
  const { service, revoke } = await box({ onRevoke: 'keep' });
  const send = (statement: object) => service.submit(sealed(statement, bob));
  const { digest } = (await service.submit(sealed(deployOf('lamp', 1, CODE), alice))) as { digest: string };
  revoke(`${alice.publicKey.id}\n`);
  service.trust.reload();
  assert.is((await rejection(send(change('restart', 'lamp', 2)))).code, 'REVOKED_KEY');
  assert.is(service.status('lamp').state, 'running');
  await send(deployOf('lamp', 3, CODE));
  assert.is((await rejection(send(change('rollback', 'lamp', 4, { to: digest })))).code, 'REVOKED_KEY');
  assert.is(service.status('lamp').version, '1.0.3');
});

it('does not start what was accepted before the key was revoked', async () => {
  const { service, tier, revoke } = await box();
  tier.willing = false;
  const first = service.submit(sealed(deployOf('lamp', 1, CODE), bob));
  while (tier.isolates.length === 0) await turn();
  const waiting = rejection(service.submit(sealed(deployOf('lamp', 2, CODE), alice)));
  revoke(`${alice.publicKey.id}\n`);
  service.trust.reload();
  tier.last.ready();
  await first;
  assert.is((await waiting).code, 'REVOKED_KEY');
  assert.is(tier.isolates.length, 1);
});

it('takes the same envelope as text, without a connection', async () => {
  const { service, log } = await box();
  const deployed = await service.submit(JSON.stringify(sealed(deployOf('lamp', 1, CODE), bob)), 'mqtt');
  assert.is(deployed.state, 'running');
  assert.is((await rejection(service.submit('{'))).code, 'MALFORMED');
  const accepted = log.find(({ event, action }) => event === 'accepted' && action === 'deploy');
  assert.equal([accepted?.principal, accepted?.address], ['bob@lab', 'mqtt']);
});

it('carries out commands of the program around it in its own name', async () => {
  const { service, log } = await box();
  const command = { action: 'deploy', swarmlet: 'lamp', version: '1.0.0', main: 'Main.js', files: { 'Main.js': CODE } };
  assert.is((await service.command(command)).state, 'running');
  assert.is((await service.command({ action: 'undeploy', swarmlet: 'lamp' })).state, 'stopped');
  assert.is((await rejection(service.command({ action: 'undeploy' }))).code, 'MALFORMED');
  assert.is((await rejection(service.command('stop'))).code, 'MALFORMED');
  assert.is(log.find(({ event, action }) => event === 'accepted' && action === 'undeploy')?.principal, 'local');
  const own = sealed(deployOf('lamp', 9, CODE), service.identity.keys);
  assert.is((await rejection(service.submit(own))).code, 'UNTRUSTED_KEY', 'its own key counts for commands only');
});

it('writes one record for each accepted, executed and refused statement, and for each change of state', async () => {
  const { send, log } = await box();
  await send(deployOf('lamp', 1, CODE));
  await send(deployOf('lamp', 1, CODE));
  const events = log.filter(({ event, action }) => event !== 'text' && action !== 'authenticate').map(({ event }) => event);
  assert.equal(events, ['accepted', 'state', 'state', 'executed', 'refused']);
  const refused = log.find(({ event }) => event === 'refused');
  assert.equal([refused?.code, refused?.principal, refused?.swarmlet], ['STALE_SEQUENCE', 'alice@lab', 'lamp']);
});

it('closes in the middle of everything, and stays closed', async () => {
  const { service, tier, known } = await box();
  await service.submit(sealed(deployOf('lamp', 1, CODE), alice));
  tier.willing = false;
  const starting = rejection(service.submit(sealed(deployOf('door', 1, CODE), alice)));
  await turn();
  await service.close();
  assert.is((await starting).code, 'BUSY');
  assert.is((await known.closed).code, 1001);
  assert.ok(tier.isolates.every((isolate) => isolate.over));
  assert.is((await rejection(service.submit(sealed(deployOf('lamp', 2, CODE), alice)))).code, 'BUSY');
});

it.run();
