import { createHash, sign } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { envelopeOf, type KeyPair, namespaces, pae, payloadType, signSsh } from '../../src/envelope/index.ts';
import { AttackedBox, alice, bob, commonFields, deployOf, QUIET, sealed, stranger, type Wire } from '../support/attacked-box.ts';

const it = suite('threats: envelope and signature');
let box: AttackedBox;
it.before(async () => {
  box = await AttackedBox.open();
});
it.after(() => box.close());

type Json = Record<string, unknown> & { signatures: Record<string, unknown>[] };
let sequence = 0;
const next = (name = 't-lamp', more: object = {}): Record<string, unknown> => deployOf(name, ++sequence, QUIET, more);
const good = (statement: object = next(), ...pairs: KeyPair[]): Json => sealed(statement, ...(pairs.length ? pairs : [alice])) as Json;

/** Sends each envelope, on new connections where one may not have refused so many; all codes in order. */
async function refusals(envelopes: readonly unknown[], pair: KeyPair = alice): Promise<string[]> {
  const codes: string[] = [];
  for (let i = 0; i < envelopes.length; i += 150) {
    const wire = await box.wire(pair);
    codes.push(...(await Promise.all(envelopes.slice(i, i + 150).map((envelope) => wire.deploys(envelope)))));
    wire.end();
  }
  assert.not((await box.running()).includes('t-lamp'), 'something of it runs');
  return codes;
}

function withSignature(statement: object, blob: Buffer, keyId = alice.publicKey.id): object {
  return envelopeOf(Buffer.from(JSON.stringify(statement)), [{ keyId, signature: blob }]);
}

const message = (statement: object): Buffer => pae(payloadType, Buffer.from(JSON.stringify(statement)));
const wireString = (bytes: string | Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(bytes));
  return Buffer.concat([length, Buffer.from(bytes)]);
};
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** An SSHSIG blob with some of its parts replaced; what is signed fits them. */
function oddBlob(
  pair: KeyPair,
  text: Buffer,
  odd: Partial<Record<'version' | 'namespace' | 'reserved' | 'hash' | 'type' | 'tail', string | number>> & {
    key?: Buffer;
    signature?: Buffer;
  } = {},
): Buffer {
  const {
    version = 1,
    namespace = 'swarmlet',
    reserved = '',
    hash = 'sha512',
    type = 'ssh-ed25519',
    tail = '',
    key = pair.publicKey.blob,
  } = odd;
  const digest = createHash(hash === 'sha256' ? 'sha256' : 'sha512')
    .update(text)
    .digest();
  const parts = [namespace, reserved, hash].map((one) => wireString(String(one)));
  const signature = odd.signature ?? sign(null, Buffer.concat([Buffer.from('SSHSIG'), ...parts, wireString(digest)]), pair.privateKey);
  const inner = Buffer.concat([wireString(String(type)), wireString(signature)]);
  return Buffer.concat([
    Buffer.from('SSHSIG'),
    uint32(Number(version)),
    wireString(key),
    ...parts,
    wireString(inner),
    Buffer.from(String(tail)),
  ]);
}

it('A01: nothing without a signature', async () => {
  const envelope = good();
  const codes = await refusals([
    { ...envelope, signatures: [] },
    { ...envelope, signatures: [{ keyid: alice.publicKey.id, sig: '' }] },
    { ...envelope, signatures: undefined },
    { ...envelope, signatures: [{ keyid: alice.publicKey.id }] },
    { ...envelope, signatures: {} },
  ]);
  assert.equal(codes, Array(5).fill('MALFORMED'));
  await box.holds(codes);
});

it('A02: no bit of payload, type or signature may change', async () => {
  const statement = next('t-lamp', { files: { 'M.js': { sha256: '0'.repeat(64), size: 0 } }, main: 'M.js' });
  const { payload, signatures } = good(statement) as unknown as { payload: string; signatures: { sig: string }[] };
  const [bytes, sig] = [Buffer.from(payload, 'base64'), Buffer.from(signatures[0]?.sig ?? '', 'base64')];
  const flipped = (given: Buffer, at: number): string => {
    const copy = Buffer.from(given);
    copy[at] = (copy[at] as number) ^ (1 << (at % 8));
    return copy.toString('base64');
  };
  const of = (changed: object): object => ({
    ...good(statement),
    payload,
    signatures: [{ keyid: alice.publicKey.id, sig: sig.toString('base64') }],
    ...changed,
  });
  const codes = await refusals([
    ...Array.from(bytes, (_, at) => of({ payload: flipped(bytes, at) })),
    ...Array.from(sig, (_, at) => of({ signatures: [{ keyid: alice.publicKey.id, sig: flipped(sig, at) }] })),
    ...Array.from(payloadType, (letter, at) =>
      of({ payloadType: `${payloadType.slice(0, at)}${String.fromCharCode(letter.charCodeAt(0) ^ 1)}${payloadType.slice(at + 1)}` }),
    ),
  ]);
  assert.equal([...new Set(codes)].sort(), ['BAD_SIGNATURE', 'MALFORMED']);
  assert.is(codes.filter((code) => code === 'MALFORMED').length, payloadType.length);
  await box.holds(codes);
});

