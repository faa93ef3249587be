import { appendFileSync, chmodSync, lchownSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type KeyPair, parsePrivateKey } from '../../src/envelope/index.ts';
import {
  AttackedBox,
  alice,
  aliceToo,
  bob,
  commonFields,
  deployOf,
  expired,
  leaving,
  operator,
  polled,
  QUIET,
  revoked,
  sealed,
  stranger,
} from '../support/attacked-box.ts';
import { needing } from '../support/live.ts';

const it = suite('threats: keys, identity, thresholds');
let box: AttackedBox;
it.before(async () => {
  box = await AttackedBox.open();
});
it.after(() => box.close());

let sequence = 0;
const next = (name = 't-lamp', more: object = {}): Record<string, unknown> => deployOf(name, ++sequence, QUIET, more);
const command = (action: string, swarmlet: string, more: object = {}): object => ({
  action,
  swarmlet,
  sequence: ++sequence,
  ...commonFields(),
  ...more,
});

/** What comes of each statement, signed by these keys, sent by the first of those that can log in. */
async function outcomes(statements: readonly object[], ...pairs: readonly KeyPair[]): Promise<string[]> {
  const wire = await box.wire(pairs.find((pair) => pair !== revoked && pair !== expired && pair !== stranger) ?? alice);
  const codes: string[] = [];
  for (const statement of statements) {
    const { action } = statement as { action: string };
    codes.push(await wire.outcome(action, { envelope: sealed(statement, ...pairs) }));
  }
  return codes;
}

async function undeployed(...names: string[]): Promise<void> {
  assert.equal(
    await outcomes(
      names.map((name) => command('undeploy', name)),
      operator,
    ),
    names.map(() => 'done'),
  );
}

const files = (): { trusted: string; gone: string } => ({
  trusted: join(box.folder, 'trusted_keys'),
  gone: join(box.folder, 'revoked_keys'),
});

it('K01: a name of a key that did not sign is worth nothing', async () => {
  const [mine, bobs] = [sealed(next(), alice), sealed(next(), bob)] as { signatures: { keyid: string }[] }[];
  const wire = await box.wire(alice);
  const codes: string[] = [];
  for (const [envelope, keyid] of [
    [mine, bob.publicKey.id],
    [bobs, alice.publicKey.id],
  ] as const) {
    codes.push(await wire.deploys({ ...envelope, signatures: [{ ...envelope?.signatures[0], keyid }] }));
  }
  assert.equal(codes, ['BAD_SIGNATURE', 'BAD_SIGNATURE']);
  await box.holds(codes);
});

it('K02: one key has one line, and its whole fingerprint', async () => {
  const list = box.file('outside-state/trusted_keys', '');
  const add = (key: string) => box.command(['trust', 'add', key, '--trusted-keys', list]);
  assert.is((await add(`${stranger.publicKey.text} one@lab`)).code, 0);
  const second = await add(`${stranger.publicKey.text} two@lab`);
  assert.match(second.stderr, 'is trusted already, as one@lab');
  assert.is(readFileSync(list, 'utf8').split('\n').length, 2);
  const text = readFileSync(files().trusted, 'utf8');
  writeFileSync(files().trusted, `${text}twin@lab namespaces="swarmlet" ${alice.publicKey.text}\n`);
  await polled(
    async () => box.stderr,
    (log) => log.includes('stands in line'),
    'the new list is refused',
  );
  assert.equal(await outcomes([next()], alice), ['done']);
  writeFileSync(files().trusted, text);
  const short = sealed(next(), alice) as { signatures: { keyid: string }[] };
  const wire = await box.wire(alice);
  const code = await wire.deploys({ ...short, signatures: [{ ...short.signatures[0], keyid: alice.publicKey.id.slice(0, 20) }] });
  assert.is(code, 'MALFORMED');
  await undeployed('t-lamp');
  await box.holds([code]);
});

it('K03: two signatures of one person count once', async () => {
  const statement = next('vault-1');
  const once = sealed(statement, alice) as { signatures: object[] };
  const wire = await box.wire(alice);
  const codes = [await wire.deploys({ ...once, signatures: [once.signatures[0], once.signatures[0]] })];
  codes.push(...(await outcomes([next('vault-1')], alice)), ...(await outcomes([next('vault-1')], alice, aliceToo)));
  assert.equal(codes, Array(3).fill('THRESHOLD_NOT_MET'));
  assert.equal(await outcomes([next('vault-1')], alice, bob), ['done']);
  await undeployed('vault-1');
  await box.holds(codes);
});

