import { get } from './api.ts';
import type { DeployFile } from './statement.ts';

/**
 * Adds the accessors of the box's library that these files name, and those that they name. Every text in quotes that is a
 * class counts: one too many does no harm.
 */
export async function withLibrary(files: readonly DeployFile[]): Promise<DeployFile[]> {
  const { classes } = await get<{ readonly classes: readonly string[] }>('library');
  const known = new Set(classes);
  const all = new Map(files.map((file) => [file.name, file]));
  const open = [...files];
  for (let file = open.pop(); file; file = open.pop()) {
    for (const accessorClass of named(file.text)) {
      const name = `${accessorClass}.js`;
      if (!known.has(accessorClass) || all.has(name)) continue;
      const { text } = await get<{ readonly text: string }>(`library/${accessorClass}`);
      const added = { name, text };
      all.set(name, added);
      open.push(added);
    }
  }
  return [...all.values()];
}

/** Texts in quotes that may be classes. */
function named(code: string): string[] {
  return [...code.matchAll(/(['"`])([A-Za-z][\w-]*(?:\/[\w-]+)+?)(?:\.js)?\1/g)].map((match) => match[2] as string);
}
