import { cutMark } from '../../hosts/common/index.ts';

/** Shorter ones would hide half of every line. */
const SHORTEST = 4;

/**
 * Puts `(sealed)` where one of the values stands, in what a swarmlet prints and in its errors, which leave the box.
 * @param values  any JSON; texts within, and what JSON makes of them, are hidden, also where a text was cut in the middle of one
 */
export function maskOf(values: Readonly<Record<string, unknown>>): (text: string) => string {
  const hidden = [...new Set(Object.values(values).flatMap(textsOf))].filter((text) => text.length >= SHORTEST);
  hidden.sort((a, b) => b.length - a.length);
  return (text) => {
    const masked = hidden.reduce((left, one) => left.replaceAll(one, '(sealed)'), text);
    return masked.endsWith(cutMark) ? withoutBeginning(masked, hidden) : masked;
  };
}

/** A text that was cut may end with the beginning of a hidden one. */
function withoutBeginning(text: string, hidden: readonly string[]): string {
  const body = text.slice(0, -cutMark.length);
  for (const one of hidden) {
    for (let length = one.length - 1; length >= SHORTEST; length--) {
      if (body.endsWith(one.slice(0, length))) return `${body.slice(0, -length)}(sealed)${cutMark}`;
    }
  }
  return text;
}

function textsOf(value: unknown): string[] {
  const json = JSON.stringify(value) ?? '';
  if (typeof value === 'string') return [value, json.slice(1, -1), ...value.split(/[\r\n]+/)];
  if (typeof value === 'object' && value !== null) return [json, ...Object.values(value).flatMap(textsOf)];
  return typeof value === 'number' ? [json] : []; // true, false and null are nobody's secret
}
