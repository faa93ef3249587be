/** The longest message that is taken. */
const MAX_LENGTH = 256 * 2 ** 20;
/** As first byte: the length stands in the four bytes after it. */
const LONG = 255;

/** The length of a message as it goes ahead of it: a byte, or from 255 on the byte 255 and four, big-endian. */
export function header(length: number): Buffer {
  if (length < LONG) return Buffer.of(length);
  const bytes = Buffer.allocUnsafe(5);
  bytes.writeUInt8(LONG, 0);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

/** Takes the messages out of bytes that come in whatever parts. */
export class FrameReader {
  #parts: Buffer[] = [];
  #size = 0;

  /** @throws RangeError if a message is too long to be one */
  read(part: Buffer): Buffer[] {
    if (this.#size === 0) this.#parts = [];
    this.#parts.push(part);
    this.#size += part.length;
    const messages: Buffer[] = [];
    for (let next = this.#next(); next && this.#size >= next.end; next = this.#next()) {
      const data = this.#joined();
      messages.push(data.subarray(next.start, next.end));
      this.#parts = [data.subarray(next.end)];
      this.#size -= next.end;
    }
    return messages;
  }

  /** Where the next message begins and ends; undefined as long as its length has not arrived. */
  #next(): { start: number; end: number } | undefined {
    if (this.#size === 0) return undefined;
    const first = this.#parts[0] as Buffer;
    // A long message is not joined before it is complete: only what is shorter than a header.
    const head = first.length >= 5 ? first : this.#joined();
    const short = head.readUInt8(0);
    if (short !== LONG) return { start: 1, end: 1 + short };
    if (head.length < 5) return undefined;
    const length = head.readUInt32BE(1);
    if (length > MAX_LENGTH) throw new RangeError(`A message of ${length} bytes was announced; at most ${MAX_LENGTH} are taken`);
    return { start: 5, end: 5 + length };
  }

  #joined(): Buffer {
    const data = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts);
    this.#parts = [data];
    return data;
  }
}
