/** An error that callers tell apart by its stable `code`; the message is for people. */
export class CodedError extends Error {
  readonly code: string;
  readonly detail: unknown;

  constructor(code: string, message: string, options: { detail?: unknown; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'CodedError';
    this.code = code;
    this.detail = options.detail;
  }
}

/** Ends a switch over a closed set of cases: a case that is missing does not compile. */
export function unreachable(value: never): never {
  throw new Error(`Unexpected value: ${String(value)}`);
}

/** The text of whatever was thrown; `throw null` and objects without a usable `toString` included. */
export function errorText(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  try {
    return String(thrown);
  } catch {
    return Object.prototype.toString.call(thrown); // an object whose toString throws or is missing
  }
}

/** The stack of whatever was thrown, else its text. */
export function errorStack(thrown: unknown): string {
  return thrown instanceof Error && typeof thrown.stack === 'string' ? thrown.stack : errorText(thrown);
}
