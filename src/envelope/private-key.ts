import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { errors, shown } from '../errors.ts';
import { decodeBase64 } from './base64.ts';
import { type PublicKey, publicKeyOf } from './keys.ts';
import { WireReader, wireStrings, wireUint32 } from './wire.ts';

/** A key that this process may sign with: a box's own. A person's private key is never read, ssh-keygen signs with it. */
export interface KeyPair {
  readonly publicKey: PublicKey;
  readonly privateKey: KeyObject;
}

const magic = Buffer.from('openssh-key-v1\0');
const first = '-----BEGIN OPENSSH PRIVATE KEY-----';
const last = '-----END OPENSSH PRIVATE KEY-----';
const what = 'private key';
/** The block size of "cipher" none: the private part is padded with 1, 2, 3... to a multiple of it. */
const block = 8;
/** PKCS #8 of an Ed25519 key up to its 32 bytes of seed (RFC 8410). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A new key pair from the system's randomness. */
export function generateKeyPair(): KeyPair {
  return pairOf(generateKeyPairSync('ed25519').privateKey);
}

/** The 32 bytes that an Ed25519 private key is made from (RFC 8032 section 5.1.5). */
export function seedOf(pair: KeyPair): Buffer {
  return pair.privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
}

function pairOf(privateKey: KeyObject): KeyPair {
  const point = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { privateKey, publicKey: publicKeyOf(point) };
}

/**
 * The one Ed25519 key in a file as `ssh-keygen -t ed25519 -N ''` writes it (OpenSSH PROTOCOL.key).
 * @throws MALFORMED, also for a key with a passphrase
 */
export function parsePrivateKey(text: string): KeyPair {
  const lines = text.trimEnd().split(/\r?\n/);
  if (lines[0] !== first || lines.at(-1) !== last) throw errors.MALFORMED(what, `expected an OpenSSH private key, ${first}`);
  const reader = new WireReader(decodeBase64(lines.slice(1, -1).join(''), what), what);
  if (!reader.raw(magic.length).equals(magic)) throw errors.MALFORMED(what, 'expected the format openssh-key-v1');
  const cipher = reader.name();
  const kdf = reader.name();
  reader.bytes(); // options of the key derivation, empty without a passphrase
  if (cipher !== 'none' || kdf !== 'none') {
    throw errors.MALFORMED(what, 'it has a passphrase, which nobody can type here; remove it with "ssh-keygen -p", or name another key');
  }
  if (reader.uint32() !== 1) throw errors.MALFORMED(what, 'expected one key in the file');
  const outer = reader.bytes();
  const secret = reader.bytes();
  reader.end();
  const pair = parseSecret(secret);
  if (!pair.publicKey.blob.equals(outer)) throw errors.MALFORMED(what, 'its public and private halves belong to different keys');
  return pair;
}

function parseSecret(secret: Buffer): KeyPair {
  const reader = new WireReader(secret, what);
  const check = reader.uint32();
  if (reader.uint32() !== check) throw errors.MALFORMED(what, 'its check numbers differ');
  const type = reader.name();
  if (type !== 'ssh-ed25519') throw errors.MALFORMED(what, `expected a key of type ssh-ed25519, got ${shown(type)}`);
  const point = reader.bytes();
  const seedAndPoint = reader.bytes();
  reader.bytes(); // comment
  const padding = reader.rest();
  if (secret.length % block !== 0 || padding.length >= block || padding.some((byte, i) => byte !== i + 1)) {
    throw errors.MALFORMED(what, 'its padding is wrong');
  }
  if (seedAndPoint.length !== 64) throw errors.MALFORMED(what, `an Ed25519 key has 64 secret bytes, this has ${seedAndPoint.length}`);
  const der = Buffer.concat([pkcs8Prefix, seedAndPoint.subarray(0, 32)]);
  const pair = pairOf(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  const derived = publicKeyOf(point);
  if (derived.id !== pair.publicKey.id || !seedAndPoint.subarray(32).equals(point)) {
    throw errors.MALFORMED(what, 'its public and private halves belong to different keys');
  }
  return pair;
}

/** The text of a file that OpenSSH reads, without a passphrase. */
export function formatPrivateKey(pair: KeyPair, comment: string): string {
  const point = pair.publicKey.blob.subarray(-32);
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, wireStrings('ssh-ed25519', point, Buffer.concat([seedOf(pair), point]), comment)]);
  const padding = Buffer.from(Array.from({ length: (block - (secret.length % block)) % block }, (_, i) => i + 1));
  const bytes = Buffer.concat([
    magic,
    wireStrings('none', 'none', ''),
    wireUint32(1),
    wireStrings(pair.publicKey.blob, Buffer.concat([secret, padding])),
  ]);
  const lines = bytes.toString('base64').match(/.{1,70}/g) ?? [];
  return [first, ...lines, last, ''].join('\n');
}
