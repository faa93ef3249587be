import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorText } from '../../hosts/common/index.ts';
import { packageRoot } from '../../hosts/node/index.ts';
import { errors } from '../errors.ts';
import { inTime } from './in-time.ts';
import type { Registry } from './registry.ts';

/**
 * Loads packages and registers what they export as `plugins` (or, from CommonJS, as `module.exports.plugins`).
 * @param names   of npm packages, or paths that begin with `.` or `/`
 * @param folder  from where they are looked up, as `require` would; then where this package is installed
 * @throws BAD_OPTION that names the package
 */
export async function loadPackages(registry: Registry, names: readonly string[], folder: string): Promise<void> {
  for (const name of names) {
    for (const plugin of await pluginsOf(name, folder)) registry.register(plugin, name);
  }
}

async function pluginsOf(name: string, folder: string): Promise<readonly unknown[]> {
  const file = find(name, folder);
  const loaded = await load(file, name);
  const { plugins = loaded.default } = loaded as { readonly plugins?: unknown; readonly default?: unknown };
  const list = (plugins as { readonly plugins?: unknown } | undefined)?.plugins ?? plugins;
  if (!Array.isArray(list)) throw errors.BAD_OPTION(`plugins: ${name}`, 'a package that exports a list `plugins`', typeof list);
  return list;
}

function find(name: string, folder: string): string {
  const own = createRequire(join(packageRoot, 'package.json'));
  const near = createRequire(join(resolve(folder), 'package.json'));
  try {
    return near.resolve(name);
  } catch (error) {
    try {
      return own.resolve(name);
    } catch {
      throw errors.BAD_OPTION('plugins', `a package that can be found from ${folder} (${errorText(error).split('\n')[0]})`, name);
    }
  }
}

/** `import` of a file of its own: code that was compiled ahead has none that works. */
function importUrl(url: string): Promise<Record<string, unknown>> {
  const importer = createRequire(import.meta.url)(join(packageRoot, 'dist/import.cjs')) as typeof importUrl;
  return importer(url);
}

async function load(file: string, name: string): Promise<Record<string, unknown>> {
  try {
    return await inTime(importUrl(pathToFileURL(file).href), 'loaded');
  } catch (error) {
    throw errors.BAD_OPTION('plugins', `a package that loads (${errorText(error)})`, name);
  }
}
