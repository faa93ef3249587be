import type { Entry, Folder } from '../folder.ts';
import { PlainFolder } from '../plain-folder.ts';

/** What the smallest file takes: so many small ones are bounded too. */
const BLOCK_BYTES = 4096;
const PATH = { bytes: 1024, name: 255, depth: 32 };

/** The folder of one swarmlet: nothing outside of it is reached, and no more is stored than its limit. */
export class OwnFolder implements Folder {
  readonly #folder: PlainFolder;
  #limitMiB = 0;
  #used: number;

  constructor(root: string) {
    this.#folder = new PlainFolder(root);
    this.#used = this.#sizeOf('');
  }

  /** @param storageMiB  for what is written from now on */
  limit(storageMiB: number): void {
    this.#limitMiB = storageMiB;
  }

  read(path: string): Buffer {
    return this.#folder.read(this.#path(path));
  }

  write(path: string, data: Uint8Array): void {
    const file = this.#path(path);
    this.#grow(cost(data.length) - this.#costOf(file), () => this.#folder.write(file, data));
  }

  append(path: string, data: Uint8Array): void {
    const file = this.#path(path);
    const there = this.#folder.stat(file);
    const before = there?.bytes ?? 0;
    this.#grow(cost(before + data.length) - (there ? cost(before) : 0), () => this.#folder.append(file, data));
  }

  remove(path: string): void {
    const file = this.#path(path);
    if (file === '') throw denied(path);
    this.#folder.remove(file);
    this.#used = this.#sizeOf('');
  }

  rename(path: string, to: string): void {
    const replaced = this.#path(to);
    const freed = this.#folder.stat(replaced)?.kind === 'file' ? this.#costOf(replaced) : 0;
    this.#folder.rename(this.#path(path), replaced);
    this.#used -= freed;
  }

  make(path: string): void {
    const file = this.#path(path);
    if (this.#folder.stat(file)) return;
    this.#grow(BLOCK_BYTES * file.split('/').length, () => this.#folder.make(file));
  }

  stat(path: string): Entry | undefined {
    return this.#folder.stat(this.#path(path));
  }

  list(path: string): Entry[] {
    return this.#folder.list(this.#path(path));
  }

  #grow(bytes: number, act: () => void): void {
    const limit = this.#limitMiB * 2 ** 20;
    if (bytes > 0 && this.#used + bytes > limit) {
      const message = `Its folder would hold more than ${this.#limitMiB} MiB, the limit storageMiB; remove something, or push with a higher one`;
      throw Object.assign(new Error(message), { code: 'ENOSPC' });
    }
    act();
    this.#used += bytes;
  }

  #costOf(file: string): number {
    const there = this.#folder.stat(file);
    return there ? cost(there.bytes) : 0;
  }

  #sizeOf(path: string): number {
    let size = 0;
    for (const { name, kind, bytes } of this.#folder.list(path)) {
      size += kind === 'folder' ? BLOCK_BYTES + this.#sizeOf(path === '' ? name : `${path}/${name}`) : cost(bytes);
    }
    return size;
  }

  /** @throws Error EACCES if it may lead out of the folder */
  #path(path: string): string {
    const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
    const fits = Buffer.byteLength(path) <= PATH.bytes && segments.length <= PATH.depth;
    const bad = (segment: string): boolean => segment === '..' || segment.includes('\0') || Buffer.byteLength(segment) > PATH.name;
    if (!fits || segments.some(bad)) throw denied(path);
    return segments.join('/');
  }
}

function cost(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / BLOCK_BYTES)) * BLOCK_BYTES;
}

function denied(path: string): Error {
  return Object.assign(new Error(`${JSON.stringify(path)} is no path below the swarmlet's own folder`), { code: 'EACCES' });
}
