import { errors } from '../errors.ts';

const alphabet = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * The bytes of standard, padded, canonical base64, or what is wrong with the text. Node's decoder takes junk, gaps and loose
 * bits, and two texts of one value would be two messages to whoever compares texts.
 */
function decode(text: unknown): { bytes: Buffer } | { fault: string } {
  if (typeof text !== 'string') return { fault: 'expected a text of base64' };
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') === text) return { bytes };
  const isStandard = text.length % 4 === 0 && alphabet.test(text);
  return { fault: isStandard ? 'expected canonical base64: its last bits should be zero' : 'expected base64: standard alphabet, padded' };
}

/**
 * @param what  the field's path, for the error
 * @throws MALFORMED unless it is standard, padded, canonical base64
 */
export function decodeBase64(text: unknown, what: string): Buffer {
  const decoded = decode(text);
  if ('fault' in decoded) throw errors.MALFORMED(what, decoded.fault);
  return decoded.bytes;
}

/** How many bytes the text stands for; undefined where `decodeBase64` would throw. */
export function base64Length(text: string): number | undefined {
  const decoded = decode(text);
  return 'bytes' in decoded ? decoded.bytes.length : undefined;
}
