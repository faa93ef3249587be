import { createHash, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Envelope,
  envelopeOf,
  formatArmored,
  generateKeyPair,
  type KeyId,
  type KeyPair,
  pae,
  parseArmored,
  parseEnvelope,
  parseJson,
  payloadType,
  signSsh,
} from '../../../src/envelope/index.ts';
import { type errors, isServiceError, orThrow } from '../../../src/errors.ts';
import {
  Admission,
  clockSkewMs,
  type LastAccepted,
  Policy,
  parseAllowedSigners,
  type TrustedKey,
  type UsedNonce,
} from '../../../src/trust/index.ts';
import { boxId, code, envelopeJson, issued, nonce, payloadOf, signed, sshKeygen, statements } from '../../support/envelopes.ts';
import { folderWith } from '../../support/folder.ts';
import { hasOpenSsh } from '../../support/keys.ts';

const it = suite('admission');
const openSsh = hasOpenSsh ? it : it.skip;
if (!hasOpenSsh) console.log('skipped: an envelope that ssh-keygen signs and checks: it is not installed');
const folder = folderWith();
it.after(() => folder.remove());

const alice = generateKeyPair();
const bob = generateKeyPair();
const stranger = generateKeyPair();
const expires = Date.parse(statements.deploy.expires);
const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

interface World {
  list?: string;
  revoked?: readonly KeyId[];
  last?: LastAccepted;
  used?: UsedNonce;
  latest?: number;
  restored?: number;
  others?: number;
  now?: number;
  policy?: Policy;
  labels?: Record<string, string>;
}

const defaultList = `alice@lab ${alice.publicKey.text}\nbob@lab ${bob.publicKey.text}\n`;

/** A box that trusts alice and bob, a minute after the statements were issued, and throws what it refuses; `asked` notes what admission asked for. */
function box(world: World = {}) {
  const { keys } = parseAllowedSigners(world.list ?? defaultList, 'trusted_keys');
  const asked: string[] = [];
  const inTime = ({ validAfter = 0, validBefore = Number.POSITIVE_INFINITY }: TrustedKey, nowMs: number) =>
    nowMs >= validAfter && nowMs <= validBefore;
  const verdicts = new Admission({
    boxId: boxId as KeyId,
    labels: world.labels ?? { room: '545', floor: '5' },
    trust: {
      get(keyId, nowMs) {
        const trusted = keys.get(keyId);
        return trusted && inTime(trusted, nowMs) ? trusted : undefined;
      },
      isRevoked: (keyId) => world.revoked?.includes(keyId) ?? false,
    },
    order: {
      lastSequence(swarmlet) {
        asked.push(`last ${swarmlet}`);
        return world.last;
      },
      seenNonce(text) {
        asked.push(`nonce ${text}`);
        return world.used;
      },
      latestTime: () => world.latest ?? 0,
      restoredAt: () => world.restored ?? 0,
      othersOf: () => world.others ?? 0,
    },
    policy: world.policy ?? new Policy(),
    now: () => world.now ?? issued + 60_000,
  });
  const admit = (...given: Parameters<Admission['admit']>) => orThrow(verdicts.admit(...given));
  const authenticate = (...given: Parameters<Admission['authenticate']>) => orThrow(verdicts.authenticate(...given));
  const recheck = (...given: Parameters<Admission['recheck']>) => verdicts.recheck(...given);
  return { admission: { admit, authenticate, recheck }, asked, admit };
}

const refuses = (world: World, envelope: Envelope, expected: keyof typeof errors, words = '') =>
  assert.throws(() => box(world).admit(envelope), code(expected, words));

/** The envelope of a good statement with one signature whose blob was changed. */
function withBlob(change: (blob: Buffer) => Buffer, pair: KeyPair = alice): Envelope {
  const { signatures, payload } = signed(statements.deploy, pair);
  const blob = signatures[0]?.signature ?? Buffer.alloc(0);
  return parseEnvelope(envelopeOf(payload, [{ keyId: pair.publicKey.id, signature: change(blob) }]));
}

