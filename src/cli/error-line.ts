import { CodedError, errorStack, errorText } from '../../hosts/common/index.ts';
import { plain } from './text.ts';

/** What went wrong, in one line. */
export function errorLine(error: unknown): string {
  // Without a code it is a defect of this program, and its place is what helps to mend it.
  return `accessors: ${plain(error instanceof CodedError || isOfSystem(error) ? errorText(error) : errorStack(error))}`;
}

/** For programs. */
export function errorJson(error: unknown): { readonly code: string; readonly message: string; readonly detail: unknown } {
  const { code, detail } = error instanceof CodedError ? error : { code: 'INTERNAL', detail: undefined };
  return { code, message: errorText(error), detail };
}

/** What the operating system refuses, `EACCES: permission denied, open 'FILE'`, names its thing by itself. */
export function isOfSystem(error: unknown): error is Error {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}
