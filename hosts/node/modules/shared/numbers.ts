interface Layout {
  readonly bytes: number;
  write(buffer: Buffer, value: number, offset: number): void;
  read(buffer: Buffer, offset: number): number;
}

const double: Layout = { bytes: 8, write: (b, v, o) => b.writeDoubleBE(v, o), read: (b, o) => b.readDoubleBE(o) };

/** Big-endian. A number that is out of range loses its upper bits, as in the programs that these types come from. */
const layouts = {
  byte: { bytes: 1, write: (b, v, o) => b.writeInt8((v << 24) >> 24, o), read: (b, o) => b.readInt8(o) },
  double,
  float: { bytes: 4, write: (b, v, o) => b.writeFloatBE(v, o), read: (b, o) => b.readFloatBE(o) },
  int: { bytes: 4, write: (b, v, o) => b.writeInt32BE(v | 0, o), read: (b, o) => b.readInt32BE(o) },
  number: double,
  short: { bytes: 2, write: (b, v, o) => b.writeInt16BE((v << 16) >> 16, o), read: (b, o) => b.readInt16BE(o) },
  unsignedbyte: { bytes: 1, write: (b, v, o) => b.writeUInt8(v & 0xff, o), read: (b, o) => b.readUInt8(o) },
  unsignedshort: { bytes: 2, write: (b, v, o) => b.writeUInt16BE(v & 0xffff, o), read: (b, o) => b.readUInt16BE(o) },
} as const satisfies Readonly<Record<string, Layout>>;

export type NumericType = keyof typeof layouts;

export const numericTypes = Object.keys(layouts) as NumericType[];

export function isNumeric(type: string): type is NumericType {
  return Object.hasOwn(layouts, type);
}

/** Bytes of one number. */
export function sizeOf(type: NumericType): number {
  return layouts[type].bytes;
}

/**
 * The bytes of a number, or of all in an array.
 * @throws TypeError if one is no number
 */
export function numbersOf(value: unknown, type: NumericType): Buffer {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const { bytes, write } = layouts[type];
  const buffer = Buffer.allocUnsafe(values.length * bytes);
  for (const [index, one] of values.entries()) {
    const number = Number(one);
    if (one === null || one === '' || Number.isNaN(number))
      throw new TypeError(`To be sent as ${type}, ${JSON.stringify(one)} should be a number`);
    write(buffer, number, index * bytes);
  }
  return buffer;
}

/** The numbers in bytes; what is left over at the end is ignored. */
export function toNumbers(data: Buffer, type: NumericType): number[] {
  const { bytes, read } = layouts[type];
  return Array.from({ length: Math.floor(data.length / bytes) }, (_, index) => read(data, index * bytes));
}
