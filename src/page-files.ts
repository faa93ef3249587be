import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../hosts/node/index.ts';
import { Assets } from './dashboard/index.ts';
import { libraryReference } from './reference/index.ts';

const dist = join(packageRoot, 'dist');

/** The page as it was built. */
export const pageAssets = new Assets(join(dist, 'page'));

let classes: ReadonlySet<string> | undefined;

/** The accessors of the library, for those who deploy from the page: what a swarmlet instantiates goes with it. */
export const libraryTexts = {
  list(): readonly string[] {
    classes ??= new Set(libraryReference().map((one) => one.class));
    return [...classes];
  },
  text(accessorClass: string): string | undefined {
    if (!this.list().includes(accessorClass)) return undefined;
    return readFileSync(join(dist, 'accessors', `${accessorClass}.js`), 'utf8');
  },
};
