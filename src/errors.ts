import { CodedError } from '../hosts/common/index.ts';
import { plain } from './plain.ts';

/** Whom and what an error is about, as far as it was known; for the audit log and `rejected`, never sent to the caller. */
export interface Subject {
  readonly keyId?: string;
  /** Only set once the signature was found good: before that it would be a claim. */
  readonly principal?: string;
  readonly swarmlet?: string;
  readonly action?: string;
  readonly version?: string;
  readonly digest?: string;
}

/** An error with a code of PROTOCOL.md section 5, or one that concerns the box's own files and options. */
export class ServiceError extends CodedError {
  #subject: Subject = {};

  constructor(code: string, report: Report) {
    super(code, printable(report.message), { detail: report.detail, ...('cause' in report ? { cause: report.cause } : {}) });
    this.name = 'ServiceError';
  }

  get subject(): Subject {
    return this.#subject;
  }

  /** Adds what is known about its subject; no copy of the error, as a box may refuse a thousand statements a second. */
  about(subject: Subject): this {
    this.#subject = { ...this.#subject, ...subject };
    return this;
  }
}

interface Report {
  /** A sentence that names the thing at fault and, where there is one, the next step. */
  readonly message: string;
  /** JSON that helps a program to mend it. */
  readonly detail?: unknown;
  readonly cause?: unknown;
}

const maxMessage = 1000;

/** The text with everything that could fake or hide a line (controls, bidirectional marks, lone surrogates) as `\uXXXX`, cut at 1000 characters. */
export function printable(text: string): string {
  const cut = text.length > maxMessage ? `${text.slice(0, maxMessage)}...` : text;
  return plain(cut);
}

