/** Bytes of base64 text; the URL-safe alphabet is accepted as well. Throws when the length is no multiple of four. */
export function toByteArray(text: string): Uint8Array {
  if (text.length % 4 !== 0) throw new Error('Invalid string. Length must be a multiple of 4');
  return new Uint8Array(Buffer.from(text, 'base64'));
}

export function fromByteArray(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
