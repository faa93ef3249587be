import type { Readable } from 'node:stream';
import { Lines } from './lines.ts';

/** What the runtime lets through in a second comes in one burst at most; a raw writer is read no faster than this. */
const HEADROOM = 2;

/** Reads standard output or error of a child as lines, no faster than the limit: the writer is made to wait. */
export class LogPipe {
  readonly #stream: Readable;
  readonly #lines: Lines;
  #bytesPerMs = Infinity;
  #available = Infinity;
  #at = 0;
  #held = false;

  constructor(stream: Readable, onLine: (line: string) => void) {
    this.#stream = stream;
    this.#lines = new Lines(onLine);
    stream.on('data', (chunk: Buffer) => {
      this.#lines.push(chunk);
      this.#available -= chunk.length;
      if (this.#available < 0) stream.pause();
    });
  }

  get cutLines(): number {
    return this.#lines.cutLines;
  }

  get paused(): boolean {
    return this.#stream.isPaused();
  }

  /** Nothing of it is read until `release`. */
  hold(): void {
    this.#held = true;
    this.#stream.pause();
  }

  release(): void {
    this.#held = false;
    this.#stream.resume();
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
    if (!this.#held) this.#stream.resume();
  }

  end(): void {
    this.#lines.end();
  }
}
