import type { OrderBook, VerifiedStatement } from '../trust/index.ts';
import type { BlobStore } from './blobs.ts';
import type { AuditFields } from './chain.ts';
import type { HistoryEntry, Version } from './version.ts';

/** What an accepted statement is still to do. */
export interface Pending {
  readonly action: 'deploy' | 'undeploy' | 'restart' | 'rollback';
  readonly sequence: number;
  /** The version that is to run; null where there is none. */
  readonly digest: string | null;
}

/** What a box that starts again finds of one name. */
export interface Remembered {
  readonly swarmlet: string;
  /** The version that has, or last had, the place. */
  readonly shown: HistoryEntry | undefined;
  /** It still has the place: nobody took it off the box. */
  readonly placed: boolean;
  /** What gets the place back if that one fails before a time, Unix milliseconds. */
  readonly previous: { readonly entry: HistoryEntry; readonly until: number } | undefined;
  readonly pending: readonly Pending[];
}

/** How a version came to its place. */
export interface Placing {
  /** Its successor failed. */
  readonly givenBack?: boolean;
  /** Gets the place back if this one fails before that time, Unix milliseconds. */
  readonly previous?: { readonly digest: string; readonly until: number } | undefined;
}

/** How a version is now, and since when. */
export interface Condition {
  readonly state: string;
  readonly reason: string | null;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** When it first ran since somebody wanted it to, Unix milliseconds. */
  readonly firstRunningAt?: number | undefined;
}

/**
 * What the box remembers: which statements it accepted, in which order, and what became of them. What a call reads is in
 * memory; what a call writes is durable, where the store is, once its promise resolves.
 */
export interface Store extends OrderBook {
  /** Files that travel by digest. */
  readonly blobs: BlobStore;
  /** What it took is there after a restart of the box. */
  readonly isDurable: boolean;
  /**
   * Takes a statement that was admitted: from this moment its nonce and sequence are used up. To be called in the same
   * turn as the admission, so that of two racing ones one is refused. A promise that rejects took nothing either.
   * @param record  for the audit, durable with the statement or not at all
   * @throws QUOTA_EXCEEDED at once, and then nothing was taken; BUSY later, when the disk takes nothing
   */
  accept(verified: VerifiedStatement, record: AuditFields): Promise<void>;
  /** An accepted deployment of this swarmlet, if it is kept. */
  version(swarmlet: string, digest: string): Version | undefined;
  /** Newest first; empty for a name that was never deployed. */
  history(swarmlet: string): readonly HistoryEntry[];
  changed(swarmlet: string, digest: string, condition: Condition): void;
  /** What an accepted statement was for has been done or tried, with whatever outcome. */
  settled(swarmlet: string, sequence: number): void;
  /** The version that holds the place of a swarmlet; null: none does. */
  placed(swarmlet: string, digest: string | null, placing?: Placing): void;
  /** Drops the versions of a swarmlet, and keeps its sequence. */
  forget(swarmlet: string): void;
  /** Every name of which a version is kept: what a box that starts again begins with. */
  remembered(): readonly Remembered[];
  /** Resolves when what was told before is on disk; or cannot be, as the operator was warned. */
  written(): Promise<void>;
  /** Number of the newest record of the audit, and records that wait for the disk. */
  readonly audit: { readonly sequence: number; readonly waiting: number };
  /** Adds a record to the audit's chain. */
  append(record: AuditFields): void;
  /**
   * Lines of the audit, oldest first.
   * @param since  Unix milliseconds
   * @param limit  the newest so many
   */
  records(since: number, limit: number): Promise<readonly string[]>;
  /** Resolves when what keeps it answers; rejects when it never will again. */
  pulse(): Promise<void>;
  close(): Promise<void>;
}
