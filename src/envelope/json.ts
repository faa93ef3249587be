import { errorText } from '../../hosts/common/index.ts';
import { errors, shown } from '../errors.ts';

const maxDepth = 32;
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const number = /-?[0-9.eE+-]+/y;

/**
 * JSON as this protocol takes it: fatal UTF-8, no byte-order mark, nothing after the value, depth up to 32, no key twice, no
 * `__proto__`, `constructor` or `prototype`, no number beyond a double (PROTOCOL.md section 2).
 * @param what  names the text in errors
 * @throws MALFORMED
 */
export function parseJson(input: Uint8Array | string, what: string): unknown {
  const text = typeof input === 'string' ? input : decodeUtf8(input, what);
  if (text.charCodeAt(0) === 0xfeff) throw errors.MALFORMED(what, 'starts with a byte-order mark');
  scan(text, what); // before JSON.parse: it keeps the last of two keys, makes 1e400 infinite, and recurses
  try {
    return JSON.parse(text);
  } catch (error) {
    throw errors.MALFORMED(what, `not JSON: ${errorText(error)}`, error);
  }
}

function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw errors.MALFORMED(what, 'not UTF-8', error);
  }
}

/**
 * Refuses what JSON.parse would let pass. It takes the grammar for granted: where the text breaks it, the scan may go
 * astray, but then JSON.parse refuses the text in any case.
 */
function scan(text: string, what: string): void {
  /** One entry for each open bracket: the keys seen in an object, or null in an array. */
  const open: (Set<string> | null)[] = [];
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (keys && isKey(text, end)) addKey(keys, text.slice(at, end), what);
      at = end;
    } else if (code === 0x7b || code === 0x5b) {
      open.push(code === 0x7b ? new Set() : null);
      if (open.length > maxDepth) throw errors.MALFORMED(what, `nested deeper than ${maxDepth}`);
      at += 1;
    } else if (code === 0x7d || code === 0x5d) {
      open.pop();
      at += 1;
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      at = endOfNumber(text, at, what);
    } else {
      at += 1;
    }
  }
}

/** The place after the quote that ends the string; `at` is that of its first quote. */
function endOfString(text: string, at: number): number {
  let quote = text.indexOf('"', at + 1);
  while (quote >= 0 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote < 0 ? text.length : quote + 1;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes += 1;
  return slashes % 2 === 1;
}

function isKey(text: string, at: number): boolean {
  let next = at;
  while (' \t\n\r'.includes(text.charAt(next)) && next < text.length) next += 1;
  return text.charCodeAt(next) === 0x3a;
}

function addKey(keys: Set<string>, quoted: string, what: string): void {
  const key = quoted.includes('\\') ? unescaped(quoted, what) : quoted.slice(1, -1);
  if (forbiddenKeys.has(key)) throw errors.MALFORMED(what, `key ${shown(key)} is not allowed`);
  if (keys.has(key)) throw errors.MALFORMED(what, `key ${shown(key)} stands twice in one object`);
  keys.add(key);
}

function unescaped(quoted: string, what: string): string {
  try {
    return JSON.parse(quoted);
  } catch (error) {
    throw errors.MALFORMED(what, `not JSON: key ${shown(quoted)}`, error);
  }
}

function endOfNumber(text: string, at: number, what: string): number {
  number.lastIndex = at;
  const digits = number.exec(text)?.[0] ?? '-';
  if (Math.abs(Number(digits)) === Number.POSITIVE_INFINITY) throw errors.MALFORMED(what, `number ${shown(digits)} is too large`);
  return at + digits.length;
}
