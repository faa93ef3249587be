/** A longer message is refused, as gRPC does by default. */
const MAX_MESSAGE = 4 * 2 ** 20;
const PREFIX = 5;
/** Of protocol buffers: bytes with their length ahead. */
const LENGTH_DELIMITED = 2;

/** By number, as the gRPC documentation has them. */
export const statusNames: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** A message as it travels: not compressed, with its length ahead. */
export function frame(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Puts the first message of an answer together. */
export class Frames {
  #bytes = Buffer.alloc(0);

  /** @throws Error if what comes is compressed or too long */
  add(part: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, part]);
    if (this.#bytes.length < PREFIX) return;
    if (this.#bytes[0] !== 0) throw new Error('The answer is compressed, which was not asked for');
    if (this.#bytes.readUInt32BE(1) > MAX_MESSAGE) throw new Error(`The answer is longer than ${MAX_MESSAGE} bytes`);
  }

  /** Undefined until it is whole. */
  get first(): Buffer | undefined {
    if (this.#bytes.length < PREFIX) return undefined;
    const end = PREFIX + this.#bytes.readUInt32BE(1);
    return this.#bytes.length >= end ? this.#bytes.subarray(PREFIX, end) : undefined;
  }
}

/** A field of a protocol buffer that holds text. */
export function stringField(number: number, text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([varint((number << 3) | LENGTH_DELIMITED), varint(bytes.length), bytes]);
}

/** The text of a field; empty if the message has none, as protocol buffers mean it. */
export function readStringField(message: Uint8Array, number: number): string {
  const bytes = Buffer.from(message);
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let shift = 0; at < bytes.length; shift += 7) {
      const byte = bytes[at++] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const key = next();
    const wireType = key & 7;
    if (wireType === 0) next();
    else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else if (wireType === LENGTH_DELIMITED) {
      const length = next();
      if (key >>> 3 === number) return bytes.toString('utf8', at, at + length);
      at += length;
    } else return '';
  }
  return '';
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}
