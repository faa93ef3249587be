import { readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

/** Before this there was no such program. */
const earliest = Date.parse('2026-01-01T00:00:00Z');
const latest = Date.parse('2100-01-01T00:00:00Z');
const skewMs = 5 * 60_000;

/**
 * Why a clock cannot be right; undefined if it may be.
 * @param now    Unix milliseconds, by that clock
 * @param state  folder of a box, '' for none: what was written there was not written later
 */
export function clockFault(now: number, state: string): string | undefined {
  const time = new Date(now).toISOString();
  if (now < earliest || now > latest) return `the clock says ${time}, which cannot be`;
  const newest = Math.max(0, ...filesOf(state).map(({ mtimeMs }) => mtimeMs));
  if (newest <= now + skewMs) return undefined;
  return `the clock says ${time}, before ${new Date(newest).toISOString()}, when a file in ${state} was written`;
}

function filesOf(folder: string): Stats[] {
  if (folder === '') return [];
  try {
    return readdirSync(folder).flatMap((name) => statSync(join(folder, name), { throwIfNoEntry: false }) ?? []);
  } catch {
    return []; // there is none yet, or whoever opens it tells what is wrong with it
  }
}
