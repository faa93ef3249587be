import { readFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { errorText } from '../../hosts/common/index.ts';
import type { CarriedFile, Closure } from './closure.ts';
import { pushErrors } from './errors.ts';

/**
 * The closure with files that its accessors read by `getResource`, each under its path from the folder of the swarmlet.
 * @throws CodedError NOT_CARRIED that names the file
 */
export function withFiles(closure: Closure, paths: readonly string[]): Closure {
  if (paths.length === 0) return closure;
  const folder = resolve(dirname(closure.files.get(closure.main)?.path ?? './swarmlet'));
  const files = new Map(closure.files);
  for (const path of paths) {
    const name = relative(folder, resolve(path)).split(sep).join('/');
    if (name.startsWith('../')) throw pushErrors.NOT_CARRIED(path, `it lies outside of ${folder}, the folder of the swarmlet`);
    if (!files.has(name)) files.set(name, carried(path));
  }
  return { ...closure, files };
}

/** Statements are JSON: what travels is text. */
function carried(path: string): CarriedFile {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
    return { text, path: resolve(path) };
  } catch (error) {
    const isText = (error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA';
    throw pushErrors.NOT_CARRIED(path, isText ? errorText(error) : 'it is no text in UTF-8; encode it, as in base64');
  }
}
