/** Shorter ones would hide half of every line. */
const SHORTEST = 4;

/**
 * Puts `(sealed)` where one of the values stands, in what a swarmlet prints and in its errors, which leave the box.
 * @param values  any JSON; texts within, and what JSON makes of them, are hidden
 */
export function maskOf(values: Readonly<Record<string, unknown>>): (text: string) => string {
  const hidden = [...new Set(Object.values(values).flatMap(textsOf))].filter((text) => text.length >= SHORTEST);
  hidden.sort((a, b) => b.length - a.length);
  return (text) => hidden.reduce((masked, one) => masked.replaceAll(one, '(sealed)'), text);
}

function textsOf(value: unknown): string[] {
  const json = JSON.stringify(value) ?? '';
  if (typeof value === 'string') return [value, json.slice(1, -1), ...value.split(/[\r\n]+/)];
  if (typeof value === 'object' && value !== null) return [json, ...Object.values(value).flatMap(textsOf)];
  return typeof value === 'number' ? [json] : []; // true, false and null are nobody's secret
}
