import { hash, sign, verify } from 'node:crypto';
import { errors, shown } from '../errors.ts';
import type { PublicKey } from './keys.ts';
import type { KeyPair } from './private-key.ts';
import { WireReader, wireStrings, wireUint32 } from './wire.ts';

/** What signatures are for; one made for another purpose, git or e-mail or a log-in, can never be taken for one of these. */
export const namespaces = Object.freeze({ statement: 'swarmlet', box: 'swarmlet-box' });

/** An SSHSIG blob taken apart (OpenSSH PROTOCOL.sshsig), not yet believed. */
export interface SshSignature {
  /** The key that the blob names; only compared with the trusted one, never used. */
  readonly publicKeyBlob: Buffer;
  readonly namespace: string;
  readonly hash: 'sha512';
  readonly type: string;
  /** 64 bytes of Ed25519. */
  readonly signature: Buffer;
  /** Of a FIDO key: bit 0 of the flags says that a person was there. */
  readonly token?: { readonly flags: number; readonly counter: number };
}

const magic = Buffer.from('SSHSIG');
const version = 1;
const userPresent = 0x01;
const what = 'SSH signature';

/** Signs as `ssh-keygen -Y sign -n NAMESPACE` does, and gives the blob without its armour. */
export function signSsh(pair: KeyPair, namespace: string, message: Uint8Array): Buffer {
  const signature = sign(null, signedBytes(namespace, message), pair.privateKey);
  const inner = wireStrings('ssh-ed25519', signature);
  return Buffer.concat([magic, wireUint32(version), wireStrings(pair.publicKey.blob, namespace, '', 'sha512', inner)]);
}

function signedBytes(namespace: string, message: Uint8Array): Buffer {
  return Buffer.concat([magic, wireStrings(namespace, '', 'sha512', hash('sha512', message, 'buffer'))]);
}

/** @throws MALFORMED for anything but version 1, sha512, an Ed25519 signature and nothing after it */
export function parseSshSignature(blob: Buffer): SshSignature {
  const reader = new WireReader(blob, what);
  if (!reader.raw(magic.length).equals(magic)) throw errors.MALFORMED(what, 'does not start with SSHSIG');
  const found = reader.uint32();
  if (found !== version) throw errors.MALFORMED(what, `expected version ${version}, got ${found}`);
  const publicKeyBlob = reader.bytes();
  const namespace = reader.bytes().toString('latin1');
  if (reader.bytes().length > 0) throw errors.MALFORMED(what, 'its reserved part is not empty');
  const hash = reader.name();
  if (hash !== 'sha512') throw errors.MALFORMED(what, `expected hash sha512, got ${shown(hash)}`);
  const inner = new WireReader(reader.bytes(), what);
  reader.end();
  const type = inner.name();
  const signature = inner.bytes();
  if (signature.length !== 64) throw errors.MALFORMED(what, `an Ed25519 signature has 64 bytes, this has ${signature.length}`);
  const token = type === 'sk-ssh-ed25519@openssh.com' ? { token: { flags: inner.byte(), counter: inner.uint32() } } : {};
  inner.end();
  return { publicKeyBlob, namespace, hash, type, signature, ...token };
}

/**
 * True if `key` made `signature` for `namespace` over these bytes; the key named in the blob has no say.
 * @param requirePresence  for a FIDO key: also ask that a person touched it (`no-touch-required` in the trust list lifts it)
 */
export function verifySsh(
  signature: SshSignature,
  key: PublicKey,
  namespace: string,
  message: Uint8Array,
  { requirePresence }: { readonly requirePresence: boolean },
): boolean {
  if (signature.namespace !== namespace || signature.type !== key.type || !signature.publicKeyBlob.equals(key.blob)) return false;
  // node:crypto refuses S >= L (tweetnacl does not), or one statement would have two signatures.
  const bytes = signedBytes(namespace, message);
  if (key.application === undefined) return verify(null, bytes, key.keyObject, signature.signature);
  if (!signature.token) return false;
  const { flags, counter } = signature.token;
  if (requirePresence && (flags & userPresent) === 0) return false;
  return verify(null, tokenBytes(key.application, flags, counter, bytes), key.keyObject, signature.signature);
}

/** What a FIDO token signs in place of `bytes` (OpenSSH PROTOCOL.u2f). */
function tokenBytes(application: string, flags: number, counter: number, bytes: Buffer): Buffer {
  const sha256 = (data: string | Buffer) => hash('sha256', data, 'buffer');
  return Buffer.concat([sha256(application), Buffer.from([flags]), wireUint32(counter), sha256(bytes)]);
}
