import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  digestOf,
  envelopeOf,
  generateKeyPair,
  type KeyId,
  pae,
  parseEnvelope,
  payloadType,
  sizeLimits,
} from '../../../src/envelope/index.ts';
import { code, envelopeJson, payloadOf, statements } from '../../support/envelopes.ts';

const it = suite('envelopes');
const pair = generateKeyPair();
const good = envelopeJson(payloadOf(statements.undeploy), pair) as { signatures: object[] };
const signature = good.signatures[0] as { keyid: string; sig: string };
const refused = (value: unknown, words: string, expected: 'MALFORMED' | 'TOO_LARGE' = 'MALFORMED') =>
  assert.throws(() => parseEnvelope(value), code(expected, words));

it('reads what it wrote, byte for byte', () => {
  const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
  const signatures = fc.array(
    bytes.filter(({ length }) => length > 0).map((blob) => ({ keyId: pair.publicKey.id, signature: blob })),
    { minLength: 1, maxLength: sizeLimits.signatures },
  );
  fc.assert(
    fc.property(bytes, signatures, (payload, list) => {
      const envelope = parseEnvelope(JSON.parse(JSON.stringify(envelopeOf(payload, list))));
      assert.ok(envelope.payload.equals(payload));
      assert.equal(envelope.signatures, list);
      assert.is(envelope.size, payload.length + list.reduce((sum, entry) => sum + entry.signature.length, 0));
    }),
  );
});

it('encodes what is signed with the lengths of both parts, as DSSE 1.0 shows it', () => {
  assert.is(
    pae('http://example.com/HelloWorld', Buffer.from('hello world')).toString(),
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  );
  assert.is(pae('é', Buffer.from([0xff])).toString('latin1'), `${Buffer.from('DSSEv1 2 é 1 ').toString('latin1')}\u00ff`);
});

it('lets no byte move between type and payload', () => {
  assert.not(pae('a b', Buffer.from('c')).equals(pae('a', Buffer.from('b c'))));
});

it('names a payload by the SHA-256 of its bytes', () => {
  assert.is(digestOf(Buffer.from('abc')), 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

for (const value of [undefined, null, 5, 'x', [], [good]]) {
  it(`refuses ${JSON.stringify(value)?.slice(0, 20)}`, () => refused(value, 'envelope: expected an object'));
}

for (const [name, [change, words]] of Object.entries({
  'a missing payload': [{ payload: undefined }, 'envelope.payload: expected'],
  'a payload that is no text': [{ payload: { length: 4 } }, 'envelope.payload: expected a text'],
  'a payload in the URL alphabet': [{ payload: '_-8=' }, 'envelope.payload: expected base64'],
  'no signatures': [{ signatures: [] }, 'envelope.signatures: expected an array of at least one'],
  'signatures that are no array': [{ signatures: { length: 1, 0: signature } }, 'envelope.signatures: expected an array'],
  'another payload type': [{ payloadType: 'application/vnd.in-toto+json' }, 'envelope.payloadType: expected'],
  'a payload type in capitals': [{ payloadType: payloadType.toUpperCase() }, 'envelope.payloadType: expected'],
  'a field that names an algorithm': [{ alg: 'none' }, 'has no field "alg"'],
  'an empty signature': [{ signatures: [{ ...signature, sig: '' }] }, 'signatures[0].sig: expected'],
  'a signature that is no text': [{ signatures: [{ ...signature, sig: 7 }] }, 'signatures[0].sig: expected'],
  'a signature of a megabyte': [{ signatures: [{ ...signature, sig: 'A'.repeat(2 ** 20) }] }, 'at most 1024 bytes'],
  'a key id that is a name': [{ signatures: [signature, { ...signature, keyid: 'alice' }] }, 'signatures[1].keyid: expected a fingerprint'],
  'a signature without a key id': [{ signatures: [{ sig: signature.sig }] }, 'signatures[0].keyid: is missing'],
  'a signature with a key in it': [{ signatures: [{ ...signature, key: 'x' }] }, 'has no field "key"'],
  'a signature that is null': [{ signatures: [null] }, 'signatures[0]: expected an object'],
} satisfies Record<string, [object, string]>)) {
  it(`refuses ${name}`, () => refused({ ...good, ...change }, words));
}

it('refuses a field that is missing', () => {
  const { signatures: _, ...rest } = good;
  refused(rest, 'envelope.signatures: is missing');
});

it('takes 8 signatures and refuses 9, or a hundred thousand, before it looks at one', () => {
  assert.is(parseEnvelope({ ...good, signatures: Array.from({ length: 8 }, () => signature) }).signatures.length, 8);
  refused({ ...good, signatures: Array.from({ length: 9 }, () => signature) }, 'has 9 entries, at most 8', 'TOO_LARGE');
  refused({ ...good, signatures: Array.from({ length: 100_000 }, () => 'junk') }, '100000 entries', 'TOO_LARGE');
});

it('takes a payload of 1 MiB and refuses one byte more', () => {
  const blob = { keyId: signature.keyid as KeyId, signature: Buffer.alloc(1) };
  assert.is(parseEnvelope(envelopeOf(Buffer.alloc(sizeLimits.statementBytes), [blob])).payload.length, sizeLimits.statementBytes);
  for (const extra of [1, 2, 3, 4, 1_000_000]) {
    refused(envelopeOf(Buffer.alloc(sizeLimits.statementBytes + extra), [blob]), 'The statement has', 'TOO_LARGE');
  }
});

it.run();
