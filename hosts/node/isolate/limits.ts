/** What one isolate may use (PROTOCOL 7). */
export interface IsolateLimits {
  /** To evaluate the source and run `setup`. */
  readonly setupMs: number;
  /** To run `initialize`. */
  readonly initializeMs: number;
  /** The longest time that the swarmlet's event loop may be stuck; it is killed within twice this time. */
  readonly reactionMs: number;
  /** To wrap up when asked to. */
  readonly wrapupMs: number;
  /** Private memory of the process: heap, buffers, WebAssembly, and the runtime's own 6 to 9 MiB. */
  readonly memoryMiB: number;
  /** Processor time of one core, as a mean over ten seconds. */
  readonly cpuPercent: number;
  /** Console text that is passed on; the excess is dropped and counted. */
  readonly logBytesPerSecond: number;
  /** Values that cross the edge, for each direction; one counts as several when it is large (see flow.ts). */
  readonly messagesPerSecond: number;
  /** What its own folder may hold; beyond that a write is refused. */
  readonly storageMiB: number;
}

export const isolateDefaults: IsolateLimits = Object.freeze({
  setupMs: 5000,
  initializeMs: 5000,
  reactionMs: 1000,
  wrapupMs: 2000,
  memoryMiB: 128,
  cpuPercent: 100,
  logBytesPerSecond: 65_536,
  messagesPerSecond: 10_000,
  storageMiB: 16,
});
