import { randomBytes } from 'node:crypto';
import {
  envelopeOf,
  type FileEntry,
  fileEntry,
  type KeyPair,
  namespaces,
  pae,
  parseEnvelope,
  payloadType,
  signSsh,
} from '../../src/envelope/index.ts';
import { orThrow } from '../../src/errors.ts';
import { Admission, type OrderBook, Policy, type TrustedKey, type VerifiedStatement } from '../../src/trust/index.ts';

/** An envelope as it is sent, signed by each of these keys. */
export function sealed(statement: object, ...pairs: readonly KeyPair[]): object {
  const payload = Buffer.from(JSON.stringify(statement));
  const message = pae(payloadType, payload);
  const signatures = pairs.map((pair) => ({ keyId: pair.publicKey.id, signature: signSsh(pair, namespaces.statement, message) }));
  return envelopeOf(payload, signatures);
}

/** What every statement has, for any box, good for five minutes. */
export function commonFields(nowMs = Date.now(), audience: readonly unknown[] = ['*']): object {
  const time = (ms: number): string => new Date(ms).toISOString();
  return { audience, issuedAt: time(nowMs), expires: time(nowMs + 300_000), nonce: randomBytes(16).toString('base64') };
}

/** A statement that deploys one file. */
export function deployOf(swarmlet: string, sequence: number, code: string, more: object = {}): Record<string, unknown> {
  const files: Record<string, FileEntry> = { 'Main.js': fileEntry(code) };
  return { action: 'deploy', ...commonFields(), swarmlet, sequence, version: `1.0.${sequence}`, main: 'Main.js', files, ...more };
}

/** A line of `allowed_signers`. */
export function trustLine(principal: string, pair: KeyPair): string {
  return `${principal} namespaces="swarmlet" ${pair.publicKey.text}\n`;
}

/** Admits what one key signs, as the box would. */
export function admitter(pair: KeyPair, order: OrderBook): (statement: object) => VerifiedStatement {
  const trusted: TrustedKey = { key: pair.publicKey, principal: 'alice@lab', principals: ['alice@lab'], touchRequired: true, line: 1 };
  const trust = { get: () => trusted, isRevoked: () => false };
  const admission = new Admission({ boxId: pair.publicKey.id, labels: {}, trust, order, policy: new Policy(), now: () => Date.now() });
  return (statement) => orThrow(admission.admit(parseEnvelope(sealed(statement, pair))));
}
