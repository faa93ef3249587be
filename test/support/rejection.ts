import type { CodedError } from '../../hosts/common/index.ts';

/** The error with which a promise rejects; when it does not, that is an error. */
export async function rejection(promise: Promise<unknown>): Promise<CodedError> {
  const value = await promise.then(
    (resolved) => ({ resolved }),
    (error) => ({ error }),
  );
  if ('error' in value) return value.error as CodedError;
  throw new Error(`Expected a rejection, got ${JSON.stringify(value.resolved)}`);
}
