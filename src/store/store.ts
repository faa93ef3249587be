import type { OrderBook, VerifiedStatement } from '../trust/index.ts';
import type { HistoryEntry, Version } from './version.ts';

/**
 * What the box remembers: which statements it accepted, in which order, and what became of them. What a call reads is in
 * memory; what a call writes is durable, where the store is, once its promise resolves.
 */
export interface Store extends OrderBook {
  /**
   * Takes a statement that was admitted: from this moment its nonce and sequence are used up. To be called in the same
   * turn as the admission, so that of two racing ones one is refused.
   * @throws QUOTA_EXCEEDED at once, and then nothing was taken
   */
  accept(verified: VerifiedStatement): Promise<void>;
  /** An accepted deployment of this swarmlet, if it is kept. */
  version(swarmlet: string, digest: string): Version | undefined;
  /** Newest first; empty for a name that was never deployed. */
  history(swarmlet: string): readonly HistoryEntry[];
  changed(swarmlet: string, digest: string, state: string, reason: string | null): void;
  /** What an accepted deploy or rollback was for has been tried, with whatever outcome. */
  settled(swarmlet: string, digest: string): void;
  /** The version that holds the place of a swarmlet; null: none does. */
  placed(swarmlet: string, digest: string | null, givenBack: boolean): void;
  /** Drops the versions of a swarmlet, and keeps its sequence. */
  forget(swarmlet: string): void;
  close(): Promise<void>;
}
