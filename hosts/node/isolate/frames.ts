import type { Writable } from 'node:stream';

/**
 * A frame is 4 bytes with the length of its body, big-endian, and the body: JSON text in UTF-8, or bytes of the edge
 * (edge/wire.ts), whose first is below that of any text.
 */
const HEADER_BYTES = 4;
const TEXT = 0x20;
/** The longest body that a child may send, and the longest value that goes to one. */
export const frameCap = 1024 * 1024;
/** The longest body that a child takes: a file of a swarmlet, with every character escaped. */
export const fileFrameCap = 64 * 1024 * 1024;

/** Bytes that are no frames. */
export class FrameError extends Error {}

/** Cuts a stream of bytes into the bodies of its frames. */
export class FrameDecoder {
  readonly #cap: number;
  readonly #onFrame: (text: string, bytes: number) => void;
  readonly #onBytes: (body: Buffer) => void;
  #body: Buffer | undefined; // of a frame that did not come in one piece
  #filled = 0;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerFilled = 0;
  #stopped = false;

  /** @param onBytes  a body that is no text; it stays as it is */
  constructor(cap: number, onFrame: (text: string, bytes: number) => void, onBytes: (body: Buffer) => void) {
    this.#cap = cap;
    this.#onFrame = onFrame;
    this.#onBytes = onBytes;
  }

  /** From now on, and from within `onFrame`, what comes is ignored. */
  stop(): void {
    this.#stopped = true;
    this.#body = undefined;
  }

  /** @throws FrameError if a length is 0 or above the cap; nothing of that body is kept or waited for */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.#stopped) {
      if (this.#body) {
        const copied = chunk.copy(this.#body, this.#filled, at);
        at += copied;
        this.#filled += copied;
        if (this.#filled === this.#body.length) {
          const body = this.#body;
          this.#body = undefined;
          if ((body[0] as number) < TEXT) this.#onBytes(body);
          else this.#onFrame(body.toString('utf8'), body.length);
        }
        continue;
      }
      let length: number;
      if (this.#headerFilled === 0 && chunk.length - at >= HEADER_BYTES) {
        length = chunk.readUInt32BE(at);
        at += HEADER_BYTES;
      } else {
        const copied = chunk.copy(this.#header, this.#headerFilled, at);
        at += copied;
        this.#headerFilled += copied;
        if (this.#headerFilled < HEADER_BYTES) return;
        this.#headerFilled = 0;
        length = this.#header.readUInt32BE(0);
      }
      if (length === 0 || length > this.#cap) throw new FrameError(`a frame of ${length} bytes; allowed are 1 to ${this.#cap}`);
      if (chunk.length - at >= length) {
        at += length;
        if ((chunk[at - length] as number) < TEXT) this.#onBytes(chunk.subarray(at - length, at));
        else this.#onFrame(chunk.toString('utf8', at - length, at), length);
      } else {
        this.#body = Buffer.allocUnsafeSlow(length);
        this.#filled = 0;
      }
    }
  }
}

/** Writes frames; those of one turn of the event loop go in one write. */
export class FrameWriter {
  readonly #stream: Writable;
  readonly #nextTick = process.nextTick;
  readonly #flush = (): void => this.flush();
  /** A text, or the parts of bytes. */
  #bodies: (string | readonly Uint8Array[])[] = [];
  #sizes: number[] = [];
  #total = 0;
  #scheduled = false;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** Bytes that the other side has not taken yet. */
  get waiting(): number {
    return this.#total + this.#stream.writableLength;
  }

  /** @param bytes  length of the text in UTF-8, for those who know it already */
  write(text: string, bytes = Buffer.byteLength(text)): void {
    this.#add(text, bytes);
  }

  /** @param parts  of one body; not to be changed before the end of this turn */
  writeBytes(parts: readonly Uint8Array[]): void {
    let bytes = 0;
    for (const part of parts) bytes += part.length;
    this.#add(parts, bytes);
  }

  #add(body: string | readonly Uint8Array[], bytes: number): void {
    this.#bodies.push(body);
    this.#sizes.push(bytes);
    this.#total += bytes + HEADER_BYTES;
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#nextTick(this.#flush);
  }

  /** Writes now what was to be written at the end of this turn. */
  flush(): void {
    this.#scheduled = false;
    if (this.#total === 0) return;
    const bytes = Buffer.allocUnsafe(this.#total);
    let at = 0;
    for (let i = 0; i < this.#bodies.length; i++) {
      const size = this.#sizes[i] as number;
      const body = this.#bodies[i] as string | readonly Uint8Array[];
      at = bytes.writeUInt32BE(size, at);
      if (typeof body === 'string') at += bytes.write(body, at, size, 'utf8');
      else {
        for (const part of body) {
          bytes.set(part, at);
          at += part.length;
        }
      }
    }
    this.#bodies = [];
    this.#sizes = [];
    this.#total = 0;
    if (this.#stream.writable) this.#stream.write(bytes);
  }
}
