import type { AuthenticateStatement, Change, Envelope, KeyId, Statement } from '../envelope/index.ts';

declare const verified: unique symbol;

export interface Signer {
  readonly keyId: KeyId;
  readonly principal: string;
  /** All names that the trust list gives this key; two keys that share one are one person. */
  readonly principals: readonly string[];
  /** Of a box that signs for a swarmlet: the keys that deployed that swarmlet. If one is revoked, so is what it signed. */
  readonly behalf?: readonly KeyId[];
}

/** Every key that has to be good for what these signed to run. */
export function keysBehind(signers: readonly Signer[]): KeyId[] {
  return signers.flatMap(({ keyId, behalf = [] }) => [keyId, ...behalf]);
}

/** True if nobody but this key stands behind it: the program around a box, or a swarmlet that it deployed. */
export function isSignedBy(keyId: KeyId, signers: readonly Signer[]): boolean {
  return keysBehind(signers).every((one) => one === keyId);
}

/** A statement that passed every check of PROTOCOL.md section 2 as of `receivedAt`; only `Admission` makes one. */
export interface VerifiedStatement<S extends Statement = Change> {
  readonly [verified]: true;
  readonly statement: S;
  /** `sha256:HEX` of the payload; names a deployment. */
  readonly digest: string;
  /** One for each key, in the order of the envelope. */
  readonly signers: readonly Signer[];
  /** Those of the first signature. */
  readonly principal: string;
  readonly keyId: KeyId;
  /** The bytes that were signed and parsed. */
  readonly payload: Buffer;
  readonly envelope: Envelope;
  /** Unix milliseconds, never before the latest time that the box stored. */
  readonly receivedAt: number;
}

export type VerifiedAuthentication = VerifiedStatement<AuthenticateStatement>;
