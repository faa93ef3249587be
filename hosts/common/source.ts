/** Source text of an accessor, where it came from, and who asked for it. */
export interface Source {
  readonly code: string;
  /** Path of the file, for messages and for what lies beside it; undefined for text given directly. */
  readonly file: string | undefined;
  /** The source of the accessor that instantiates, extends or implements this one. */
  readonly from: Source | undefined;
}

/**
 * Finds the source of a class.
 * @throws Error `Accessor NAME.js not found on path: ...` that lists every place that was tried
 */
export type Load = (name: string, from: Source | undefined) => Source;

/**
 * Compiles a source as the body of a function with these parameters. The text is compiled on its own, never pasted
 * into a larger one, so that no brace in it can end the function.
 * @throws SyntaxError with file, line and column where the platform tells them
 */
export type Compile = (source: Source, parameters: readonly string[]) => (...args: unknown[]) => unknown;

/** The names that are free in accessor source, in the order of the function's parameters (spec section 2). */
export const freeNames = [
  'alert',
  'clearInterval',
  'clearTimeout',
  'currentTime',
  'error',
  'exports',
  'getResource',
  'getTopLevelAccessors',
  'hostStackTrace',
  'httpRequest',
  'readURL',
  'require',
  'setInterval',
  'setTimeout',
] as const;
