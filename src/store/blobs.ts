import { LRUCache } from 'lru-cache';
import type { DeployStatement, FileEntry } from '../envelope/index.ts';
import { errors } from '../errors.ts';

/**
 * Files of swarmlets that travelled by digest (`sha256:HEX`). One that a kept version names stays; any other may be forgotten
 * at any time, and is then asked for again. Whoever puts has checked that the bytes fit the digest.
 */
export interface BlobStore {
  /** Whether `get` would find it now; where the store is durable, only once it is on disk. */
  has(digest: string): boolean;
  /** Resolves when `has` is true. */
  put(digest: string, bytes: Buffer): Promise<void>;
  /** Undefined if there is none, or where what is on disk does not fit its digest any more. */
  get(digest: string): Promise<Buffer | undefined>;
  /**
   * A version that names these is kept from now on; counted, so each call needs its `release`. In the turn of the check with `has`.
   * @throws QUOTA_EXCEEDED, and then none of them is kept for it
   */
  keep(digests: readonly string[]): void;
  /** The version is forgotten; what no other one names becomes forgettable. */
  release(digests: readonly string[]): void;
  /** Bytes of what is kept. */
  readonly keptBytes: number;
}

/** The name of a file that travels by digest. */
export function blobOf({ sha256 }: Pick<FileEntry, 'sha256'>): string {
  return `sha256:${sha256}`;
}

/** Names and declared sizes in bytes of the files of a statement that travel by digest. */
export function blobsOf({ files }: Pick<DeployStatement, 'files'>): ReadonlyMap<string, number> {
  const apart = Object.values(files).filter(({ text }) => text === undefined);
  return new Map(apart.map((entry) => [blobOf(entry), entry.size]));
}

export interface BlobLimits {
  /** Bytes that kept versions name. */
  readonly kept: number;
  /** Bytes that no kept version names; of those the ones that were not used for longest go first. */
  readonly loose: number;
}

export const blobLimits: BlobLimits = Object.freeze({ kept: 256 * 1024 * 1024, loose: 128 * 1024 * 1024 });

interface Kept {
  readonly bytes: Buffer;
  /** Versions that name it. */
  uses: number;
}

/** Remembers as long as the process lives. */
export class MemoryBlobs implements BlobStore {
  readonly #limits: BlobLimits;
  readonly #kept = new Map<string, Kept>();
  readonly #loose: LRUCache<string, Buffer>;
  #keptBytes = 0;

  constructor(limits: Partial<BlobLimits> = {}) {
    this.#limits = { ...blobLimits, ...limits };
    this.#loose = new LRUCache({ maxSize: this.#limits.loose, sizeCalculation: (bytes) => bytes.length + 1 });
  }

  get keptBytes(): number {
    return this.#keptBytes;
  }

  has(digest: string): boolean {
    return this.#kept.has(digest) || this.#loose.has(digest);
  }

  async put(digest: string, bytes: Buffer): Promise<void> {
    if (!this.#kept.has(digest)) this.#loose.set(digest, bytes);
  }

  async get(digest: string): Promise<Buffer | undefined> {
    return this.#kept.get(digest)?.bytes ?? this.#loose.get(digest);
  }

  keep(digests: readonly string[]): void {
    const added = new Set(digests.filter((digest) => !this.#kept.has(digest)));
    const size = [...added].reduce((sum, digest) => sum + (this.#loose.peek(digest)?.length ?? 0), 0);
    if (this.#keptBytes + size > this.#limits.kept) throw errors.QUOTA_EXCEEDED('bytes of files', this.#limits.kept);
    for (const digest of digests) {
      const bytes = this.#loose.peek(digest);
      const kept = this.#kept.get(digest) ?? (bytes && { bytes, uses: 0 });
      if (!kept) continue;
      kept.uses++;
      this.#kept.set(digest, kept);
      this.#loose.delete(digest);
    }
    this.#keptBytes += size;
  }

  release(digests: readonly string[]): void {
    for (const digest of digests) {
      const kept = this.#kept.get(digest);
      if (!kept) continue;
      kept.uses--;
      if (kept.uses > 0) continue;
      this.#kept.delete(digest);
      this.#keptBytes -= kept.bytes.length;
      this.#loose.set(digest, kept.bytes);
    }
  }
}
