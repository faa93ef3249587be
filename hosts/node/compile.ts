import { compileFunction } from 'node:vm';
import { LRUCache } from 'lru-cache';
import type { Compile } from '../common/index.ts';

type Compiled = ReturnType<Compile>;

/** Compiled sources by text: ten thousand instances of one class compile it once. */
const compiled = new LRUCache<string, Compiled>({ max: 1000 });

/**
 * Compiles accessor source as a function body. `vm` tells file, line and column of a syntax error, which
 * `new Function` does not, and refuses text that would close the function and go on behind it, as that does.
 */
export const compile: Compile = (source, parameters) => {
  const filename = source.file ?? 'accessor source';
  const key = `${filename}\n${source.code}`;
  let run = compiled.get(key);
  if (!run) {
    run = compileFunction(source.code, [...parameters], { filename }) as Compiled;
    compiled.set(key, run);
  }
  return run;
};
