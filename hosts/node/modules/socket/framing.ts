/** The longest message that is taken. */
const MAX_LENGTH = 256 * 2 ** 20;
/** As first byte: the length stands in the four bytes after it. */
const LONG = 255;

/** The length of a message as it goes ahead of it: a byte, or from 255 on the byte 255 and four, big-endian. */
export function header(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length < LONG ? 1 : 5);
  if (length < LONG) {
    bytes[0] = length;
    return bytes;
  }
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
    const first = this.#parts[0] as Buffer;
    // A long message is not joined before it is complete: only what is shorter than a header.
    const head = first.length >= 5 ? first : this.#joined();
    const next = frameAt(head, 0);
    if (!next || this.#size < next.end) return messages;
    const data = this.#joined();
    let at = 0;
    for (let frame = frameAt(data, 0); frame && frame.end <= data.length; frame = frameAt(data, at)) {
      messages.push(data.subarray(frame.start, frame.end));
      at = frame.end;
    }
    this.#parts = [data.subarray(at)];
    this.#size -= at;
    return messages;
  }

  #joined(): Buffer {
    const data = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts);
    this.#parts = [data];
    return data;
  }
}

/** Where the message at `at` begins and ends; undefined as long as its length has not arrived. */
function frameAt(data: Buffer, at: number): { start: number; end: number } | undefined {
  const short = data[at];
  if (short === undefined) return undefined;
  if (short !== LONG) return { start: at + 1, end: at + 1 + short };
  if (data.length < at + 5) return undefined;
  const length = data.readUInt32BE(at + 1);
  if (length > MAX_LENGTH) throw new RangeError(`A message of ${length} bytes was announced; at most ${MAX_LENGTH} are taken`);
  return { start: at + 5, end: at + 5 + length };
}
