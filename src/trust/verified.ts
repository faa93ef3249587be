import type { AuthenticateStatement, Change, Envelope, KeyId, Statement } from '../envelope/index.ts';

declare const verified: unique symbol;

export interface Signer {
  readonly keyId: KeyId;
  readonly principal: string;
  /** All names that the trust list gives this key; two keys that share one are one person. */
  readonly principals: readonly string[];
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