it('A03: a stranger learns no more from an unknown key than from a wrong signature', async () => {
  const answers: string[] = [];
  for (const damage of [false, true]) {
    const client = box.client();
    const envelope = (await client.introduction(box.id, damage ? alice : stranger)) as Json;
    if (damage)
      envelope.payload = Buffer.from(
        Buffer.from(String(envelope.payload), 'base64').toString().replace('"authenticate"', '"authenticate" '),
      ).toString('base64');
    const { error } = await client.call('authenticate', { envelope });
    const keyId = (damage ? alice : stranger).publicKey.id;
    answers.push(JSON.stringify(error).replaceAll(keyId, 'KEY'));
  }
  assert.is(answers[0], answers[1]);
  assert.match(String(answers[0]), 'UNTRUSTED_KEY');
  await box.holds();
});

it('A04: what was signed for another purpose is no deployment', async () => {
  const statement = next();
  const others = ['git', 'file', 'email', namespaces.box, 'Swarmlet', 'swarmlet ', ''].map((namespace) =>
    withSignature(statement, oddBlob(alice, message(statement), { namespace })),
  );
  const types = ['application/vnd.in-toto+json', 'application/vnd.swarmlet.statement.v2+json', ''].map((type) => {
    const payload = Buffer.from(JSON.stringify(statement));
    return {
      ...envelopeOf(payload, [{ keyId: alice.publicKey.id, signature: signSsh(alice, 'swarmlet', pae(type, payload)) }]),
      payloadType: type,
    };
  });
  const teardown = good({ ...next(), action: 'undeploy', version: undefined, main: undefined, files: undefined });
  const codes = await refusals([...others, ...types, teardown]);
  assert.equal(codes, [...others.map(() => 'BAD_SIGNATURE'), ...types.map(() => 'MALFORMED'), 'MALFORMED']);
  await box.holds(codes);
});

it('A05: no byte moves between the type and the body', async () => {
  const statement = next();
  const payload = Buffer.from(JSON.stringify(statement));
  const moved = pae(`${payloadType} ${payload.toString().slice(0, 5)}`, payload.subarray(5));
  const bare = Buffer.from(`DSSEv1 ${payloadType} ${payload}`);
  const codes = await refusals([moved, bare].map((text) => withSignature(statement, oddBlob(alice, text))));
  assert.equal(codes, ['BAD_SIGNATURE', 'BAD_SIGNATURE']);
  await box.holds(codes);
});

it('A06: the bytes that were signed are those that are believed, however they are written', async () => {
  const statement = next('t-spaced');
  const odd = Buffer.from(JSON.stringify(statement, null, 3).replace('"t-spaced"', '"\\u0074-spaced"'));
  const envelope = envelopeOf(odd, [{ keyId: alice.publicKey.id, signature: signSsh(alice, 'swarmlet', pae(payloadType, odd)) }]);
  const wire = await box.wire(alice);
  const { result } = await wire.call('deploy', { envelope });
  assert.is((result as { digest: string }).digest, `sha256:${createHash('sha256').update(odd).digest('hex')}`);
  const again = { ...envelope, payload: Buffer.from(JSON.stringify(statement)).toString('base64') };
  assert.is(await wire.deploys(again), 'BAD_SIGNATURE');
  await stop(wire, 't-spaced');
  await box.holds(['BAD_SIGNATURE']);
});