for (const action of ['deploy', 'undeploy', 'restart', 'rollback', 'input'] as const) {
  it(`believes ${action} by a trusted key`, () => {
    const verified = box().admit(signed(statements[action], alice));
    assert.equal(verified.statement, statements[action]);
    assert.is(verified.principal, 'alice@lab');
    assert.is(verified.keyId, alice.publicKey.id);
    assert.is(verified.receivedAt, issued + 60_000);
    assert.is(verified.digest, `sha256:${createHash('sha256').update(verified.payload).digest('hex')}`);
    assert.equal(verified.payload, payloadOf(statements[action]));
  });
}

openSsh('believes what ssh-keygen signed, and signs what ssh-keygen believes', () => {
  const file = join(folder.path, 'id');
  sshKeygen(['-q', '-t', 'ed25519', '-N', '', '-C', 'carol', '-f', file]);
  const text = sshKeygen(['-y', '-f', file]).split(' ').slice(0, 2).join(' ');
  const keyId = sshKeygen(['-lf', file]).split(' ')[1] as KeyId;
  const payload = payloadOf(statements.deploy);
  const signature = parseArmored(sshKeygen(['-Y', 'sign', '-n', 'swarmlet', '-f', file], pae(payloadType, payload)));
  const envelope = parseEnvelope(envelopeOf(payload, [{ keyId, signature }]));
  assert.is(box({ list: `carol namespaces="swarmlet" ${text}` }).admit(envelope).principal, 'carol');

  const [signers, sig] = [join(folder.path, 'allowed_signers'), join(folder.path, 'push.sig')];
  const ours = signed(statements.deploy, alice);
  writeFileSync(signers, defaultList);
  writeFileSync(sig, formatArmored(ours.signatures[0]?.signature ?? Buffer.alloc(0)));
  sshKeygen(['-Y', 'verify', '-f', signers, '-I', 'alice@lab', '-n', 'swarmlet', '-s', sig], pae(payloadType, ours.payload));
});

it('believes nothing, whichever byte of an envelope is changed', () => {
  const { admission } = box();
  const good = Buffer.from(JSON.stringify(envelopeJson(payloadOf(statements.undeploy), alice)));
  const admit = (bytes: Buffer) => admission.admit(parseEnvelope(parseJson(bytes, 'envelope')));
  assert.ok(admit(good));
  for (let at = 0; at < good.length; at += 1) {
    for (const bits of [0x01, 0x20]) {
      const changed = Buffer.from(good);
      changed[at] = (changed[at] ?? 0) ^ bits;
      try {
        admit(changed);
      } catch (error) {
        if (isServiceError(error) && ['MALFORMED', 'BAD_SIGNATURE', 'UNTRUSTED_KEY'].includes(error.code)) continue;
        throw error;
      }
      assert.unreachable(`byte ${at} changed by ${bits}: ${changed}`);
    }
  }
});

it('verifies the bytes that came, not what they mean', () => {
  const spaced = Buffer.from(JSON.stringify(statements.undeploy, null, 2).replace('8,', '8.0,'));
  assert.ok(box().admit(parseEnvelope(envelopeJson(spaced, alice))));
  const { signatures } = signed(statements.undeploy, alice);
  refuses({}, parseEnvelope(envelopeOf(spaced, signatures)), 'BAD_SIGNATURE', 'does not fit the payload');
});

it('refuses a payload with a key twice, although it was signed so', () => {
  const text = JSON.stringify(statements.undeploy);
  const twice = Buffer.from(text.replace('"swarmlet":"lamp"', '"swarmlet":"lamp","swarmlet":"door"'));
  refuses({}, parseEnvelope(envelopeJson(twice, alice)), 'MALFORMED', 'stands twice');
});

it('refuses a key that is not in the list, or whose time it is not', () => {
  refuses({}, signed(statements.deploy, stranger), 'UNTRUSTED_KEY', stranger.publicKey.id);
  refuses({ list: '' }, signed(statements.deploy, alice), 'UNTRUSTED_KEY');
  const until = `alice valid-before="20261122184500Z" ${alice.publicKey.text}`;
  assert.ok(box({ list: until, now: issued + 31_000 }).admit(signed(statements.deploy, alice)));
  refuses({ list: until, now: issued + 31_001 }, signed(statements.deploy, alice), 'UNTRUSTED_KEY');
});

