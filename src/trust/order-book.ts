import type { KeyId } from '../envelope/index.ts';

/** What is in force for the name of a swarmlet; outlives undeploy. */
export interface LastAccepted {
  readonly sequence: number;
  /** Of the version in the name's place; the three are null after undeploy. */
  readonly digest: string | null;
  readonly version: string | null;
  readonly principal: string | null;
}

export interface UsedNonce {
  readonly digest: string;
  readonly sequence: number | null;
  readonly state: string | null;
}

/** What admission asks of whoever keeps the accepted statements. Answers are immediate, so that check and reservation are one step. */
export interface OrderBook {
  lastSequence(swarmlet: string): LastAccepted | undefined;
  /** How many swarmlets but this one have a version in place, or about to be, that this key signed first. */
  othersOf(keyId: KeyId, swarmlet: string): number;
  /** The statement that used this nonce (base64, as it stands in the statement), until `clockSkewMs` after it expired. */
  seenNonce(nonce: string): UsedNonce | undefined;
  /** The latest time that was stored, Unix milliseconds; 0 for none. The clock is never taken to be earlier. */
  latestTime(): number;
  /**
   * When what is remembered was last taken from a backup, Unix milliseconds; 0 for never. What was issued before may have been
   * accepted between the backup and then, which nobody remembers.
   */
  restoredAt(): number;
}

/** The nonces that a box gave out in `hello`. */
export interface BoxNonces {
  /** True once for a nonce given out in the last 120 s, on any connection. */
  take(nonce: string): boolean;
}
