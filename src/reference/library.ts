import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../../hosts/common/index.ts';
import { packageRoot } from '../../hosts/node/index.ts';
import { type Header, parseHeader } from './header.ts';

/** An accessor with its class, as the library's index has it. */
export interface Reference extends Header {
  readonly class: string;
}

/** The library's index: compiled accessors have no comments any more, so the build writes down what was in them. */
export const indexFile = join(packageRoot, 'dist/accessors/index.json');

/** All accessors of the library, by class. */
export function libraryReference(): Reference[] {
  return JSON.parse(readFileSync(indexFile, 'utf8'));
}

/**
 * What the headers below a folder say, by class.
 * @throws Error that names an accessor without a header, or with one that cannot be read
 */
export function collectReference(folder: string): Reference[] {
  const files = (readdirSync(folder, { recursive: true }) as string[]).filter((file) => /(?<!\.d)\.[jt]s$/.test(file)).sort();
  return files.map((file) => readReference(join(folder, file), file.replaceAll('\\', '/').replace(/\.[jt]s$/, '')));
}

/**
 * What the header of a file says, that being found as a host finds it from the working folder; undefined if there is no file.
 * @throws CodedError NO_HEADER
 */
export function fileReference(path: string): Reference | undefined {
  const names = /\.[jt]s$/.test(path) ? [path] : [`${path}.js`, `${path}.ts`];
  const file = names.find((name) => existsSync(name));
  return file === undefined ? undefined : readReference(file, path);
}

function readReference(file: string, accessorClass: string): Reference {
  let header: Header | undefined;
  try {
    header = parseHeader(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new CodedError('BAD_HEADER', `${file}: ${(cause as Error).message}`, { cause });
  }
  if (!header)
    throw new CodedError('NO_HEADER', `${file} has no header: a comment /** ... */ right before setup. See: accessors new --help`);
  return { class: accessorClass, ...header };
}