it('refuses a revoked key, in the list or not', () => {
  refuses({ revoked: [alice.publicKey.id] }, signed(statements.deploy, alice), 'REVOKED_KEY', alice.publicKey.id);
  refuses({ revoked: [stranger.publicKey.id] }, signed(statements.deploy, stranger), 'REVOKED_KEY');
});

it('lets one bad signature spoil the good ones', () => {
  const { payload, signatures } = signed(statements.deploy, alice, bob);
  assert.ok(box().admit(parseEnvelope(envelopeOf(payload, signatures))));
  refuses({}, signed(statements.deploy, alice, stranger), 'UNTRUSTED_KEY');
  refuses({ revoked: [bob.publicKey.id] }, signed(statements.deploy, alice, bob), 'REVOKED_KEY');
  const [first, second] = signatures;
  assert.ok(first && second);
  const swapped = [
    { ...first, signature: second.signature },
    { ...second, signature: first.signature },
  ];
  refuses({}, parseEnvelope(envelopeOf(payload, swapped)), 'BAD_SIGNATURE', 'made with another key');
  const spoiled = { ...first, signature: signSsh(alice, 'swarmlet', Buffer.from('another payload')) };
  refuses({}, parseEnvelope(envelopeOf(payload, [first, second, spoiled])), 'BAD_SIGNATURE');
});

it('looks for all keys before it checks any signature', () => {
  const { payload, signatures } = signed(statements.deploy, stranger);
  const broken = { keyId: alice.publicKey.id, signature: Buffer.from('junk') };
  refuses({}, parseEnvelope(envelopeOf(payload, [broken, ...signatures])), 'UNTRUSTED_KEY');
});

it('tells a stranger nothing by a signature without shape', () => {
  refuses(
    {},
    withBlob(() => Buffer.from('junkjunk')),
    'BAD_SIGNATURE',
    'does not start with SSHSIG',
  );
  refuses(
    {},
    withBlob((blob) => Buffer.concat([blob, Buffer.alloc(1)])),
    'BAD_SIGNATURE',
    'bytes follow its end',
  );
  refuses(
    {},
    withBlob((blob) => blob.subarray(0, -1)),
    'BAD_SIGNATURE',
    'cut short',
  );
});

it('uses the key of the list, not the one in the signature', () => {
  const forged = withBlob(() => signSsh(stranger, 'swarmlet', pae(payloadType, payloadOf(statements.deploy))));
  refuses({}, forged, 'BAD_SIGNATURE', 'made with another key');
});

it('refuses what was signed for another purpose', () => {
  const payload = payloadOf(statements.deploy);
  refuses(
    {},
    withBlob(() => signSsh(alice, 'git', pae(payloadType, payload))),
    'BAD_SIGNATURE',
    'for namespace "git"',
  );
  refuses(
    {},
    withBlob(() => signSsh(alice, 'swarmlet-box', pae(payloadType, payload))),
    'BAD_SIGNATURE',
    'for namespace "swarmlet-box"',
  );
  refuses(
    {},
    withBlob(() => signSsh(alice, 'swarmlet', pae('text/plain', payload))),
    'BAD_SIGNATURE',
    'does not fit',
  );
  refuses(
    {},
    withBlob(() => signSsh(alice, 'swarmlet', payload)),
    'BAD_SIGNATURE',
    'does not fit',
  );
});

