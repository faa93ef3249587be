/** How samples are written, in the format chunk. */
const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;

interface Format {
  readonly kind: number;
  readonly channels: number;
  readonly bits: number;
}

/**
 * The samples of a WAV file by channel, from -1 to 1.
 * @throws Error that says what is wrong with the file
 */
export function wavChannels(file: Buffer): number[][] {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') throw new Error('this is no WAV file');
  let format: Format | undefined;
  for (let at = 12; at + 8 <= file.length; ) {
    const name = file.toString('latin1', at, at + 4);
    const length = file.readUInt32LE(at + 4);
    const chunk = file.subarray(at + 8, at + 8 + length);
    if (name === 'fmt ') format = formatOf(chunk);
    if (name === 'data') {
      if (!format) throw new Error('this WAV file has its data before its format');
      return samples(chunk, format);
    }
    at += 8 + length + (length % 2);
  }
  throw new Error('this WAV file has no data');
}

function formatOf(chunk: Buffer): Format {
  if (chunk.length < 16) throw new Error('the format of this WAV file is cut off');
  const kind = chunk.readUInt16LE(0);
  const real = kind === EXTENSIBLE && chunk.length >= 26 ? chunk.readUInt16LE(24) : kind;
  return { kind: real, channels: chunk.readUInt16LE(2), bits: chunk.readUInt16LE(14) };
}

function samples(data: Buffer, { kind, channels, bits }: Format): number[][] {
  const read = reader(data, kind, bits);
  if (!read || channels === 0) throw new Error(`samples of kind ${kind} with ${bits} bits in ${channels} channels cannot be read`);
  const step = bits / 8;
  const count = Math.floor(data.length / (step * channels));
  return Array.from({ length: channels }, (_, channel) => Array.from({ length: count }, (_, i) => read((i * channels + channel) * step)));
}

function reader(data: Buffer, kind: number, bits: number): ((at: number) => number) | undefined {
  if (kind === FLOAT && bits === 32) return (at) => data.readFloatLE(at);
  if (kind === FLOAT && bits === 64) return (at) => data.readDoubleLE(at);
  if (kind !== PCM) return undefined;
  if (bits === 8) return (at) => (data.readUInt8(at) - 128) / 128; // the only size without a sign
  if (bits === 16 || bits === 24 || bits === 32) return (at) => data.readIntLE(at, bits / 8) / 2 ** (bits - 1);
  return undefined;
}
