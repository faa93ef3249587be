import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../hosts/node/index.ts';

/** A file of the library: folders and a name, nothing that leads elsewhere. */
const libraryFile = /^(?:[A-Za-z0-9_-]+\/)*[A-Za-z0-9_-]+\.js$/;

/** The text of an accessor of this package, by its file; null if there is none. */
export function libraryText(file: string): string | null {
  if (!libraryFile.test(file)) return null;
  try {
    return readFileSync(join(packageRoot, 'dist/accessors', file), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
