import type { IsolateUsage, PoolUse } from '../../hosts/node/isolate/index.ts';
import type { BoxCounts } from './box-counts.ts';
import type { LoopLag } from './loop-lag.ts';
import type { ProcessReading } from './process-reading.ts';

/** What is read of one swarmlet. */
export interface SwarmletReading {
  readonly swarmlet: string;
  readonly version: string;
  readonly state: string;
  readonly reason: string | null;
  /** RFC 3339. */
  readonly since: string;
  readonly isolation: string;
  readonly level: string;
  readonly limits: Readonly<Record<string, number>>;
  readonly usage: IsolateUsage;
}

/** All that one scrape tells of a box, read at one moment. */
export interface Reading {
  /** Of this package. */
  readonly version: string;
  /** Of isolation: what it reaches, and what it has to. */
  readonly level: string;
  readonly minimum: string;
  readonly isReady: boolean;
  /** Its clock cannot have been right when it started. */
  readonly hasClockFault: boolean;
  readonly swarmlets: readonly SwarmletReading[];
  /** That it may have at a time. */
  readonly mostSwarmlets: number;
  readonly counts: BoxCounts;
  /** Of callers and of statements, by code. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Undefined: the tier keeps none. */
  readonly pool: PoolUse | undefined;
  /** To the deployment listener; undefined without one. */
  readonly connections: { readonly callers: number; readonly strangers: number } | undefined;
  /** Number of the newest record, and records that are not on disk yet. */
  readonly audit: { readonly sequence: number; readonly waiting: number };
  readonly trustedKeys: number;
  /** When the next of the trusted keys is over, and the certificate; Unix milliseconds. */
  readonly keyExpiry: number | undefined;
  readonly certificateExpiry: number | undefined;
  /** Boxes that each discoverer knows of. */
  readonly boxes: ReadonlyMap<string, number>;
  /** Bytes of the file system of the state folder; undefined where there is none. */
  readonly disk: { readonly size: number; readonly free: number } | undefined;
  readonly loop: LoopLag;
  readonly process: ProcessReading;
}
