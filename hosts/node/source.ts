import { existsSync, readFileSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { CodedError, type Source } from '../common/index.ts';
import { BoundedMap } from './bounded-map.ts';
import { retirement } from './retired.ts';
import { compileTypeScript } from './typescript.ts';

/** Where the sources of classes are looked for, and how they are read. */
export class SourcePath {
  readonly #folders: string[];
  /** What was found in this turn of the event loop, by name and place of who asks: a thousand instances of a class look once for its file. */
  readonly #found = new Map<string, { readonly code: string; readonly file: string }>();

  constructor(folders: readonly string[]) {
    this.#folders = [...folders];
  }

  /** Adds a folder that is searched before the others. */
  add(folder: string): void {
    this.#folders.unshift(resolve(folder));
    this.#found.clear();
  }

  get folders(): readonly string[] {
    return this.#folders;
  }

  /**
   * Finds a class: as a file (absolute, or relative to the working folder), then beside the accessor that asks and
   * those that contain it, then below the folders of the path; with `.js`, then with `.ts`, unless the name has one.
   * @throws CodedError NOT_FOUND that lists every place that was tried; RETIRED for one that needs what is gone
   */
  readonly load = (name: string, from: Source | undefined): Source => {
    const key = `${name}\0${placeOf(from)}`;
    const known = this.#found.get(key);
    if (known) return { code: known.code, file: known.file, from };
    const tried: string[] = [];
    for (const folder of this.#searched(name, from)) {
      for (const file of candidates(folder, name)) {
        const text = tried.includes(file) ? undefined : read(file);
        if (text === undefined) {
          tried.push(file);
          continue;
        }
        const code = file.endsWith('.ts') ? compileTypeScript(text, file) : text;
        if (kept.has(file)) this.#remember(key, { code, file });
        return { code, file, from };
      }
    }
    const retired = retirement(name);
    if (retired !== undefined) throw new CodedError('RETIRED', retired);
    const places = [...new Set(tried)].join(', ');
    const missing = /\.[jt]s$/.test(name) ? name : `${name}.js`;
    const hint = name !== '' && existsSync(`${name}/`) ? `. ${name} is a folder: name a file in it` : '';
    throw new CodedError('NOT_FOUND', `Accessor ${missing} not found on path: ${places}${hint}`);
  };

  /** Only files that have settled; forgotten as soon as the code that runs now gives the turn back. */
  #remember(key: string, found: { readonly code: string; readonly file: string }): void {
    if (this.#found.size === 0) queueMicrotask(() => this.#found.clear());
    this.#found.set(key, found);
  }

  #searched(name: string, from: Source | undefined): string[] {
    const folders = [process.cwd()];
    if (isAbsolute(name)) return folders;
    for (let asking = from; asking; asking = asking.from) {
      if (asking.file !== undefined) folders.push(dirname(asking.file));
    }
    return [...folders, ...this.#folders];
  }
}

/** Equal for those that ask from the same folders. */
function placeOf(from: Source | undefined): string {
  let place = process.cwd();
  for (let asking = from; asking; asking = asking.from) if (asking.file !== undefined) place += `\0${dirname(asking.file)}`;
  return place;
}

function candidates(folder: string, name: string): string[] {
  const path = isAbsolute(name) ? name : join(folder, name);
  return /\.[jt]s$/.test(path) ? [path] : [`${path}.js`, `${path}.ts`];
}

/** What was read of a file, and what the file was like then. */
interface Kept {
  readonly text: string;
  readonly stats: Stats;
}

const kept = new BoundedMap<Kept>(1000);
/** A file this young may be saved again without a sign of it: times of files are coarse. */
const SETTLED_MS = 100;

/** The text of a file; undefined if there is none of that name. A file that is there but cannot be read is an error. */
function read(file: string): string | undefined {
  if (file.includes('\0')) return undefined; // what was tried as a name is source text
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (!stats?.isFile()) return undefined;
    const known = kept.get(file);
    if (known && isSame(known.stats, stats)) return known.text;
    const text = readFileSync(file, 'utf8');
    if (Date.now() - stats.mtimeMs > SETTLED_MS) kept.set(file, { text, stats });
    return text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined;
    throw new CodedError('UNREADABLE', `Cannot read ${file}: ${(error as Error).message}. Check its permissions.`, { cause: error });
  }
}

function isSame(a: Stats, b: Stats): boolean {
  return a.mtimeMs === b.mtimeMs && a.size === b.size && a.ino === b.ino;
}
