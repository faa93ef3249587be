import { compileFunction } from 'node:vm';
import type { Compile } from '../common/index.ts';
import { BoundedMap } from './bounded-map.ts';

type Compiled = ReturnType<Compile>;

/** Compiled sources by text, with the file they were compiled for: ten thousand instances of one class compile it once. */
const compiled = new BoundedMap<{ readonly filename: string; readonly run: Compiled }>(1000);

/**
 * Compiles accessor source as a function body. `vm` tells file, line and column of a syntax error, which
 * `new Function` does not, and refuses text that would close the function and go on behind it, as that does.
 */
export const compile: Compile = ({ code, file }, parameters) => {
  const filename = file ?? 'accessor source';
  const known = compiled.get(code);
  if (known?.filename === filename) return known.run;
  const run = compileFunction(code, [...parameters], { filename }) as Compiled;
  compiled.set(code, { filename, run });
  return run;
};
