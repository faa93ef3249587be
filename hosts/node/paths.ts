import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of this package: from a bundle in `dist`, and from the sources during development. */
export const packageRoot = findRoot(import.meta.dirname);

/** @throws Error where no folder above has a package.json */
function findRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) throw new Error(`No package.json above ${from}: the package is not whole, install it again`);
  }
}
