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

  /** Where these bytes begin; what is read next begins behind them. */
  #take(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length) throw errors.MALFORMED(this.#what, 'cut short');
    this.#at += length;
    return at;
  }

  raw(length: number): Buffer {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#take(1));
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

/** The values one after the other, each with its length in front. */
export function wireStrings(...values: readonly (string | Uint8Array)[]): Buffer {
  const bytes = Buffer.alloc(values.reduce((sum, value) => sum + 4 + Buffer.byteLength(value), 0));
  let at = 0;
  for (const value of values) {
    const length = Buffer.byteLength(value);
    at = bytes.writeUInt32BE(length, at);
    if (typeof value === 'string') bytes.write(value, at);
    else bytes.set(value, at);
    at += length;
  }
  return bytes;
}