it('K04: a key that is not good any more adds nothing to a threshold', async () => {
  const codes = [
    ...(await outcomes([next('vault-1')], alice, revoked)),
    ...(await outcomes([next('vault-1')], alice, expired)),
    ...(await outcomes([next('vault-1')], alice, stranger)),
    ...(await outcomes([next('vault-1')], revoked)),
  ];
  assert.equal(codes, ['REVOKED_KEY', 'UNTRUSTED_KEY', 'UNTRUSTED_KEY', 'REVOKED_KEY']);
  await box.holds(codes);
});

it('K05: a key does what its rule names, with the names in it', async () => {
  assert.equal(await outcomes([next('bob-1')], bob), ['done']);
  const codes = [
    ...(await outcomes([next('control'), next('bob-1'), command('undeploy', 'bob-1')], alice)),
    ...(await outcomes(
      [next('t-lamp'), command('restart', 'bob-1'), { action: 'input', swarmlet: 'bob-1', ...commonFields(), port: 'in', value: 1 }],
      bob,
    )),
  ];
  assert.equal(
    codes,
    codes.map(() => 'FORBIDDEN'),
  );
  await undeployed('bob-1');
  await box.holds(codes);
});

it('K06: a statement may only ask for less than the policy allows', async () => {
  const asked = [
    { isolation: 'inline' },
    { isolation: 'thread' },
    { limits: { memoryMiB: 129 } },
    { limits: { reactionMs: 60_000 } },
    { limits: { restarts: 1000 } },
    ...['trusted', 'deployment', 'exec', 'serial', 'files', 'http-client', 'net:connect:*:*', 'net:listen:*'].map((name) => ({
      capabilities: [name],
    })),
  ];
  const codes = await outcomes(
    asked.map((more) => next('t-lamp', more)),
    alice,
  );
  assert.equal(codes, ['FORBIDDEN', 'FORBIDDEN', 'LIMIT_TOO_HIGH', 'LIMIT_TOO_HIGH', 'LIMIT_TOO_HIGH', ...Array(8).fill('FORBIDDEN')]);
  // What is left open is bounded as well.
  assert.equal(await outcomes([next('bob-1')], bob), ['done']);
  assert.is(((await box.status('bob-1')).limits as { memoryMiB: number }).memoryMiB, 64);
  await undeployed('bob-1');
  await box.holds(codes);
});

it('K07: what a revoked key deployed ends, and its connection with it', async () => {
  const [pair] = leaving;
  const wire = await box.wire(pair);
  assert.is(await wire.deploys(sealed(next('leave-1'), pair)), 'done');
  appendFileSync(files().gone, `${pair.publicKey.id}\n`);
  assert.is((await wire.closed).code, 4403);
  assert.is((await box.reaches('leave-1', 'stopped')).reason, 'revoked');
  assert.equal(await outcomes([next('leave-1')], pair).catch((error: Error) => error.message.split(':')[0]), 'UNTRUSTED_KEY');
  box.changed();
  await box.holds(['REVOKED_KEY'].slice(1));
});

it('K08: a key that is revoked between the push and the start starts nothing', async () => {
  const [, pair] = leaving;
  const wire = await box.wire(pair);
  const slow =
    'exports.setup = function () {}; exports.initialize = function () { var end = Date.now() + 2500; while (Date.now() < end); };';
  const answer = wire.deploys(sealed(deployOf('leave-2', 1, slow), pair)).catch(() => 'closed');
  await polled(
    () => box.running(),
    (names) => names.includes('leave-2'),
    'it starts',
  );
  appendFileSync(files().gone, `${pair.publicKey.id}\n`);
  await wire.closed;
  assert.is.not(await Promise.race([answer, Promise.resolve('closed')]), 'done');
  assert.is((await box.reaches('leave-2', 'stopped')).reason, 'revoked');
  assert.not((await box.audit()).some(({ swarmlet, to }) => swarmlet === 'leave-2' && to === 'running'));
  box.changed();
  await box.holds();
});

it('K09: a list that is half written, or cannot be read, leaves the one before in force', async () => {
  const text = readFileSync(files().trusted, 'utf8');
  const lines = text.split('\n');
  const half = `${lines.slice(0, 2).join('\n')}\n${lines[2]?.slice(0, 60)}`;
  for (const broken of [half, 'nonsense\n', '\u0000\u0001', `${text}* namespaces="swarmlet`]) {
    const before = box.stderr.length;
    writeFileSync(files().trusted, broken);
    await polled(
      async () => box.stderr.slice(before),
      (log) => log.includes('trusted_keys'),
      'the box says what is wrong',
    );
    assert.equal(await outcomes([next()], alice), ['done']);
    const client = box.client();
    assert.is(await client.outcome('authenticate', { envelope: await client.introduction(box.id, stranger) }), 'UNTRUSTED_KEY');
  }
  writeFileSync(files().trusted, text);
  await undeployed('t-lamp');
  await box.holds();
});

