import { createHash } from 'node:crypto';
import { sizeLimits } from './envelope/index.ts';
import type { Peer } from './gateway/index.ts';
import type { BlobStore } from './store/index.ts';

/** Files that are asked for: `sha256:HEX` -> declared size in bytes. */
export type Needs = ReadonlyMap<string, number>;

/** Of one caller; the first are not waited for any more when there are more. */
const MOST_ASKED = 4 * sizeLimits.files;

/** Which files each caller was asked for, since only those are taken: named by a statement that was verified on its connection. */
export class Transfers {
  readonly #blobs: BlobStore;
  readonly #asked = new WeakMap<Peer, Map<string, number>>();

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  ask(peer: Peer, needs: Needs): void {
    const asked = this.#asked.get(peer) ?? new Map<string, number>();
    this.#asked.set(peer, asked);
    for (const [digest, size] of needs) {
      asked.delete(digest);
      asked.set(digest, size);
    }
    for (const digest of asked.keys()) {
      if (asked.size <= MOST_ASKED) return;
      asked.delete(digest);
    }
  }

  /** Stores a file; undefined if it is none that this caller was asked for. */
  take(peer: Peer, bytes: Buffer): Promise<void> | undefined {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    if (this.#asked.get(peer)?.get(digest) !== bytes.length) return undefined;
    // Once more is harmless: two statements may name one file. A copy, because a frame is part of a larger chunk of the network.
    return this.#blobs.has(digest) ? Promise.resolve() : this.#blobs.put(digest, Buffer.from(bytes));
  }
}
