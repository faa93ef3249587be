import type { MessagePort } from 'node:worker_threads';

/** What a thread posts to the host: bytes of its standard output and error, of the pipe, and a call. The host posts bytes alone. */
export interface ThreadMessage {
  readonly descriptor: 1 | 2 | 3 | 4;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a thread is started with: shared memory in which it tells of itself, as 64-bit floats. */
export interface ThreadReport {
  readonly usage: SharedArrayBuffer;
  /** Brings the answers to calls; `answered` counts them, as a 32-bit integer. */
  readonly answers: MessagePort;
  readonly answered: SharedArrayBuffer;
}

/** Where what stands in it: number of the thread in the system (0: unknown), MiB of heap and buffers, samples so far. */
export const usageFields = { thread: 0, usedMiB: 1, samples: 2 } as const;
export const usageBytes = 3 * Float64Array.BYTES_PER_ELEMENT;