/** A value from outside as it may stand in a message: JSON, short, printable. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return printable(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}

type Table = Record<string, (...values: never[]) => Report>;
type Makers<T extends Table> = { readonly [Code in keyof T]: (...values: Parameters<T[Code]>) => ServiceError };

function errorTable<T extends Table>(table: T): Makers<T> {
  const makers = Object.entries(table).map(([code, report]) => [
    code,
    (...values: unknown[]) => withoutStack(() => new ServiceError(code, report(...(values as never[])))),
  ]);
  return Object.freeze(Object.fromEntries(makers)) as Makers<T>;
}

/** These are answers: nobody asks where in the box one was made, and to find out is a tenth of what a refusal costs. */
function withoutStack<T>(make: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** A digest as it is; a size with its unit. */
const measure = (value: string | number) => (typeof value === 'number' ? `${value} bytes` : value);
const sequenceRemedy = (last: number): string =>
  last < Number.MAX_SAFE_INTEGER
    ? 'sign with a greater one'
    : 'there is no greater one: accessors reset-sequence, on the box, frees the name';
const times = (ms: number) => new Date(ms).toISOString();

/** Every code that leaves the box, then the two that stay on it. A code is never renamed or used again. */
export const errors = errorTable({
  /** @param field  path of the field or name of the thing: `files."A.js".size` */
  MALFORMED: (field: string, problem: string, cause?: unknown) => ({
    message: `${field}: ${problem}`,
    detail: { field: printable(field) },
    cause,
  }),
  UNSUPPORTED: (what: string) => ({ message: `This box does not implement ${what}; leave it out, or use a newer box`, detail: { what } }),
  TOO_LARGE: (what: string, limit: number, size: number, unit = 'bytes') => ({
    message: `${what} has ${size} ${unit}, at most ${limit} are allowed`,
    detail: { what, limit, size, unit },
  }),

  UNAUTHENTICATED: (what: string) => ({ message: `${what} needs an authenticated connection: call authenticate first` }),
  UNTRUSTED_KEY: (keyId: string) => ({
    message: `Key ${keyId} is not trusted by this box now; its operator adds it with "accessors trust add"`,
    detail: { keyId },
  }),
  REVOKED_KEY: (keyId: string) => ({ message: `Key ${keyId} was revoked; sign with another key`, detail: { keyId } }),
  BAD_SIGNATURE: (keyId: string, problem: string, cause?: unknown) => ({
    message: `The signature by ${keyId} is not good: ${problem}`,
    detail: { keyId },
    cause,
  }),
  THRESHOLD_NOT_MET: (needed: number, principals: readonly string[]) => ({
    message: `This needs the signatures of ${needed} people, and has ${principals.length}: ${principals.join(', ')}. Sign it with --out FILE, let others do 'accessors sign FILE', then 'accessors submit FILE'`,
    detail: { needed, principals },
  }),
  FORBIDDEN: (principal: string, what: string) => ({
    message: `${principal} may not ${what} on this box: no rule of its policy allows it`,
    detail: { principal, what },
  }),

  WRONG_AUDIENCE: (boxId: string) => ({ message: `The statement is not meant for this box, ${boxId}`, detail: { box: boxId } }),
  /** @param restoredAt  where that is why: what was issued before a backup was restored may have been carried out already */
  EXPIRED: (expires: string, nowMs: number, restoredAt?: number) => ({
    message:
      restoredAt === undefined
        ? `The statement expired at ${expires}, the box's time is ${times(nowMs)}; sign it anew, or set the clock`
        : `The statement was issued before ${times(restoredAt)}, when the state of the box was restored from a backup, and may have been carried out already; sign it anew`,
    detail: { expires, time: times(nowMs), ...(restoredAt !== undefined && { restoredAt: times(restoredAt) }) },
  }),
  NOT_YET_VALID: (issuedAt: string, nowMs: number) => ({
    message: `The statement is from ${issuedAt}, the box's time is ${times(nowMs)}; set the clock that is wrong`,
    detail: { issuedAt, time: times(nowMs) },
  }),
  /** @param accepted  the statement that used the nonce, for a sender whose answer was lost; null for a handshake */
  REPLAYED: (accepted: { readonly digest: string; readonly sequence: number | null; readonly state: string | null } | null) => ({
    message: accepted
      ? `The nonce was used by ${accepted.digest}, which was accepted before`
      : 'The nonce is not one that this box gave out in the last 120 s, or was used before; connect again',
    detail: accepted,
  }),
  STALE_SEQUENCE: (swarmlet: string, sequence: number, last: number) => ({
    message: `Sequence ${sequence} of ${swarmlet} is not above the last one of this box, ${last}; ${sequenceRemedy(last)}`,
    detail: { swarmlet, sequence, last },
  }),
  CONFLICT: (
    swarmlet: string,
    replaces: string | null,
    won: { readonly digest: string | null; readonly version: string | null; readonly principal: string | null },
  ) => ({
    message: `${swarmlet} should replace ${replaces ?? 'nothing'}, but ${
      won.digest === null ? 'nothing is in its place' : `${won.digest} (${won.version} by ${won.principal}) is`
    }; look at it and push again`,
    detail: { swarmlet, replaces, ...won },
  }),

  MISSING_BLOB: (digests: readonly string[]) => ({
    message: `The box has no blob ${digests.join(', ')}; send it and deploy again`,
    detail: { digests },
  }),
  /** @param expected, got  hex of SHA-256, or a size in bytes */
  DIGEST_MISMATCH: (name: string, expected: string | number, got: string | number) => ({
    message: `File ${shown(name)} should have ${measure(expected)}, but has ${measure(got)}`,
    detail: { name, expected, got },
  }),
  MISSING_DEPENDENCY: (dependencies: readonly string[]) => ({
    message: `The box lacks ${dependencies.join(', ')}; install it there, or push a swarmlet that does without`,
    detail: { dependencies },
  }),
  LIMIT_TOO_HIGH: (limit: string, asked: number, allowed: number) => ({
    message: `Limit ${limit} of ${asked} is above ${allowed}, the highest that the box's policy allows`,
    detail: { limit, asked, allowed },
  }),
  QUOTA_EXCEEDED: (what: string, limit: number) => ({ message: `The box takes no more than ${limit} ${what}`, detail: { what, limit } }),
  RATE_LIMITED: (what: string) => ({ message: `Too many ${what} on this connection; wait a second and try again`, detail: { what } }),

  /** @param phase  'load', 'setup' or 'initialize'; `reason` is one of PROTOCOL.md section 6 */
  SETUP_FAILED: (swarmlet: string, phase: string, reason: string, problem: string) => ({
    message: `${swarmlet} failed in ${phase}: ${problem}`,
    detail: { swarmlet, phase, reason, problem: printable(problem) },
  }),
  START_TIMEOUT: (swarmlet: string, phase: string, reason: string, limitMs: number) => ({
    message: `${swarmlet} did not end its ${phase} within ${limitMs} ms`,
    detail: { swarmlet, phase, reason, limitMs },
  }),
  /** @param why  where there was one */
  NOT_FOUND: (swarmlet: string, why?: string) => ({
    message: `There is no swarmlet ${shown(swarmlet)} on this box${why === undefined ? '' : `: ${why}`}`,
    detail: { swarmlet },
  }),
  BUSY: (what: string, next = 'try again in a moment') => ({ message: `The box is ${what}; ${next}`, detail: { what } }),
  INTERNAL: (cause: unknown) => ({ message: 'A defect of the box; its log says more', cause }),

  // These two name paths of the box, so they are for its operator and never sent.
  BAD_OPTION: (path: string, expected: string, got: unknown) => ({
    message: `${path} should be ${expected}, got ${shown(got)}`,
    detail: { path },
  }),
  /** @param place  the file, or `file:line` */
  BAD_FILE: (place: string, problem: string, cause?: unknown) => ({ message: `${place}: ${problem}`, detail: { place }, cause }),
});

export type ErrorCode = keyof typeof errors;

export function isServiceError(thrown: unknown): thrown is ServiceError {
  return thrown instanceof ServiceError;
}

/** For whoever catches refusals instead of looking at what is returned. */
export function orThrow<T>(result: T | ServiceError): T {
  if (isServiceError(result)) throw result;
  return result;
}
