import { randomBytes } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  decodeBase64,
  digestOf,
  type KeyPair,
  namespaces,
  parsePublicKey,
  parseSshSignature,
  verifySsh,
} from '../../../src/envelope/index.ts';
import { alice, bob, mallory, openBox, type TestBox } from '../../support/service.ts';
import { commonFields, sealed, trustLine } from '../../support/signed.ts';
import { type SocketClient, within } from '../../support/socket-client.ts';

const it = suite('handshake');
const boxes: TestBox[] = [];
const box = async (...options: Parameters<typeof openBox>): Promise<TestBox> => {
  const made = await openBox(...options);
  boxes.push(made);
  return made;
};
it.after.each(async () => {
  for (const made of boxes.splice(0)) await made.close();
});

interface Hello {
  readonly box: { readonly id: string; readonly publicKey: string; readonly sealKey: string };
  readonly nonce: string;
}

const greeted = async (client: SocketClient): Promise<Hello> => (await client.notification('hello')).params as Hello;

function challenge({ box: { id }, nonce }: Hello, pair: KeyPair, more: object = {}): { envelope: object } {
  const clientNonce = randomBytes(16).toString('base64');
  return { envelope: sealed({ action: 'authenticate', ...commonFields(Date.now(), [id]), nonce, clientNonce, ...more }, pair) };
}

it('proves the box to the caller, and the key for sealed values with it', async () => {
  const { client } = await box();
  const caller = client();
  const hello = await greeted(caller);
  const clientNonce = randomBytes(16).toString('base64');
  const { result } = await caller.call('authenticate', challenge(hello, alice, { clientNonce }));
  const { principal, signature } = result as { principal: string; signature: string };
  assert.is(principal, 'alice@lab');
  const [type = '', base64 = ''] = hello.box.publicKey.split(' ');
  const message = Buffer.from(`${clientNonce}\n${hello.nonce}\n${hello.box.sealKey}`);
  const parsed = parseSshSignature(decodeBase64(signature, 'signature'));
  assert.ok(verifySsh(parsed, parsePublicKey(type, base64), namespaces.box, message, { requirePresence: false }));
});

it('takes a nonce once, on whatever connection', async () => {
  const { client } = await box();
  const first = client();
  const hello = await greeted(first);
  const second = client();
  await greeted(second);
  const params = challenge(hello, alice);
  assert.ok((await second.call('authenticate', params)).result);
  assert.is((await first.call('authenticate', params)).error?.data.code, 'REPLAYED');
  assert.is((await first.call('authenticate', challenge(hello, bob))).error?.data.code, 'REPLAYED');
});

it('refuses a nonce that it did not make, also one of another box', async () => {
  const { client } = await box();
  const other = await box();
  const caller = client();
  const hello = await greeted(caller);
  const elsewhere = await greeted(other.client());
  const made = { ...hello, nonce: randomBytes(16).toString('base64') };
  assert.is((await caller.call('authenticate', challenge(made, alice))).error?.data.code, 'REPLAYED');
  assert.is((await caller.call('authenticate', challenge({ ...hello, nonce: elsewhere.nonce }, alice))).error?.data.code, 'REPLAYED');
});

it('tells a stranger the same of an unknown key, a revoked key and a wrong signature, and the audit the truth', async () => {
  const { client, revoke, service, log, trust } = await box();
  trust(trustLine('alice@lab', alice) + trustLine('bob@lab', bob));
  revoke(`${bob.publicKey.id}\n`);
  service.trust.reload();
  const caller = client();
  const hello = await greeted(caller);
  const rows: [object, KeyPair][] = [
    [challenge(hello, mallory), mallory],
    [challenge(hello, bob), bob],
  ];
  const errors = [];
  for (const [params, pair] of rows) {
    const { error } = await caller.call('authenticate', params);
    errors.push([error?.code, error?.data.code, error?.message.replace(pair.publicKey.id, 'KEY')]);
  }
  const forged = client();
  const params = challenge(await greeted(forged), alice) as { envelope: { signatures: { sig: string }[] } };
  const other = challenge(hello, alice) as typeof params;
  (params.envelope.signatures[0] as { sig: string }).sig = other.envelope.signatures[0]?.sig ?? '';
  const { error } = await forged.call('authenticate', params);
  errors.push([error?.code, error?.data.code, error?.message.replace(alice.publicKey.id, 'KEY')]);
  assert.equal(errors[0], errors[1]);
  assert.equal(errors[0], errors[2]);
  assert.is(errors[0]?.[1], 'UNTRUSTED_KEY');
  await service.close();
  const codes = log.filter(({ event }) => event === 'strangers').map(({ code, count }) => `${code} ${count}`);
  assert.equal(codes.sort(), ['BAD_SIGNATURE 1', 'REVOKED_KEY 1', 'UNTRUSTED_KEY 1']);
});

it('refuses a statement made for something else than the handshake', async () => {
  const { client } = await box();
  const caller = client();
  const hello = await greeted(caller);
  const undeploy = { action: 'undeploy', ...commonFields(Date.now(), [hello.box.id]), swarmlet: 'lamp', sequence: 1 };
  assert.is((await caller.call('authenticate', { envelope: sealed(undeploy, alice) })).error?.data.code, 'MALFORMED');
  assert.is((await caller.call('authenticate', {})).error?.data.code, 'MALFORMED');
});

it('counts the refusals of strangers instead of writing each', async () => {
  const { client, log, service } = await box();
  for (let i = 0; i < 4; i++) {
    const caller = client();
    const hello = await greeted(caller);
    for (let j = 0; j < 3; j++) await caller.call('authenticate', challenge(hello, mallory));
    await caller.closed;
  }
  await service.close();
  const lines = log.filter(({ event }) => event === 'strangers');
  assert.ok(lines.length <= 2, `${lines.length} lines`);
  assert.is(
    lines.reduce((sum, { count }) => sum + Number(count), 0),
    12,
  );
});

it('closes with 4403 when the key of a connection is revoked', async () => {
  const { client, revoke, service } = await box();
  const caller = client();
  await caller.call('authenticate', challenge(await greeted(caller), alice));
  revoke(`${alice.publicKey.id}\n`);
  service.trust.reload();
  assert.is((await within(caller.closed, 'closing')).code, 4403);
});

it('closes with 4401 when the key of a connection leaves the list', async () => {
  const { client, trust, service } = await box();
  const caller = client();
  await caller.call('authenticate', challenge(await greeted(caller), alice));
  trust(trustLine('bob@lab', bob));
  service.trust.reload();
  assert.is((await within(caller.closed, 'closing')).code, 4401);
});

it('names the digest of what was signed nowhere in an error', async () => {
  const { client } = await box();
  const caller = client();
  const params = challenge(await greeted(caller), mallory) as { envelope: { payload: string } };
  const { error } = await caller.call('authenticate', params);
  assert.not.match(JSON.stringify(error), digestOf(Buffer.from(params.envelope.payload, 'base64')));
});

it.run();