it('asks for a touch of a FIDO token, unless the line lifts that', () => {
  const type = 'sk-ssh-ed25519@openssh.com';
  const field = (bytes: Buffer | string) => Buffer.concat([Buffer.from([0, 0, 0, Buffer.byteLength(bytes)]), Buffer.from(bytes)]);
  const sha = (algorithm: string, data: string | Buffer) => createHash(algorithm).update(data).digest();
  const key = Buffer.concat([field(type), field(alice.publicKey.blob.subarray(-32)), field('ssh:')]);
  const keyId = `SHA256:${sha('sha256', key).toString('base64').slice(0, 43)}` as KeyId;
  const payload = payloadOf(statements.deploy);
  const head = Buffer.concat([field('swarmlet'), field(''), field('sha512')]);
  const signedPart = Buffer.concat([Buffer.from('SSHSIG'), head, field(sha('sha512', pae(payloadType, payload)))]);
  const envelope = (flags: number) => {
    const rest = Buffer.from([flags, 0, 0, 0, 9]);
    const raw = sign(null, Buffer.concat([sha('sha256', 'ssh:'), rest, sha('sha256', signedPart)]), alice.privateKey);
    const inner = Buffer.concat([field(type), field(raw), rest]);
    const signature = Buffer.concat([Buffer.from('SSHSIG\0\0\0\x01'), field(key), head, field(inner)]);
    return parseEnvelope(envelopeOf(payload, [{ keyId, signature }]));
  };
  const list = (options: string) => ({ list: `alice@lab ${options}${type} ${key.toString('base64')}` });
  assert.ok(box(list('')).admit(envelope(1)));
  refuses(list(''), envelope(0), 'BAD_SIGNATURE', 'nobody touched the token');
  assert.ok(box(list('no-touch-required ')).admit(envelope(0)));
});

it('lists each key once among the signers, however often it signed', () => {
  const { payload, signatures } = signed(statements.deploy, bob, alice, bob);
  const { signers, principal } = box().admit(parseEnvelope(envelopeOf(payload, signatures)));
  assert.equal(
    signers.map((signer) => signer.principal),
    ['bob@lab', 'alice@lab'],
  );
  assert.is(principal, 'bob@lab');
});

it('asks as many people as the policy says', () => {
  const policy = Policy.parse([{ threshold: 2 }]);
  assert.ok(box({ policy }).admit(signed(statements.deploy, alice, bob)));
  refuses({ policy }, signed(statements.deploy, alice, alice), 'THRESHOLD_NOT_MET', 'has 1: alice@lab');
  const list = `alice@lab ${alice.publicKey.text}\nalice@lab ${bob.publicKey.text}`;
  refuses({ policy, list }, signed(statements.deploy, alice, bob), 'THRESHOLD_NOT_MET');
});

for (const [title, audience, isHere] of [
  ['its id', [boxId], true],
  ['another id', [`SHA256:${'B'.repeat(42)}A`], false],
  ['another id, and its own', [`SHA256:${'B'.repeat(42)}A`, boxId], true],
  ['every box', ['*'], true],
  ['its labels', [{ labels: { room: '545', floor: '5' } }], true],
  ['a label that it has, and one that it lacks', [{ labels: { room: '545', roof: 'flat' } }], false],
  ['a label of another value', [{ labels: { room: '546' } }], false],
  ['a label by the name of an object method', [{ labels: { toString: '545' } }], false],
] as const) {
  it(`${isHere ? 'takes' : 'refuses'} a statement for ${title}`, () => {
    const envelope = signed({ ...statements.deploy, audience }, alice);
    if (isHere) assert.ok(box().admit(envelope));
    else refuses({}, envelope, 'WRONG_AUDIENCE', boxId);
  });
}

it('grants five minutes on either side of the times', () => {
  const envelope = signed(statements.deploy, alice);
  assert.ok(box({ now: issued - clockSkewMs }).admit(envelope));
  refuses({ now: issued - clockSkewMs - 1 }, envelope, 'NOT_YET_VALID', statements.deploy.issuedAt);
  assert.ok(box({ now: expires + clockSkewMs }).admit(envelope));
  refuses({ now: expires + clockSkewMs + 1 }, envelope, 'EXPIRED', statements.deploy.expires);
});

it('never takes its clock to be earlier than what it stored', () => {
  const envelope = signed(statements.deploy, alice);
  refuses({ now: 0, latest: expires + clockSkewMs + 1 }, envelope, 'EXPIRED');
  refuses({ restored: issued + 1 }, envelope, 'EXPIRED', 'restored from a backup');
  assert.is(box({ now: 0, latest: issued }).admit(envelope).receivedAt, issued);
});

