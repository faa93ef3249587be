import { usageError } from './exit.ts';

const sizes: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Milliseconds of `90` (seconds), `500ms`, `30s`, `5m`, `2h`, `1d`.
 * @throws CodedError USAGE that names the option
 */
export function durationMs(option: string, text: string): number {
  const [, count, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? [];
  const ms = Number(count) * (sizes[unit] ?? Number.NaN);
  if (!(ms > 0)) throw usageError(`${option} takes a time such as 30s, 5m or 500ms, got '${text}'`);
  return ms;
}

/** `for` of a statement: `forever`, `once`, an ISO-8601 duration as it is, `90s` and the like as one. */
export function runFor(text: string): string {
  if (text === 'forever' || text === 'once' || /^P/.test(text)) return text;
  return `PT${durationMs('--run-for', text) / 1000}S`;
}
