import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { boxModules } from '../modules.ts';
import { packageRoot } from '../paths.ts';

const known = new Set(boxModules.map(({ name }) => name));
const texts = new Map<string, Promise<string>>();

/** The code of a module as isolates get it, who have no files: its bundle in `dist`. Undefined: this box has no such module. */
export async function moduleText(name: string): Promise<string | undefined> {
  if (!known.has(name)) return undefined;
  let text = texts.get(name);
  if (!text) {
    text = readFile(join(packageRoot, 'dist/modules', `${name}.cjs`), 'utf8');
    texts.set(name, text);
    text.catch(() => texts.delete(name)); // a build is under way
  }
  return text;
}