it('K10: who comes first is not trusted for it', async () => {
  const client = box.client();
  assert.is(await client.outcome('authenticate', { envelope: await client.introduction(box.id, stranger) }), 'UNTRUSTED_KEY');
  assert.is(await client.outcome('deploy', { envelope: sealed(next('t-lamp'), stranger) }), 'UNAUTHENTICATED');
  assert.equal(await outcomes([next('t-lamp')], stranger), ['UNTRUSTED_KEY']);
  await box.holds(['UNTRUSTED_KEY']);
});

it('K11: no statement changes who is trusted', async () => {
  const statements = ['trust', 'add-key', 'update-keys'].map((action) => ({
    ...commonFields(),
    action,
    sequence: ++sequence,
    keys: [stranger.publicKey.text],
  }));
  const wire = await box.wire(operator);
  const codes: string[] = [];
  for (const statement of statements) codes.push(await wire.deploys(sealed(statement, operator, alice, bob)));
  assert.equal(codes, ['MALFORMED', 'MALFORMED', 'MALFORMED']);
  await box.holds(codes);
});

it('K12: a stolen key reads and changes what is its own, and the audit names it', async () => {
  const wire = await box.wire(bob);
  for (const method of ['status', 'history', 'logs', 'subscribe'])
    assert.is(await wire.outcome(method, { swarmlet: 'control' }), 'FORBIDDEN', method);
  const { swarmlets } = (await wire.call('list', {})).result as { swarmlets: { swarmlet: string }[] };
  assert.ok(
    swarmlets.every(({ swarmlet }) => /^(?:bob|vault)-/.test(swarmlet)),
    JSON.stringify(swarmlets),
  );
  const { records } = (await wire.call('audit', { limit: 1000 })).result as { records: { swarmlet?: string }[] };
  assert.ok(records.every(({ swarmlet }) => swarmlet === undefined || /^(?:bob|vault)-/.test(swarmlet)));
  const codes = await outcomes([command('undeploy', 'control')], bob);
  assert.equal(codes, ['FORBIDDEN']);
  const last = (await box.audit()).findLast(({ event }) => event === 'refused');
  assert.equal([last?.principal, last?.keyId], ['bob@lab', bob.publicKey.id]);
  await box.holds(codes);
});

it('K13: the key of the box is read by nobody else', async () => {
  const other = await AttackedBox.open();
  const key = join(other.folder, 'state/box_ed25519');
  assert.ok(parsePrivateKey(readFileSync(key, 'utf8')));
  chmodSync(key, 0o644);
  const error = await other.again('SIGTERM').then(
    () => 'it started',
    (thrown: Error) => thrown.message,
  );
  assert.ok(/ended with 1/.test(error) && error.includes('box_ed25519'), error);
  await other.close();
});

const asRoot = needing(it, 'root, which may give a link to another user', process.getuid?.() === 0);
asRoot('K14: a list behind the link of a stranger is not followed', async () => {
  const text = readFileSync(files().trusted, 'utf8');
  const target = box.file('strangers/list', `${text}mallory@lab ${stranger.publicKey.text}\n`);
  rmSync(files().trusted);
  symlinkSync(target, files().trusted);
  lchownSync(files().trusted, 65534, 65534);
  await polled(
    async () => box.stderr,
    (log) => log.includes('link of another user'),
    'the box says what is wrong',
  );
  const client = box.client();
  assert.is(await client.outcome('authenticate', { envelope: await client.introduction(box.id, stranger) }), 'UNTRUSTED_KEY');
  assert.equal(await outcomes([next()], alice), ['done']);
  rmSync(files().trusted);
  writeFileSync(files().trusted, text);
  await undeployed('t-lamp');
  await box.holds();
});

it('K15: without a key to sign with the command sends nothing, and says why', async () => {
  box.file('Lamp.js', QUIET);
  for (const env of [{ SSH_AUTH_SOCK: '/nonexistent/agent' }, {}] as NodeJS.ProcessEnv[]) {
    const { code, stderr } = await box.command(['push', 'Lamp.js', '--to', box.url, '--name', 't-agent'], env);
    assert.is(code, 1, stderr);
    assert.match(stderr, /key/);
  }
  assert.not((await box.running()).includes('t-agent'));
  await box.holds();
});

it('K16: a chain of boxes that sign for swarmlets ends', async () => {
  const origin = { swarmlet: 'x', digest: `sha256:${'0'.repeat(64)}`, principal: 'a', hops: 4 };
  const codes = await outcomes([next('t-lamp', { origin }), next('t-lamp', { origin: { ...origin, hops: 0 } })], alice);
  assert.equal(codes, ['FORBIDDEN', 'MALFORMED']);
  await box.holds(codes);
});

it.run();
