import { errors, shown } from '../errors.ts';

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

/** Unix milliseconds of a time in RFC 3339, UTC with `Z`; undefined if it is none, or no day of the calendar. */
export function instantMs(text: string): number | undefined {
  if (!instant.test(text)) return undefined;
  const ms = Date.parse(text);
  // Date.parse takes February 30 for March 2, and 24:00 for the next day.
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== text.slice(0, 19) ? undefined : ms;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const week = 7 * day;
/** ISO 8601, without years and months: they have no fixed length. */
const duration = /^P(?:(\d+)W|(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?)$/;

/**
 * Milliseconds of an ISO 8601 duration in weeks, or days, hours, minutes and seconds: `P2W`, `P1DT12H`, `PT0.5S`.
 * @throws MALFORMED
 */
export function durationMs(text: string): number {
  const ms = durationOf(text);
  if (ms === undefined) throw errors.MALFORMED('duration', `expected an ISO 8601 duration such as PT90S or P1DT12H, got ${shown(text)}`);
  return ms;
}

/** The same, but undefined for a text that is no duration above zero. */
export function durationOf(text: string): number | undefined {
  const found = duration.exec(text);
  if (!found) return undefined;
  const part = (i: number) => Number(found[i] ?? 0);
  const ms = Math.round(part(1) * week + part(2) * day + part(3) * hour + part(4) * minute + part(5) * second);
  return ms > 0 && Number.isSafeInteger(ms) ? ms : undefined;
}