it('A07: an envelope that two parsers read in two ways is refused', async () => {
  const wire = await box.wire(alice);
  const [mine, evil] = [good(), good(next('t-lamp'), bob)].map((envelope) => JSON.stringify(envelope));
  const twice = (first: unknown, second: unknown): string =>
    String(first).replace('"payload":', `"payload":"${(JSON.parse(String(second)) as { payload: string }).payload}","payload":`);
  const frames = [twice(mine, evil), twice(evil, mine)];
  const codes: string[] = [];
  for (const [i, envelope] of frames.entries()) {
    codes.push(
      await wire.says(`{"jsonrpc":"2.0","id":"twice${i}","method":"deploy","params":{"envelope":${envelope}}}`, null).catch(String),
    );
    wire.messages.length = 0;
  }
  for (const code of codes) assert.match(code, /MALFORMED|-32700|-32600/);
  await box.holds();
});

it('A08: base64 has one form', async () => {
  const envelope = good();
  const sig = String(envelope.signatures[0]?.sig);
  const payload = String(envelope.payload);
  const variants = (text: string): string[] => [
    `${text.slice(0, 8)}\n${text.slice(8)}`,
    ` ${text}`,
    `${text.slice(0, 8)}!!${text.slice(8)}`,
    `${text}=`,
    text.replace(/=+$/, '').slice(0, -1),
    text.includes('+') || text.includes('/') ? text.replaceAll('+', '-').replaceAll('/', '_') : `${text.slice(0, -2)}-_`,
  ];
  const codes = await refusals([
    ...variants(payload).map((text) => ({ ...envelope, payload: text })),
    ...variants(sig).map((text) => ({ ...envelope, signatures: [{ keyid: alice.publicKey.id, sig: text }] })),
  ]);
  assert.ok(
    codes.every((code) => code === 'MALFORMED' || code === 'BAD_SIGNATURE'),
    codes.join(),
  );
  await box.holds(codes);
});

it('A09: the algorithm comes from the key that is trusted, never from the message', async () => {
  const envelope = good();
  const statement = next();
  const codes = await refusals([
    { ...envelope, alg: 'none' },
    { ...envelope, signatures: [{ ...envelope.signatures[0], alg: 'HS256' }] },
    withSignature(statement, oddBlob(alice, message(statement), { type: 'ssh-rsa' })),
    withSignature(statement, oddBlob(alice, message(statement), { type: 'sk-ssh-ed25519@openssh.com' })),
    withSignature(statement, oddBlob(alice, message(statement), { type: 'ecdsa-sha2-nistp256' })),
  ]);
  assert.equal(codes.slice(0, 2), ['MALFORMED', 'MALFORMED']);
  assert.ok(
    codes.slice(2).every((code) => code === 'BAD_SIGNATURE'),
    codes.join(),
  );
  const rsa = await box.command([
    'trust',
    'add',
    'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQ== eve@lab',
    '--state',
    `${box.folder}/outside-state`,
  ]);
  assert.is.not(rsa.code, 0);
  await box.holds(codes);
});

/** Order of the group. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const little = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();

/** The signature of a statement with its S raised by the order of the group: the same to a careless verifier. */
function raised(statement: object): Buffer {
  const blob = oddBlob(alice, message(statement));
  const s = BigInt(`0x${Buffer.from(blob.subarray(-32)).reverse().toString('hex')}`);
  return Buffer.concat([blob.subarray(0, -32), little(s + L)]);
}

it('A10: a signature has one form', async () => {
  const statement = next();
  const codes = await refusals([withSignature(statement, raised(statement))]);
  assert.equal(codes, ['BAD_SIGNATURE']);
  await box.holds(codes);
});

/** The eight points of small order, their second encodings, and encodings of no reduced y. */
const weak = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
];

it('A11: a key under which anything verifies does not come into the list, by hand or by command', async () => {
  const list = box.file('outside-state/trusted_keys', '');
  const texts = weak.map(
    (point) => `ssh-ed25519 ${Buffer.concat([wireString('ssh-ed25519'), wireString(Buffer.from(point, 'hex'))]).toString('base64')}`,
  );
  for (const text of texts.filter((_, i) => i % 3 === 0)) {
    const { code, stderr } = await box.command(['trust', 'add', `${text} weak@lab`, '--trusted-keys', list]);
    assert.is.not(code, 0, text);
    assert.match(stderr, /small order|canonical|encod|point|ed25519/i);
  }
  const { parseAllowedSigners } = await import('../../src/trust/index.ts');
  for (const text of texts) assert.throws(() => parseAllowedSigners(`weak@lab ${text}\n`, 'list'), /list:1/, text);
  await box.holds();
});

