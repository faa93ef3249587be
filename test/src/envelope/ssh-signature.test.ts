import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  formatArmored,
  generateKeyPair,
  type PublicKey,
  parseArmored,
  parsePublicKey,
  parseSshSignature,
  signSsh,
  verifySsh,
} from '../../../src/envelope/index.ts';
import { code, sshKeygen } from '../../support/envelopes.ts';
import { folderWith } from '../../support/folder.ts';
import { hasOpenSsh, sshKey } from '../../support/keys.ts';

const it = suite('SSH signatures');
const openSsh = hasOpenSsh ? it : it.skip;
if (!hasOpenSsh) console.log('skipped: signatures to and from ssh-keygen: it is not installed');
const folder = folderWith();
it.after(() => folder.remove());

const message = Buffer.from('turn the lamp on\n');
const pair = generateKeyPair();
const touch = { requirePresence: true };
const verifies = (blob: Buffer, key: PublicKey, options = touch, about = message, namespace = 'swarmlet') =>
  verifySsh(parseSshSignature(blob), key, namespace, about, options);

const uint32 = (value: number) => Buffer.from(value.toString(16).padStart(8, '0'), 'hex');
const field = (bytes: Buffer | string) => Buffer.concat([uint32(Buffer.byteLength(bytes)), Buffer.from(bytes)]);
const sha = (algorithm: string, data: Buffer | string) => createHash(algorithm).update(data).digest();

/** An SSHSIG blob from its parts; those that are not given are right. */
function blobOf(parts: { version?: number; namespace?: string; reserved?: string; hash?: string; inner?: Buffer; key?: Buffer }): Buffer {
  const { version = 1, namespace = 'swarmlet', reserved = '', hash = 'sha512', key = pair.publicKey.blob } = parts;
  const digest = sha(hash === 'sha256' ? 'sha256' : 'sha512', message);
  const signed = Buffer.concat([Buffer.from('SSHSIG'), field(namespace), field(reserved), field(hash), field(digest)]);
  const signature = parts.inner ?? Buffer.concat([field('ssh-ed25519'), field(sign(null, signed, pair.privateKey))]);
  return Buffer.concat([
    Buffer.from('SSHSIG'),
    uint32(version),
    field(key),
    field(namespace),
    field(reserved),
    field(hash),
    field(signature),
  ]);
}

/** What a FIDO token does: its key signs the application, its flags and counter, and the digest of what is to be signed. */
function token(application = 'ssh:') {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const type = 'sk-ssh-ed25519@openssh.com';
  const blob = Buffer.concat([field(type), field(point), field(application)]);
  return {
    key: parsePublicKey(type, blob.toString('base64')),
    sign(flags: number, counter: number, namespace = 'swarmlet', signedFor = application): Buffer {
      const signed = Buffer.concat([Buffer.from('SSHSIG'), field(namespace), field(''), field('sha512'), field(sha('sha512', message))]);
      const rest = Buffer.concat([Buffer.from([flags]), uint32(counter)]);
      const signature = sign(null, Buffer.concat([sha('sha256', signedFor), rest, sha('sha256', signed)]), privateKey);
      return blobOf({ namespace, key: blob, inner: Buffer.concat([field(type), field(signature), rest]) });
    },
  };
}

/** Throws unless `ssh-keygen -Y verify` takes the signature. */
function checkByOpenSsh(key: PublicKey, blob: Buffer, namespace = 'swarmlet'): void {
  const signers = join(folder.path, 'allowed_signers');
  const signature = join(folder.path, 'check.sig');
  writeFileSync(signers, `alice@lab namespaces="${namespace}" ${key.text}\n`);
  writeFileSync(signature, formatArmored(blob));
  sshKeygen(['-Y', 'verify', '-f', signers, '-I', 'alice@lab', '-n', namespace, '-s', signature], message);
}

it('verifies what it signed', () => {
  assert.ok(verifies(signSsh(pair, 'swarmlet', message), pair.publicKey));
  assert.ok(blobOf({}).equals(signSsh(pair, 'swarmlet', message)));
});

