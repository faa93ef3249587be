import { errors } from '../errors.ts';

/** Reads the binary encoding of SSH (RFC 4251 section 5); whatever does not fit is MALFORMED. */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #what: string;
  #at = 0;

  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  raw(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw errors.MALFORMED(this.#what, 'cut short');
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  uint32(): number {
    return this.raw(4).readUInt32BE();
  }

  byte(): number {
    return this.raw(1).readUInt8();
  }

  bytes(): Buffer {
    return this.raw(this.uint32());
  }

  /** A string of ASCII characters that can be seen, as names in SSH are. */
  name(): string {
    const text = this.bytes().toString('latin1');
    if (/[^\x21-\x7e]/.test(text)) throw errors.MALFORMED(this.#what, 'a name in it has other characters than visible ASCII');
    return text;
  }

  rest(): Buffer {
    return this.raw(this.#bytes.length - this.#at);
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw errors.MALFORMED(this.#what, 'bytes follow its end');
  }
}

/** The number in four bytes, most significant first. */
export function wireUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** The bytes with their length in front. */
export function wireString(value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([wireUint32(bytes.length), bytes]);
}
