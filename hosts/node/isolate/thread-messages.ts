/** What a thread posts to the host: bytes of its standard output and error, and of the pipe. The host posts bytes alone. */
export interface ThreadMessage {
  readonly descriptor: 1 | 2 | 3;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a thread is started with: shared memory in which it tells of itself, as 64-bit floats. */
export interface ThreadReport {
  readonly usage: SharedArrayBuffer;
}

/** Where what stands in it: number of the thread in the system (0: unknown), MiB of heap and buffers, samples so far. */
export const usageFields = { thread: 0, usedMiB: 1, samples: 2 } as const;
export const usageBytes = 3 * Float64Array.BYTES_PER_ELEMENT;