it('refuses a nonce that was used, and tells by what', () => {
  const used = { digest: digest('a'), sequence: 8, state: 'running' };
  try {
    box({ used }).admit(signed(statements.deploy, alice));
    assert.unreachable();
  } catch (error) {
    assert.ok(code('REPLAYED', digest('a'))(error));
    assert.equal(isServiceError(error) && error.detail, used);
  }
  refuses({ used }, signed(statements.input, alice), 'REPLAYED');
});

it('refuses a sequence that is not above the last, and tells the last', () => {
  const last = { sequence: 8, digest: digest('a'), version: '1.0.0', principal: 'bob@lab' };
  for (const action of ['deploy', 'undeploy', 'restart', 'rollback'] as const) {
    refuses({ last }, signed(statements[action], alice), 'STALE_SEQUENCE', 'Sequence 8 of lamp is not above the last one of this box, 8');
    assert.ok(box({ last }).admit(signed({ ...statements[action], sequence: 9 }, alice)));
  }
  assert.ok(box({ last }).admit(signed(statements.input, alice)));
});

it('takes a name off that has the greatest sequence, and says what frees it', () => {
  const sequence = 2 ** 53 - 1;
  const last = { sequence, digest: digest('a'), version: '1.0.0', principal: 'bob@lab' };
  assert.ok(box({ last }).admit(signed({ ...statements.undeploy, sequence }, alice)));
  refuses({ last }, signed({ ...statements.deploy, sequence }, alice), 'STALE_SEQUENCE', 'reset-sequence');
  refuses({ last }, signed(statements.undeploy, alice), 'STALE_SEQUENCE');
});

it('refuses to replace another version than the one meant, and tells who won', () => {
  const last = { sequence: 7, digest: digest('a'), version: '1.0.0', principal: 'bob@lab' };
  const replacing = (replaces: string | null, sequence = 8) => signed({ ...statements.deploy, replaces, sequence }, alice);
  assert.ok(box({ last }).admit(replacing(digest('a'))));
  assert.ok(box().admit(replacing(null)));
  assert.ok(box({ last: { ...last, digest: null, version: null, principal: null } }).admit(replacing(null)));
  refuses({ last }, replacing(null), 'CONFLICT', '1.0.0 by bob@lab');
  refuses({}, replacing(digest('a')), 'CONFLICT', 'nothing is in its place');
  refuses({ last }, replacing(digest('b'), 7), 'CONFLICT'); // where the sequence fails as well
  refuses({ last }, replacing(digest('a'), 7), 'STALE_SEQUENCE');
});

it('refuses in the order of the protocol, cheapest first', () => {
  // Everything is wrong; then one thing after the other is put right.
  const used = { digest: digest('a'), sequence: 8, state: null };
  const last = { sequence: 8, digest: digest('a'), version: '1.0.0', principal: 'bob@lab' };
  const bad = { ...statements.deploy, colour: 1, audience: [`SHA256:${'B'.repeat(42)}A`], replaces: null, capabilities: ['exec'] };
  const { colour: _, ...shaped } = bad;
  const here = { ...shaped, audience: [boxId] };
  const garbled = parseEnvelope(envelopeOf(payloadOf(bad), [{ keyId: alice.publicKey.id, signature: Buffer.from('x') }]));
  const revoked = [alice.publicKey.id];
  const world = { now: expires + clockSkewMs + 1, used, last };
  refuses({ ...world, revoked }, garbled, 'REVOKED_KEY');
  refuses({ ...world, list: '' }, garbled, 'UNTRUSTED_KEY');
  refuses(world, garbled, 'BAD_SIGNATURE');
  refuses(world, signed(bad, alice), 'MALFORMED');
  refuses(world, signed(shaped, alice), 'WRONG_AUDIENCE');
  refuses(world, signed(here, alice), 'EXPIRED');
  refuses({ used, last }, signed(here, alice), 'REPLAYED');
  refuses({ last }, signed(here, alice), 'CONFLICT');
  refuses({ last }, signed({ ...here, replaces: digest('a') }, alice), 'STALE_SEQUENCE');
  refuses({}, signed(here, alice), 'FORBIDDEN');
});

