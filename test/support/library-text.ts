import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../hosts/node/index.ts';

/** An accessor of the library as it travels. */
export function libraryText(accessorClass: string): string {
  return readFileSync(join(packageRoot, 'dist/accessors', `${accessorClass}.js`), 'utf8');
}