it('A12: what is refused alone is refused among good ones', async () => {
  const statement = next('vault-1');
  const payload = Buffer.from(JSON.stringify(statement));
  const of = (...blobs: [KeyPair, Buffer][]): object =>
    envelopeOf(
      payload,
      blobs.map(([pair, signature]) => ({ keyId: pair.publicKey.id, signature })),
    );
  const [mine, bobs, bad] = [oddBlob(alice, message(statement)), oddBlob(bob, message(statement)), raised(statement)];
  const codes = await refusals([
    of([alice, bad]),
    of([bob, bobs], [alice, bad]),
    of([alice, bad], [bob, bobs]),
    of([alice, mine], [alice, bad]),
  ]);
  assert.equal(codes, Array(4).fill('BAD_SIGNATURE'));
  await box.holds(codes);
});

it('A13: a signature of a wrong length is refused and throws nothing', async () => {
  const statement = next();
  const of = (signature: Buffer): object => withSignature(statement, oddBlob(alice, message(statement), { signature }));
  const lengths = [0, 1, 63, 65, 128].map((length) => of(Buffer.alloc(length, 1)));
  const huge = { ...good(statement), signatures: [{ keyid: alice.publicKey.id, sig: Buffer.alloc(1_000_000).toString('base64') }] };
  const cut = withSignature(statement, oddBlob(alice, message(statement)).subarray(0, 40));
  const shortKey = withSignature(
    statement,
    oddBlob(alice, message(statement), { key: Buffer.concat([wireString('ssh-ed25519'), wireString(Buffer.alloc(31))]) }),
  );
  const codes = await refusals([...lengths, huge, cut, shortKey]);
  assert.equal(codes, [...lengths.map(() => 'BAD_SIGNATURE'), 'MALFORMED', 'BAD_SIGNATURE', 'BAD_SIGNATURE']);
  await box.holds(codes);
});

it('A14: the key inside a signature is believed to be nobody', async () => {
  const statement = next();
  const own = oddBlob(stranger, message(statement));
  const codes = await refusals([
    withSignature(statement, own, stranger.publicKey.id),
    withSignature(statement, own, alice.publicKey.id),
    { ...good(statement), publicKey: stranger.publicKey.text },
  ]);
  assert.equal(codes, ['UNTRUSTED_KEY', 'BAD_SIGNATURE', 'MALFORMED']);
  await box.holds(codes);
});

it('A15: odd signature blobs', async () => {
  const statement = next();
  const text = message(statement);
  const blobs = [
    oddBlob(alice, text, { namespace: '' }),
    oddBlob(alice, text, { hash: 'sha256' }),
    oddBlob(alice, text, { hash: 'md5' }),
    oddBlob(alice, text, { version: 2 }),
    oddBlob(alice, text, { version: 0 }),
    oddBlob(alice, text, { tail: 'x' }),
    oddBlob(alice, text, { reserved: 'x' }),
    oddBlob(alice, text, { type: 'sk-ssh-ed25519@openssh.com' }),
    Buffer.concat([Buffer.from('XXXXXX'), oddBlob(alice, text).subarray(6)]),
    Buffer.from('SSHSIG'),
  ];
  const codes = await refusals(blobs.map((blob) => withSignature(statement, blob)));
  assert.equal(
    codes,
    blobs.map(() => 'BAD_SIGNATURE'),
  );
  await box.holds(codes);
});

it('A16: a hundred thousand signatures are refused before the first is checked', async () => {
  const envelope = good();
  const many = Array.from({ length: 50_000 }, () => ({ keyid: alice.publicKey.id, sig: 'AA==' }));
  const codes = await refusals([
    { ...envelope, signatures: many },
    { ...envelope, signatures: Array(9).fill(envelope.signatures[0]) },
  ]);
  assert.equal(codes, ['TOO_LARGE', 'TOO_LARGE']);
  const wire = await box.wire(alice);
  wire.send(
    JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'deploy',
      params: { envelope: { ...envelope, signatures: Array.from({ length: 100_000 }, () => many[0]) } },
    }),
  );
  assert.is((await wire.closed).code, 1009);
  await box.holds(codes);
});

async function stop(wire: Wire, swarmlet: string): Promise<void> {
  const { sequence: last } = (await wire.call('status', { swarmlet })).result as { sequence: number };
  assert.is(
    await wire.outcome('undeploy', { envelope: sealed({ action: 'undeploy', swarmlet, sequence: last + 1, ...commonFields() }, alice) }),
    'done',
  );
}

it.run();
