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

/** The text of whatever was thrown; `throw null`, objects without a usable `toString` and hostile proxies included. */
export function errorText(thrown: unknown): string {
  return attempt(() => String(thrown instanceof Error ? thrown.message : thrown)) ?? shapeOf(thrown);
}

/** Of an object whose toString throws or is missing. */
function shapeOf(thrown: unknown): string {
  return attempt(() => Object.prototype.toString.call(thrown)) ?? 'something that cannot be shown';
}

/** Undefined if looking at what was thrown throws in its turn. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** The stack of whatever was thrown, else its text. */
export function errorStack(thrown: unknown): string {
  const stack = attempt(() => (thrown instanceof Error ? thrown.stack : undefined));
  return typeof stack === 'string' ? stack : errorText(thrown);
}
