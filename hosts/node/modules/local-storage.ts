import { createHash } from 'node:crypto';
import type { EdgeScope, Folder } from '../edge/index.ts';

const EXTENSION = '.value';

/**
 * Text values in one folder, a file each: `{"key", "value"}` under a name made of the key's digest, so that a key may
 * have any length and any characters. Nothing is cached: another process may use the same folder.
 */
export class Store {
  readonly #folder: Folder;

  constructor(folder: Folder) {
    this.#folder = folder;
    folder.make('');
  }

  /** The value, or null if there is none. */
  getItem(key: unknown): string | null {
    return this.#read(fileOf(String(key)))?.[1] ?? null;
  }

  /** Stores a value as text. After a crash at any moment the old or the new value is there, whole. */
  setItem(key: unknown, value: unknown): void {
    const entry = { key: String(key), value: String(value) };
    this.#folder.write(fileOf(entry.key), Buffer.from(JSON.stringify(entry)));
  }

  /** Removes a key; ignores one that is not there. */
  remove(key: unknown): void {
    this.#folder.remove(fileOf(String(key)));
  }

  clear(): void {
    for (const file of this.#files()) this.#folder.remove(file);
  }

  /** The n-th key, from 0, in the order of their characters; null if there are fewer. */
  key(n: number): string | null {
    return this.entries()[n]?.[0] ?? null;
  }

  length(): number {
    return this.#files().length;
  }

  /** All keys with their values, in the order of `key`. */
  entries(): [key: string, value: string][] {
    const entries = this.#files().flatMap((file) => {
      const entry = this.#read(file);
      return entry ? [entry] : []; // removed since the folder was read
    });
    return entries.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #files(): string[] {
    const names = this.#folder.list('').map(({ name }) => name);
    return names.filter((name) => name.endsWith(EXTENSION));
  }

  #read(file: string): [key: string, value: string] | undefined {
    let text: string;
    try {
      text = this.#folder.read(file).toString();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const entry = parseEntry(text);
    if (!entry) throw new Error(`${file} is no value of a local storage; remove the file to go on without it`);
    return entry;
  }
}

/** JSON text is digested, not the key: it tells apart what UTF-8 does not, half a surrogate pair from another. */
function fileOf(key: string): string {
  return createHash('sha256').update(JSON.stringify(key)).digest('hex') + EXTENSION;
}

function parseEntry(text: string): [key: string, value: string] | undefined {
  try {
    const { key, value } = JSON.parse(text);
    return typeof key === 'string' && typeof value === 'string' ? [key, value] : undefined;
  } catch {
    return undefined;
  }
}

/** The module `local-storage` of one host (spec MODULES.md). */
export class LocalStorage {
  readonly #edge: EdgeScope;
  #store: Store | undefined;

  constructor(edge: EdgeScope) {
    this.#edge = edge;
  }

  /**
   * Opens the store in a folder. It is returned, for users of several stores, and is the one that the functions of the
   * module work on from now on.
   */
  readonly initSync = ({ dir = 'persist' }: { dir?: string } = {}): Store => {
    this.#store = new Store(this.#edge.folder(dir));
    return this.#store;
  };

  readonly getItem = (key: unknown): string | null => this.#opened.getItem(key);
  readonly setItem = (key: unknown, value: unknown): void => this.#opened.setItem(key, value);
  readonly remove = (key: unknown): void => this.#opened.remove(key);
  readonly clear = (): void => this.#opened.clear();
  readonly key = (n: number): string | null => this.#opened.key(n);
  readonly length = (): number => this.#opened.length();

  get #opened(): Store {
    if (!this.#store) throw new Error('local-storage: call initSync({dir}) first; it opens the store');
    return this.#store;
  }
}

export function create(edge: EdgeScope): LocalStorage {
  return new LocalStorage(edge);
}
