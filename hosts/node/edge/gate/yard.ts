import type { Peer } from '../edge.ts';
import type { EdgeEvent } from '../wire.ts';

/** Bytes or requests that no runtime of ours sends. */
export class EdgeError extends Error {}

/** Something that is held open for a swarmlet, by its number. What a kind of it does not know is an error of the swarmlet. */
export interface Held {
  /** Of a program that runs. */
  readonly pid?: number | undefined;
  /** The swarmlet sends a piece of a stream. */
  piece?(data: Buffer): void;
  /** The swarmlet sends a datagram. */
  datagram?(data: Buffer, to: Peer): void;
  /** The swarmlet writes no more. */
  end?(): void;
  /** The swarmlet has taken so many bytes. */
  more?(bytes: number): void;
  kill?(signal: 'SIGTERM' | 'SIGKILL'): void;
  /** The rate allows again what it did not. */
  flow?(): void;
  /** The swarmlet runs. */
  running?(): void;
  /** The swarmlet does not want it any more, or has heard that it is closed. */
  close(): void;
  /**
   * The swarmlet has ended.
   * @param politely  what it wrote still gets there, if it takes not long
   */
  giveUp(politely: boolean): void;
}

/** What holds them all, as each of them sees it. */
export interface Yard {
  tell(event: EdgeEvent): void;
  /** Bytes for the swarmlet; counted. */
  bytes(parts: readonly Uint8Array[]): void;
  /** False while more came for the swarmlet than its rate allows. */
  readonly mayRead: boolean;
  /** False while more came from the swarmlet than its rate allows. */
  readonly mayGrant: boolean;
  /** A connection that was taken for the swarmlet: its number, or undefined if there are too many. */
  take(make: (id: number) => Held): number | undefined;
  forget(id: number): void;
}
