import { errorText } from '../../../common/index.ts';
import { showSyntaxProblem, syntaxProblem } from '../../syntax-error.ts';

/** Longer messages are cut: they travel in one frame. */
const MESSAGE_LENGTH = 4000;

/** The message of whatever was thrown, with the file and line of the swarmlet where it was. */
export function describe(error: unknown, files: ReadonlyMap<string, string>): string {
  try {
    return described(error, files);
  } catch {
    return errorText(error); // looking at its parts throws in its turn
  }
}

function described(error: unknown, files: ReadonlyMap<string, string>): string {
  const syntax = syntaxProblem(error);
  if (syntax) return showSyntaxProblem(syntax);
  const text = errorText(error);
  const place = placeIn(error, files);
  return `${text.length > MESSAGE_LENGTH ? `${text.slice(0, MESSAGE_LENGTH)}...` : text}${place ? ` (${place})` : ''}`;
}

/** `FILE:LINE:COLUMN` of the innermost call in a file of the swarmlet. */
function placeIn(error: unknown, files: ReadonlyMap<string, string>): string | undefined {
  const stack = error instanceof Error ? error.stack : undefined;
  if (typeof stack !== 'string') return undefined;
  for (const line of stack.split('\n', 50)) {
    const at = /^\s+at (?:.*\()?(.+?):(\d+):(\d+)\)?$/.exec(line);
    if (at && files.has(at[1] as string)) return `${at[1]}:${at[2]}:${at[3]}`;
  }
  return undefined;
}

/** The system refused memory: nothing that the swarmlet does after it can be relied on. */
export function isAllocationFailure(error: unknown): boolean {
  try {
    return saysSo(error);
  } catch {
    return false; // nothing of the system: looking at it throws in its turn
  }
}

function saysSo(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ((error as NodeJS.ErrnoException).code === 'ERR_MEMORY_ALLOCATION_FAILED') return true;
  const cause = error.cause === error ? undefined : error.cause;
  const refused = /array buffer allocation failed|could not allocate memory|out of memory|ENOMEM/i;
  return (error instanceof RangeError && refused.test(error.message)) || (cause !== undefined && saysSo(cause));
}
