/** What accessors may name as type of web socket messages, beyond `text/...` (spec MODULES.md, web-socket-client). */
export const contentTypes: readonly string[] = [
  'application/json',
  'text/plain',
  ...['JPG', 'jpg', 'bmp', 'BMP', 'gif', 'GIF', 'WBMP', 'png', 'PNG', 'jpeg', 'wbmp', 'JPEG'],
];

/** What travels: text, or bytes. */
export type Data = string | Uint8Array;

/** @throws Error if there is no JSON text of the value */
export function encodeContent(value: unknown, type: string): Data {
  if (type === 'application/json') {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw new Error(`There is no JSON for ${String(value)}`);
    return text;
  }
  if (value instanceof Uint8Array && !type.startsWith('text/')) return value;
  if (value instanceof ArrayBuffer && !type.startsWith('text/')) return new Uint8Array(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/**
 * @param isBinary  whether the sender said that it is no text
 * @throws Error if it is not of that type
 */
export function decodeContent(data: Buffer, isBinary: boolean, type: string): unknown {
  if (type === 'application/json') {
    const text = data.toString();
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new Error(`The message is no JSON: ${text.slice(0, 100)}`, { cause: error });
    }
  }
  return type.startsWith('text/') || !isBinary ? data.toString() : data;
}
