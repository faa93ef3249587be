import { errors } from '../errors.ts';

export interface SupervisorOptions {
  /** Restarts are counted over this time. After running for this long a swarmlet counts as well again. */
  readonly periodMs: number;
  /** Wait before the first restart; doubles with each. */
  readonly backoffMs: number;
  readonly longestBackoffMs: number;
  /** Swarmlets that are not stopped; one more is QUOTA_EXCEEDED. */
  readonly swarmlets: number;
  /** Log lines of one swarmlet that are kept, in bytes of text. */
  readonly logBytes: number;
  /** Outputs that a new version may send before it takes its place, in bytes of JSON. */
  readonly heldBytes: number;
  /** Calls for one swarmlet that wait for the one before them; one more is BUSY. */
  readonly waiting: number;
}

/** PROTOCOL 7, and bounds of this box where the protocol names none. */
export const supervisorDefaults: SupervisorOptions = Object.freeze({
  periodMs: 60_000,
  backoffMs: 500,
  longestBackoffMs: 60_000,
  swarmlets: 256,
  logBytes: 256 * 1024,
  heldBytes: 4 * 1024 * 1024,
  waiting: 64,
});

export function supervisorOptions(given: Partial<SupervisorOptions> = {}): SupervisorOptions {
  const options = { ...supervisorDefaults, ...given };
  for (const [name, value] of Object.entries(options)) {
    if (!Number.isInteger(value) || value < 0) throw errors.BAD_OPTION(name, 'an integer of 0 or more', value);
  }
  return Object.freeze(options);
}
