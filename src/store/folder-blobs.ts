import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { constants, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '../../hosts/common/index.ts';
import { errors } from '../errors.ts';
import { type BlobLimits, type BlobStore, blobLimits } from './blobs.ts';

interface Blob {
  readonly size: number;
  /** Versions that name it. */
  uses: number;
}

/** A folder of files named by the hex of their SHA-256. What no kept version names is collected, the oldest first. */
export class FolderBlobs implements BlobStore {
  readonly #folder: string;
  readonly #limits: BlobLimits;
  /** By digest; those without uses in the order of their last use. */
  readonly #blobs = new Map<string, Blob>();
  readonly #puts = new Map<string, Promise<void>>();
  #keptBytes = 0;
  #looseBytes = 0;

  /**
   * @param folder  made if it is not there
   * @throws BAD_FILE
   */
  constructor(folder: string, limits: Partial<BlobLimits> = {}) {
    this.#folder = folder;
    this.#limits = { ...blobLimits, ...limits };
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (!lstatSync(folder).isDirectory()) throw new Error('is no folder');
      chmodSync(folder, 0o700);
      for (const name of readdirSync(folder)) this.#find(name);
    } catch (error) {
      throw errors.BAD_FILE(folder, errorText(error), error);
    }
  }

  #find(name: string): void {
    const path = join(this.#folder, name);
    if (/^[0-9a-f]{64}$/.test(name)) this.#add(`sha256:${name}`, statSync(path).size);
    else rmSync(path, { recursive: true, force: true }); // one that was not written to its end
  }

  #add(digest: string, size: number): void {
    this.#blobs.set(digest, { size, uses: 0 });
    this.#looseBytes += size;
  }

  #path(digest: string): string {
    return join(this.#folder, digest.slice('sha256:'.length));
  }

  get keptBytes(): number {
    return this.#keptBytes;
  }

  has(digest: string): boolean {
    return this.#blobs.has(digest);
  }

  put(digest: string, bytes: Buffer): Promise<void> {
    if (this.has(digest)) return Promise.resolve();
    const under = this.#puts.get(digest) ?? this.#write(digest, bytes).finally(() => this.#puts.delete(digest));
    this.#puts.set(digest, under);
    return under;
  }

  /** @throws BUSY when the disk does not take it */
  async #write(digest: string, bytes: Buffer): Promise<void> {
    const draft = join(this.#folder, `${randomBytes(16).toString('hex')}.draft`);
    try {
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, this.#path(digest));
      await this.#syncFolder();
    } catch {
      await rm(draft, { force: true });
      throw errors.BUSY('unable to write to its disk');
    }
    this.#add(digest, bytes.length);
    this.#collect();
  }

  async #syncFolder(): Promise<void> {
    const folder = await open(this.#folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async get(digest: string): Promise<Buffer | undefined> {
    if (!this.has(digest)) return undefined;
    try {
      const bytes = await readFile(this.#path(digest), { flag: constants.O_RDONLY | constants.O_NOFOLLOW });
      if (`sha256:${createHash('sha256').update(bytes).digest('hex')}` === digest) return bytes;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
    this.#blobs.delete(digest); // altered or gone: whoever pushes it again is asked for it
    return undefined;
  }

  keep(digests: readonly string[]): void {
    const found = digests.flatMap((digest) => this.#blobs.get(digest) ?? []);
    const size = [...new Set(found)].reduce((sum, blob) => sum + (blob.uses === 0 ? blob.size : 0), 0);
    if (this.#keptBytes + size > this.#limits.kept) throw errors.QUOTA_EXCEEDED('bytes of files', this.#limits.kept);
    for (const blob of found) blob.uses++;
    this.#keptBytes += size;
    this.#looseBytes -= size;
  }

  release(digests: readonly string[]): void {
    for (const digest of digests) {
      const blob = this.#blobs.get(digest);
      if (!blob || blob.uses === 0) continue;
      blob.uses--;
      if (blob.uses > 0) continue;
      this.#keptBytes -= blob.size;
      this.#looseBytes += blob.size;
      this.#blobs.delete(digest);
      this.#blobs.set(digest, blob);
    }
    this.#collect();
  }

  #collect(): void {
    for (const [digest, blob] of this.#blobs) {
      if (this.#looseBytes <= this.#limits.loose) return;
      if (blob.uses > 0) continue;
      this.#blobs.delete(digest);
      this.#looseBytes -= blob.size;
      rmSync(this.#path(digest), { force: true });
    }
  }
}
