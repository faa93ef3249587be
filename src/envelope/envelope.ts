import { hash } from 'node:crypto';
import { errors, shown } from '../errors.ts';
import { decodeBase64 } from './base64.ts';
import { isKeyId, type KeyId } from './keys.ts';
import { sizeLimits } from './size-limits.ts';

export const payloadType = 'application/vnd.swarmlet.statement.v1+json';

export interface EnvelopeSignature {
  readonly keyId: KeyId;
  /** An SSHSIG blob, as received. */
  readonly signature: Buffer;
}

/** A DSSE envelope: well formed, not yet believed, its payload not yet parsed. */
export interface Envelope {
  readonly payloadType: typeof payloadType;
  /** The bytes as received; what is stored, digested and parsed is these. */
  readonly payload: Buffer;
  /** One to eight. */
  readonly signatures: readonly EnvelopeSignature[];
  /** Bytes of payload and signatures together. */
  readonly size: number;
}

/** An SSHSIG blob of an Ed25519 key has less than 300 bytes; the rest is for long names of applications. */
const maxSignature = 1024;

/**
 * @param value  JSON as `parseJson` gives it
 * @throws MALFORMED, TOO_LARGE
 */
export function parseEnvelope(value: unknown): Envelope {
  const envelope = fields(value, 'envelope', ['payloadType', 'payload', 'signatures']);
  const encoded = envelope.payload;
  if (typeof encoded !== 'string') throw errors.MALFORMED('envelope.payload', 'expected a text of base64');
  const list = envelope.signatures;
  if (!Array.isArray(list) || list.length === 0) throw errors.MALFORMED('envelope.signatures', 'expected an array of at least one');
  if (list.length > sizeLimits.signatures) throw errors.TOO_LARGE('envelope.signatures', sizeLimits.signatures, list.length, 'entries');
  const padding = encoded.endsWith('==') ? 2 : Number(encoded.endsWith('='));
  const size = Math.ceil((encoded.length / 4) * 3) - padding; // before decoding
  if (size > sizeLimits.statementBytes) throw errors.TOO_LARGE('The statement', sizeLimits.statementBytes, size);
  const payload = decodeBase64(encoded, 'envelope.payload');
  const signatures = list.map((entry: unknown, i) => parseSignature(entry, `envelope.signatures[${i}]`));
  const type = envelope.payloadType;
  if (type !== payloadType) throw errors.MALFORMED('envelope.payloadType', `expected ${payloadType}, got ${shown(type)}`);
  return { payloadType, payload, signatures, size: signatures.reduce((sum, s) => sum + s.signature.length, payload.length) };
}

function parseSignature(value: unknown, path: string): EnvelopeSignature {
  const entry = fields(value, path, ['keyid', 'sig']);
  const keyId = entry.keyid;
  if (!isKeyId(keyId)) throw errors.MALFORMED(`${path}.keyid`, `expected a fingerprint SHA256:..., got ${shown(keyId)}`);
  const sig = entry.sig;
  if (typeof sig !== 'string' || sig.length === 0) throw errors.MALFORMED(`${path}.sig`, 'expected base64 of an SSH signature');
  if (sig.length > (maxSignature / 3) * 4) throw errors.MALFORMED(`${path}.sig`, `expected at most ${maxSignature} bytes`);
  return { keyId, signature: decodeBase64(sig, `${path}.sig`) };
}

function fields<Name extends string>(value: unknown, path: string, names: readonly Name[]): Record<Name, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw errors.MALFORMED(path, 'expected an object');
  for (const name of names) {
    if (!Object.hasOwn(value, name)) throw errors.MALFORMED(`${path}.${name}`, 'is missing');
  }
  const stranger = Object.keys(value).find((name) => !(names as readonly string[]).includes(name));
  if (stranger !== undefined) throw errors.MALFORMED(path, `has no field ${shown(stranger)}`);
  return value as Record<Name, unknown>;
}

/** What is signed: type and payload with their lengths in front, so that no byte can move from one to the other (DSSE 1.0). */
export function pae(type: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/** The envelope as JSON to send. */
export function envelopeOf(payload: Buffer, signatures: readonly EnvelopeSignature[]): object {
  return {
    payloadType,
    payload: payload.toString('base64'),
    signatures: signatures.map(({ keyId, signature }) => ({ keyid: keyId, sig: signature.toString('base64') })),
  };
}

/** `sha256:HEX` of the payload's bytes; it names a deployment. */
export function digestOf(payload: Uint8Array): string {
  return `sha256:${hash('sha256', payload)}`;
}