openSsh('verifies what ssh-keygen -Y sign signed, from standard input and beside a file', () => {
  const file = sshKey(folder.path);
  const [type = '', base64 = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ');
  const key = parsePublicKey(type, base64);
  const piped = parseArmored(sshKeygen(['-Y', 'sign', '-n', 'swarmlet', '-f', file], message));
  assert.ok(verifies(piped, key));
  const path = join(folder.path, 'push.pae');
  writeFileSync(path, message);
  sshKeygen(['-Y', 'sign', '-n', 'swarmlet', '-f', file, path]);
  assert.ok(verifies(parseArmored(readFileSync(`${path}.sig`, 'utf8')), key));
  assert.not(verifies(piped, key, touch, Buffer.from('turn the lamp off\n')));
});

openSsh('refuses sha256, which ssh-keygen can be told to use', () => {
  const file = sshKey(folder.path, 'sha256');
  const armored = sshKeygen(['-Y', 'sign', '-n', 'swarmlet', '-O', 'hashalg=sha256', '-f', file], message);
  assert.throws(() => parseSshSignature(parseArmored(armored)), code('MALFORMED', 'expected hash sha512, got "sha256"'));
});

openSsh('signs what ssh-keygen -Y verify takes', () => {
  checkByOpenSsh(pair.publicKey, signSsh(pair, 'swarmlet', message));
  checkByOpenSsh(pair.publicKey, signSsh(pair, 'swarmlet-box', message), 'swarmlet-box');
  assert.throws(() => checkByOpenSsh(pair.publicKey, signSsh(generateKeyPair(), 'swarmlet', message)), /ssh-keygen/);
});

openSsh('reads the signature of a FIDO token as ssh-keygen does', () => {
  const { key, sign: touchAndSign } = token();
  const blob = touchAndSign(0x01, 7);
  checkByOpenSsh(key, blob);
  assert.ok(verifies(blob, key));
});

it('asks that a person touched the token, unless told otherwise', () => {
  const { key, sign: signWith } = token();
  assert.ok(verifies(signWith(0x01, 7), key));
  assert.ok(verifies(signWith(0x05, 7), key)); // a PIN was typed as well
  assert.not(verifies(signWith(0x00, 7), key));
  assert.not(verifies(signWith(0x04, 7), key));
  assert.ok(verifies(signWith(0x00, 7), key, { requirePresence: false }));
});

it('refuses flags, a counter or an application that the token did not sign', () => {
  const { key, sign: signWith } = token();
  const untouched = signWith(0x00, 7);
  const flags = untouched.length - 5;
  const forged = Buffer.from(untouched);
  forged[flags] = 0x01;
  assert.not(verifies(forged, key));
  const counted = Buffer.from(signWith(0x01, 7));
  counted[counted.length - 1] = 8;
  assert.not(verifies(counted, key));
  assert.not(verifies(signWith(0x01, 7, 'swarmlet', 'ssh:other'), key));
});

it('never takes a plain signature for one of a token, or the reverse', () => {
  const { key, sign: signWith } = token();
  assert.not(verifies(signWith(0x01, 7), pair.publicKey));
  assert.not(verifies(blobOf({ key: key.blob }), key));
  const cut = blobOf({ key: key.blob, inner: Buffer.concat([field('sk-ssh-ed25519@openssh.com'), field(Buffer.alloc(64))]) });
  assert.throws(() => parseSshSignature(cut), code('MALFORMED', 'cut short'));
});

it('refuses a signature for another purpose', () => {
  for (const namespace of ['git', 'swarmlet-box', 'file', 'swarmlet\0', 'Swarmlet']) {
    assert.not(verifies(signSsh(pair, namespace, message), pair.publicKey), namespace);
  }
  assert.not(verifies(blobOf({ namespace: '' }), pair.publicKey));
});

it('refuses a namespace that was put in place of the signed one', () => {
  const blob = signSsh(pair, 'swarmpet', message);
  assert.not(verifies(Buffer.from(blob.toString('latin1').replace('swarmpet', 'swarmlet'), 'latin1'), pair.publicKey));
});

it('refuses a good signature under a wrong label', () => {
  const blob = blobOf({});
  assert.not(verifies(Buffer.from(blob.toString('latin1').replace('swarmlet', 'swarmpet'), 'latin1'), pair.publicKey));
  const inner = Buffer.concat([field('sk-ssh-ed25519@openssh.com'), field(blob.subarray(-64)), Buffer.from([1, 0, 0, 0, 1])]);
  assert.not(verifies(blobOf({ inner }), pair.publicKey));
});

it('lets the key in the blob have no say', () => {
  const stranger = generateKeyPair();
  assert.not(verifies(signSsh(stranger, 'swarmlet', message), pair.publicKey));
  const relabelled = blobOf({ key: stranger.publicKey.blob });
  assert.not(verifies(relabelled, pair.publicKey));
  assert.not(verifies(relabelled, stranger.publicKey));
});

it('refuses S + L, the second form of a good signature', () => {
  const blob = Buffer.from(signSsh(pair, 'swarmlet', message));
  const l = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${Buffer.from(blob.subarray(-32)).reverse().toString('hex')}`) + l;
  Buffer.from(s.toString(16).padStart(64, '0'), 'hex')
    .reverse()
    .copy(blob, blob.length - 32);
  assert.not(verifies(blob, pair.publicKey));
});

const inner = (type: string, length: number, tail = '') => Buffer.concat([field(type), field(Buffer.alloc(length)), Buffer.from(tail)]);
for (const [name, blob] of Object.entries({
  'version 0': blobOf({ version: 0 }),
  'version 2': blobOf({ version: 2 }),
  'an unknown hash': blobOf({ hash: 'sha1' }),
  'an empty hash': blobOf({ hash: '' }),
  'reserved data': blobOf({ reserved: 'x' }),
  'bytes at the end': Buffer.concat([blobOf({}), Buffer.from([0])]),
  'bytes at the end of the signature': blobOf({ inner: inner('ssh-ed25519', 64, 'x') }),
  'another magic word': Buffer.from(blobOf({}).toString('latin1').replace('SSHSIG', 'SSHSIH'), 'latin1'),
  'an empty signature': blobOf({ inner: inner('ssh-ed25519', 0) }),
  'a signature of 1 byte': blobOf({ inner: inner('ssh-ed25519', 1) }),
  'a signature of 63 bytes': blobOf({ inner: inner('ssh-ed25519', 63) }),
  'a signature of 65 bytes': blobOf({ inner: inner('ssh-ed25519', 65) }),
  'a signature of 128 bytes': blobOf({ inner: inner('ssh-ed25519', 128) }),
})) {
  it(`refuses ${name}`, () => assert.throws(() => parseSshSignature(blob), code('MALFORMED', 'SSH signature')));
}

it('refuses a blob that is cut at any place', () => {
  const blob = blobOf({});
  for (let length = 0; length < blob.length; length += 1) {
    assert.throws(() => parseSshSignature(blob.subarray(0, length)), code('MALFORMED'));
  }
});

it('reads and writes the armour', () => {
  const blob = blobOf({});
  assert.ok(parseArmored(formatArmored(blob)).equals(blob));
  assert.throws(() => parseArmored(blob.toString('base64')), code('MALFORMED', 'BEGIN SSH SIGNATURE'));
});

it.run();
