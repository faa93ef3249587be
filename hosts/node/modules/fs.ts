import type { EdgeScope, Entry, Folder } from '../edge/index.ts';

type Encoding = BufferEncoding | null | undefined;
type Options = Encoding | { readonly encoding?: Encoding; readonly flag?: string };
type Callback = (error: Error | null, value?: unknown) => void;
// biome-ignore lint/suspicious/noExplicitAny: each function has its own arguments
type AnyFunction = (...args: any[]) => unknown;

/**
 * Of Node's module the functions with which accessors read and write whole files, in the swarmlet's own folder: `/` is
 * that folder. Each is there at once (`readFileSync`), with a callback (`readFile`) and as a promise (`promises.readFile`).
 */
export function create(edge: EdgeScope): unknown {
  const functions = functionsOf(edge.folder('/'));
  const all: Record<string, unknown> = { existsSync: functions.exists };
  const promises: Record<string, unknown> = {};
  for (const [name, now] of Object.entries(functions) as [string, AnyFunction][]) {
    if (name === 'exists') continue;
    all[`${name}Sync`] = now;
    promises[name] = async (...args: unknown[]) => now(...args);
    all[name] = (...args: unknown[]) => later(now, args);
  }
  return { ...all, promises };
}

/** The last argument is called when it is done. */
function later(now: AnyFunction, args: unknown[]): void {
  const callback = args.pop() as Callback;
  if (typeof callback !== 'function') throw new TypeError('The last argument should be a function, which is called when it is done');
  let value: unknown;
  try {
    value = now(...args);
  } catch (error) {
    process.nextTick(callback, error);
    return;
  }
  process.nextTick(callback, null, value);
}

function functionsOf(folder: Folder) {
  const there = (path: string): Entry => {
    const entry = folder.stat(path);
    if (!entry) throw absent(path);
    return entry;
  };
  const append = (path: string, data: unknown, options?: Options): void => {
    folder.append(path, bytesOf(data, options));
  };
  return {
    exists: (path: string): boolean => folder.stat(path) !== undefined,
    readFile: (path: string, options?: Options): string | Buffer => {
      const encoding = encodingOf(options);
      const data = folder.read(path);
      return encoding ? data.toString(encoding) : data;
    },
    writeFile: (path: string, data: unknown, options?: Options): void => {
      if (typeof options === 'object' && options?.flag?.startsWith('a')) append(path, data, options);
      else folder.write(path, bytesOf(data, options));
    },
    appendFile: append,
    readdir: (path: string): string[] =>
      folder
        .list(path)
        .map(({ name }) => name)
        .sort(),
    mkdir: (path: string): void => folder.make(path),
    rename: (path: string, to: string): void => folder.rename(path, to),
    unlink: (path: string): void => {
      there(path);
      folder.remove(path);
    },
    rm: (path: string, { force = false }: { force?: boolean } = {}): void => {
      if (!force) there(path);
      folder.remove(path);
    },
    stat: (path: string) => {
      const { kind, bytes, modifiedAt } = there(path);
      return {
        size: bytes,
        mtimeMs: modifiedAt,
        mtime: new Date(modifiedAt),
        isFile: () => kind === 'file',
        isDirectory: () => kind === 'folder',
      };
    },
  };
}

function encodingOf(options: Options): Encoding {
  return typeof options === 'object' && options !== null ? options.encoding : options;
}

function bytesOf(data: unknown, options: Options): Uint8Array {
  return data instanceof Uint8Array ? data : Buffer.from(String(data), encodingOf(options) ?? 'utf8');
}

function absent(path: string): Error {
  return Object.assign(new Error(`ENOENT: no such file or directory, '${path}'`), { code: 'ENOENT' });
}
