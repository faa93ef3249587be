import { createPublicKey, hash, type KeyObject } from 'node:crypto';
import { errors, shown } from '../errors.ts';
import { decodeBase64 } from './base64.ts';
import { weaknessOf } from './point.ts';
import { WireReader, wireStrings } from './wire.ts';

declare const unit: unique symbol;

/** OpenSSH fingerprint of a key: `SHA256:` and 43 characters of unpadded base64, what `ssh-keygen -lf` prints. */
export type KeyId = string & { readonly [unit]: 'key id' };

export type KeyType = 'ssh-ed25519' | 'sk-ssh-ed25519@openssh.com';

export interface PublicKey {
  readonly type: KeyType;
  readonly id: KeyId;
  /** The key as SSH sends it; its SHA-256 is the id. */
  readonly blob: Buffer;
  /** Made once, when the key is read: making it costs more than a verification. */
  readonly keyObject: KeyObject;
  /** Of a FIDO key: what the token was asked to sign for, mostly `ssh:`. */
  readonly application?: string;
  /** `TYPE BASE64`, as it stands in a file of public keys. */
  readonly text: string;
}

export function fingerprint(blob: Uint8Array): KeyId {
  return `SHA256:${hash('sha256', blob, 'base64').slice(0, 43)}` as KeyId;
}

/** 32 bytes of canonical base64 without the padding: the last letter stands for four bits, and two that are zero. */
const keyId = /^SHA256:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]$/;

/** True for a text that can be a key's id. */
export function isKeyId(text: unknown): text is KeyId {
  return typeof text === 'string' && keyId.test(text);
}

export function isKeyType(type: string): type is KeyType {
  return type === 'ssh-ed25519' || type === 'sk-ssh-ed25519@openssh.com';
}

/**
 * A public key as it stands in a file. Keys of small order and second encodings of a key are refused here, once, so that
 * verification can rely on it.
 * @throws MALFORMED
 */
export function parsePublicKey(type: string, base64: string): PublicKey {
  if (!isKeyType(type)) throw errors.MALFORMED('public key', `type ${shown(type)} is not ssh-ed25519 or sk-ssh-ed25519@openssh.com`);
  const blob = decodeBase64(base64, 'public key');
  const reader = new WireReader(blob, 'public key');
  const inner = reader.name();
  if (inner !== type) throw errors.MALFORMED('public key', `its type is ${shown(inner)} inside and ${type} outside`);
  const point = reader.bytes();
  if (point.length !== 32) throw errors.MALFORMED('public key', `an Ed25519 key has 32 bytes, this has ${point.length}`);
  const application = type === 'sk-ssh-ed25519@openssh.com' ? { application: reader.name() } : {};
  reader.end();
  const weakness = weaknessOf(point);
  if (weakness) throw errors.MALFORMED('public key', weakness);
  return { type, id: fingerprint(blob), blob, keyObject: keyObjectOf(point), ...application, text: `${type} ${base64}` };
}

/**
 * The id of a public key of any type, weak ones too: whoever revokes a key needs no belief in it.
 * @throws MALFORMED
 */
export function keyIdOf(type: string, base64: string): KeyId {
  const blob = decodeBase64(base64, 'public key');
  const inner = new WireReader(blob, 'public key').name();
  if (inner !== type) throw errors.MALFORMED('public key', `its type is ${shown(inner)} inside and ${shown(type)} outside`);
  return fingerprint(blob);
}

/** The key of the type `ssh-ed25519` with these 32 bytes. */
export function publicKeyOf(point: Uint8Array): PublicKey {
  return parsePublicKey('ssh-ed25519', wireStrings('ssh-ed25519', point).toString('base64'));
}

/** SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes (RFC 8410). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

function keyObjectOf(point: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([spkiPrefix, point]), format: 'der', type: 'spki' });
}
