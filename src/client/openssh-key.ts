import { readFileSync } from 'node:fs';
import { errorText } from '../../hosts/common/index.ts';
import { type PublicKey, parsePublicKey } from '../envelope/index.ts';
import { clientErrors } from './errors.ts';

/** What a key file tells without being opened: OpenSSH keeps the public key, and whether there is a passphrase, in its header. */
export interface KeyFile {
  readonly publicKey: PublicKey;
  /** The public half only: its other half is in an agent. */
  readonly publicOnly: boolean;
  readonly passphrase: boolean;
  readonly comment: string;
}

/**
 * @param file  a private key in OpenSSH format, or a public one
 * @throws CodedError NO_KEY_FILE, KEY_UNUSABLE
 */
export function readKeyFile(file: string): KeyFile {
  const text = readText(file);
  const armoured = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----/.exec(text)?.[1];
  if (armoured !== undefined) return privateHeader(file, Buffer.from(armoured, 'base64'));
  const line = text.split('\n').find((one) => one.trim() !== '') ?? '';
  return { ...publicLine(file, line), publicOnly: true, passphrase: false };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw clientErrors.NO_KEY_FILE(file, errorText(error));
  }
}

/** `TYPE BASE64 [comment]`, as in a `.pub` file and in what `ssh-add -L` prints. */
export function publicLine(where: string, line: string): { readonly publicKey: PublicKey; readonly comment: string } {
  const [type = '', base64 = '', ...comment] = line.trim().split(/\s+/);
  if (!/^[a-z0-9@.-]+$/.test(type) || base64 === '') throw clientErrors.KEY_UNUSABLE(where, 'is no OpenSSH key');
  return { publicKey: usableKey(where, type, base64), comment: comment.join(' ') };
}

function usableKey(where: string, type: string, base64: string): PublicKey {
  try {
    return parsePublicKey(type, base64);
  } catch (error) {
    throw clientErrors.KEY_UNUSABLE(where, `has a key of type ${type} that cannot be used (${errorText(error)})`);
  }
}

const magic = 'openssh-key-v1\0';

/** Magic, then as length-prefixed strings: cipher, key derivation, its options; the number of keys; the public key (PROTOCOL.key). */
function privateHeader(file: string, bytes: Buffer): KeyFile {
  if (bytes.toString('latin1', 0, magic.length) !== magic) throw clientErrors.KEY_UNUSABLE(file, 'is no OpenSSH private key');
  let at = magic.length;
  const next = (): Buffer => {
    const length = at + 4 <= bytes.length ? bytes.readUInt32BE(at) : bytes.length;
    if (at + 4 + length > bytes.length) throw clientErrors.KEY_UNUSABLE(file, 'is cut short');
    at += 4 + length;
    return bytes.subarray(at - length, at);
  };
  const cipher = next().toString('latin1');
  next();
  next();
  at += 4;
  const blob = next();
  const type = blob.length >= 4 ? blob.toString('latin1', 4, 4 + blob.readUInt32BE(0)) : '';
  return { publicKey: usableKey(file, type, blob.toString('base64')), publicOnly: false, passphrase: cipher !== 'none', comment: '' };
}
