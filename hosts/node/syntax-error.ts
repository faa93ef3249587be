/** Where the source of an accessor does not compile. */
export interface SyntaxProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly message: string;
  /** The line itself, without blanks around. */
  readonly text: string;
}

/** What V8 tells of a syntax error in the first lines of its stack: `FILE:LINE`, the line, and marks below the place. */
export function syntaxProblem(error: unknown): SyntaxProblem | undefined {
  if (!(error instanceof SyntaxError) || typeof error.stack !== 'string') return undefined;
  const [place = '', text = '', marks = ''] = error.stack.split('\n');
  const at = /^(.*):(\d+)$/.exec(place);
  // The end of a file that came too early is what stands behind blanks for all of its last line.
  const isEnd = marks.trim() === '' && marks.length === text.length;
  if (!at || !(marks.includes('^') || isEnd)) return undefined;
  const column = (isEnd ? marks.length : marks.indexOf('^')) + 1;
  return { file: at[1] as string, line: Number(at[2]), column, message: error.message, text: text.trim() };
}

/** `FILE:LINE:COLUMN: SyntaxError: message: the line itself`, in one line. */
export function showSyntaxProblem({ file, line, column, message, text }: SyntaxProblem): string {
  return `${file}:${line}:${column}: SyntaxError: ${message}${text === '' ? '' : `: ${text}`}`;
}
