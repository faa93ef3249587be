import { CodedError } from '../../hosts/common/index.ts';

/** What a command ends with; every one can be told apart by a script. */
export const exit = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  refused: 4,
  conflict: 5,
  didNotRun: 6,
  notReached: 7,
  timedOut: 124,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exit)[keyof typeof exit];

/** Codes of boxes (PROTOCOL 5) and of this program; those that are not here are `failed`. */
const byCode: Readonly<Record<string, ExitCode>> = {
  USAGE: exit.usage,
  NOT_FOUND: exit.notFound,
  UNAUTHENTICATED: exit.refused,
  UNTRUSTED_KEY: exit.refused,
  REVOKED_KEY: exit.refused,
  BAD_SIGNATURE: exit.refused,
  THRESHOLD_NOT_MET: exit.refused,
  FORBIDDEN: exit.refused,
  WRONG_AUDIENCE: exit.refused,
  EXPIRED: exit.refused,
  NOT_YET_VALID: exit.refused,
  LIMIT_TOO_HIGH: exit.refused,
  QUOTA_EXCEEDED: exit.refused,
  AMBIGUOUS: exit.refused,
  WRONG_BOX: exit.refused,
  BOX_CHANGED: exit.refused,
  BOX_UNPROVEN: exit.refused,
  BOX_UNCONFIRMED: exit.refused,
  CONFLICT: exit.conflict,
  STALE_SEQUENCE: exit.conflict,
  SETUP_FAILED: exit.didNotRun,
  START_TIMEOUT: exit.didNotRun,
  ENDED_EARLY: exit.didNotRun,
  BOX_NOT_REACHED: exit.notReached,
  CONNECTION_LOST: exit.notReached,
  TIMED_OUT: exit.timedOut,
  INTERRUPTED: exit.interrupted,
};

export function exitCodeOf(error: unknown): ExitCode {
  return (error instanceof CodedError && byCode[error.code]) || exit.failed;
}

/** A command line that cannot be meant. */
export function usageError(message: string): CodedError {
  return new CodedError('USAGE', message);
}
