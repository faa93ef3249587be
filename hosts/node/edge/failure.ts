/** A failure as it crosses: the text and the system's code. */
export interface Failure {
  readonly message: string;
  readonly code?: string;
}

export function failureOf(error: Error): Failure {
  const { code } = error as NodeJS.ErrnoException;
  const texts = error instanceof AggregateError ? [...new Set(error.errors.map((one: Error) => one.message))].join(', ') : '';
  return { message: error.message || texts || code || error.name, ...(typeof code === 'string' && { code }) };
}

export function errorOf({ message, code }: Failure): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}
