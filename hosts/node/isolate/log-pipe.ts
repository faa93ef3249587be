import type { Readable } from 'node:stream';
import { Lines } from './lines.ts';

/** What the runtime lets through in a second comes in one burst at most; a raw writer is read no faster than this. */
const HEADROOM = 2;

/** Reads standard output or error of a child as lines, no faster than the limit: the writer is made to wait. */
export class LogPipe {
  readonly #stream: Readable;
  /** Undefined when nothing is told any more. */
  #lines: Lines | undefined;
  #bytesPerMs = Infinity;
  #available = Infinity;
  #at = 0;
  /** What came and is not to be heard yet. */
  #held: Buffer[] | undefined;

  constructor(stream: Readable, onLine: (line: string) => void) {
    this.#stream = stream;
    this.#lines = new Lines(onLine);
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  #take(chunk: Buffer): void {
    if (this.#held) {
      this.#held.push(chunk); // the last of an ended process: its pipes are read before they are given back
      return;
    }
    this.#lines?.push(chunk);
    this.#available -= chunk.length;
    if (this.#available < 0) this.#stream.pause();
  }

  get cutLines(): number {
    return this.#lines?.cutLines ?? 0;
  }

  get paused(): boolean {
    return this.#stream.isPaused();
  }

  /** Nothing of it is told until `release`, and nothing read as long as the process runs. */
  hold(): void {
    this.#held = [];
    this.#stream.pause();
  }

  /** What came, and what comes, is told to nobody. */
  drop(): void {
    this.#held = undefined;
    this.#lines = undefined;
    this.#stream.resume();
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const chunk of held) this.#take(chunk);
    if (this.#available >= 0) this.#stream.resume();
  }

  limit(bytesPerSecond: number, now: number): void {
    this.#bytesPerMs = (HEADROOM * bytesPerSecond) / 1000;
    this.#available = HEADROOM * bytesPerSecond;
    this.#at = now;
  }

  /** Goes on reading when the time for it has come. */
  refill(now: number): void {
    if (this.#bytesPerMs === Infinity) return;
    this.#available = Math.min(this.#bytesPerMs * 1000, this.#available + (now - this.#at) * this.#bytesPerMs);
    this.#at = now;
    if (this.paused && this.#available > 0 && !this.#held) this.#stream.resume();
  }

  /** The process has ended: what is left is finite and is read at once. */
  drain(): void {
    this.#bytesPerMs = Infinity;
    this.#available = Infinity;
    this.#stream.resume();
  }

  end(): void {
    this.#lines?.end();
  }
}