it('asks nothing of the store for what is not believed', () => {
  const { admission, asked } = box({ now: 0 });
  assert.throws(() => admission.admit(signed(statements.deploy, stranger)), code('UNTRUSTED_KEY'));
  assert.throws(() => admission.admit(signed(statements.deploy, alice)), code('NOT_YET_VALID'));
  assert.equal(asked, []);
});

it('takes only the actions of the call', () => {
  const { admission } = box();
  assert.ok(admission.admit(signed(statements.restart, alice), ['restart', 'undeploy']));
  assert.throws(
    () => admission.admit(signed(statements.deploy, alice), ['restart']),
    code('MALFORMED', 'this call takes restart, got deploy'),
  );
  assert.throws(() => admission.admit(signed(statements.authenticate, alice)), code('MALFORMED', 'got authenticate'));
});

it('tells the audit whom and what a refusal is about, but claims no principal before the signature', () => {
  const subjectOf = (world: World, envelope: Envelope) => {
    try {
      box(world).admit(envelope);
    } catch (error) {
      if (isServiceError(error)) return error.subject;
    }
    return assert.unreachable();
  };
  assert.equal(subjectOf({ revoked: [alice.publicKey.id] }, signed(statements.deploy, alice)), { keyId: alice.publicKey.id });
  // Also when it is another key that is not known: else a stranger could put a key that he asks about before one that he made.
  assert.equal(subjectOf({}, signed(statements.deploy, alice, stranger)), { keyId: alice.publicKey.id });
  assert.equal(subjectOf({}, signed(statements.deploy, stranger, alice)), { keyId: stranger.publicKey.id });
  const { keyId, principal, swarmlet, version, action } = subjectOf({ now: 0 }, signed(statements.deploy, alice)) ?? {};
  assert.equal([keyId, principal, swarmlet, version, action], [alice.publicKey.id, 'alice@lab', 'lamp', '1.4.0', 'deploy']);
});

it('authenticates over a nonce of the box, once', () => {
  const nonces = new Set<string>([nonce]);
  const book = { take: (text: string) => nonces.delete(text) };
  const { admission } = box();
  const envelope = signed(statements.authenticate, alice);
  const { statement, principal } = admission.authenticate(envelope, book);
  assert.is(principal, 'alice@lab');
  assert.is(statement.clientNonce, nonce);
  assert.throws(() => admission.authenticate(envelope, book), code('REPLAYED', 'connect again'));
});

it('uses up no nonce for a handshake that fails', () => {
  let asked = 0;
  const book = {
    take() {
      asked += 1;
      return true;
    },
  };
  const authenticate = (world: World, envelope: Envelope) => box(world).admission.authenticate(envelope, book);
  const good = signed(statements.authenticate, alice);
  assert.throws(() => authenticate({ list: '' }, good), code('UNTRUSTED_KEY'));
  assert.throws(() => authenticate({ now: expires + clockSkewMs + 1 }, good), code('EXPIRED'));
  assert.throws(() => authenticate({}, signed(statements.deploy, alice)), code('MALFORMED', 'this call takes authenticate'));
  const other = { ...statements.authenticate, audience: [`SHA256:${'B'.repeat(42)}A`] };
  assert.throws(() => authenticate({}, signed(other, alice)), code('WRONG_AUDIENCE'));
  assert.is(asked, 0);
  authenticate({}, good);
  assert.is(asked, 1);
});

it('checks revocation and policy again at the moment of start, and nothing else', () => {
  const world: World = {};
  const { admission, asked } = box(world);
  const verified = admission.admit(signed({ ...statements.deploy, limits: { memoryMiB: 64 } }, alice));
  asked.length = 0;
  world.now = expires + 10 * clockSkewMs;
  world.last = { sequence: 99, digest: null, version: null, principal: null };
  assert.is(admission.recheck(verified).limits.memoryMiB, 128);
  assert.equal(asked, []);
  world.revoked = [alice.publicKey.id];
  assert.throws(() => admission.recheck(verified), code('REVOKED_KEY'));
  const strict = box({ policy: Policy.parse([{ limits: { memoryMiB: 32 } }]) });
  assert.throws(() => strict.admission.recheck(verified), code('LIMIT_TOO_HIGH'));
});

it.run();
