import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { Entry, Folder } from './folder.ts';

/** A folder of the system. */
export class PlainFolder implements Folder {
  readonly root: string;

  /** @param root  made if it is not there; empty: a new temporary folder */
  constructor(root: string) {
    this.root = root === '' ? mkdtempSync(join(tmpdir(), 'accessors-')) : resolve(root);
    mkdirSync(this.root, { recursive: true, mode: 0o700 });
  }

  read(path: string): Buffer {
    return readFileSync(this.#at(path));
  }

  write(path: string, data: Uint8Array): void {
    const file = this.#at(path);
    mkdirSync(dirname(file), { recursive: true });
    const unfinished = join(dirname(file), `${randomUUID()}.unfinished`);
    try {
      writeFileSync(unfinished, data, { flush: true });
      renameSync(unfinished, file);
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
  }

  append(path: string, data: Uint8Array): void {
    appendFileSync(this.#at(path), data);
  }

  remove(path: string): void {
    rmSync(this.#at(path), { recursive: true, force: true });
  }

  rename(path: string, to: string): void {
    renameSync(this.#at(path), this.#at(to));
  }

  make(path: string): void {
    mkdirSync(this.#at(path), { recursive: true });
  }

  stat(path: string): Entry | undefined {
    const file = this.#at(path);
    const stats = lstatSync(file, { throwIfNoEntry: false });
    return stats && entryOf(basename(file), stats);
  }

  list(path: string): Entry[] {
    const folder = this.#at(path);
    return readdirSync(folder).flatMap((name) => {
      const stats = lstatSync(join(folder, name), { throwIfNoEntry: false }); // removed since the folder was read
      return stats ? [entryOf(name, stats)] : [];
    });
  }

  #at(path: string): string {
    return join(this.root, path);
  }
}

function entryOf(name: string, stats: Stats): Entry {
  return { name, kind: stats.isDirectory() ? 'folder' : 'file', bytes: stats.size, modifiedAt: stats.mtimeMs };
}
