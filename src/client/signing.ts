import { randomBytes } from 'node:crypto';
import { type Audience, type Envelope, envelopeOf, namespaces, pae, payloadType } from '../envelope/index.ts';
import type { Signer } from './signer.ts';

/** A signed statement as it is sent, and its digest's bytes. */
export interface Signed {
  readonly envelope: object;
  readonly payload: Buffer;
  /** By digest (`sha256:HEX`): files that the statement names without their text. */
  readonly files?: ReadonlyMap<string, Buffer>;
}

/** Signs exactly the bytes that are sent. */
export async function signStatement(statement: object, signer: Signer, files: ReadonlyMap<string, Buffer> = new Map()): Promise<Signed> {
  const payload = Buffer.from(JSON.stringify(statement));
  const signature = await signer.sign(namespaces.statement, pae(payloadType, payload));
  return { payload, files, envelope: envelopeOf(payload, [{ keyId: signer.keyId, signature }]) };
}

/** The same bytes with one signature more. */
export async function signAgain({ payload, signatures }: Envelope, signer: Signer): Promise<Signed> {
  const signature = await signer.sign(namespaces.statement, pae(payloadType, payload));
  return { payload, envelope: envelopeOf(payload, [...signatures, { keyId: signer.keyId, signature }]) };
}

const commandMs = 5 * 60_000;
/** Of what waits in a file until others have signed it too, or until it is sent. */
export const waitingMs = 7 * 24 * 3_600_000;

/** What every statement has; for so long as a command is good. */
export function common(audience: Audience, now = Date.now(), forMs = commandMs) {
  const second = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  return { audience, issuedAt: second(now), expires: second(now + forMs), nonce: freshNonce() };
}

export function freshNonce(): string {
  return randomBytes(16).toString('base64');
}
