import { StringDecoder } from 'node:string_decoder';
import { isNumeric, numbersOf, numericTypes, sizeOf, toNumbers } from '../shared/index.ts';

export const receiveTypes: readonly string[] = [...numericTypes, 'image', 'json', 'string'].sort();
export const sendTypes: readonly string[] = [...receiveTypes, 'bmp', 'gif', 'jpeg', 'jpg', 'png', 'wbmp'];

/**
 * The bytes of a value.
 * @throws Error if it has none in that type
 */
export function encode(value: unknown, type: string): Buffer {
  if (isNumeric(type)) return numbersOf(value, type);
  if (type === 'json') {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw new TypeError(`There is no JSON for ${String(value)}`);
    return Buffer.from(text);
  }
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (type !== 'string') throw new TypeError(`To be sent as ${type}, a value should be a Buffer, got ${typeof value}`);
  if (Array.isArray(value)) return Buffer.from(value.join(''));
  return Buffer.from(typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value));
}

/** The values in one whole message: of numbers one, or all as an array. */
export function decodeMessage(data: Buffer, type: string): unknown {
  if (isNumeric(type)) {
    const numbers = toNumbers(data, type);
    return numbers.length === 1 ? numbers[0] : numbers;
  }
  if (type === 'json') return parseJson(data.toString());
  return type === 'image' ? data : data.toString();
}

/** Turns bytes as they come into values; what a part ends in the middle of waits for the next. */
export class StreamDecoder {
  readonly #type: string;
  readonly #batch: boolean;
  readonly #text = new StringDecoder('utf8');
  #rest: Buffer = Buffer.alloc(0);

  /** @param batch  all numbers of a part as one array, instead of one by one */
  constructor(type: string, batch: boolean) {
    this.#type = type;
    this.#batch = batch;
  }

  decode(part: Buffer): unknown[] {
    const type = this.#type;
    if (isNumeric(type)) {
      const data = this.#rest.length === 0 ? part : Buffer.concat([this.#rest, part]);
      this.#rest = data.subarray(data.length - (data.length % sizeOf(type)));
      const numbers = toNumbers(data, type);
      return this.#batch && numbers.length > 0 ? [numbers] : numbers;
    }
    if (type === 'image') return [part];
    const text = this.#text.write(part);
    if (text === '') return [];
    return [type === 'json' ? parseJson(text) : text];
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`What arrived is no JSON: ${text.slice(0, 100)}`, { cause: error });
  }
}
