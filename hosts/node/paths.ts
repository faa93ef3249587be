import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of this package: from a bundle in `dist`, and from the sources during development. */
export const packageRoot = findRoot(import.meta.dirname);

function findRoot(from: string): string {
  let folder = from;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
