import { type Change, timeMs } from '../envelope/index.ts';
import { errors } from '../errors.ts';
import { clockSkewMs, type LastAccepted, type UsedNonce, type VerifiedStatement } from '../trust/index.ts';
import { type BlobStore, blobsOf, MemoryBlobs } from './blobs.ts';
import { Nonces } from './nonces.ts';
import type { Store } from './store.ts';
import { type HistoryEntry, type Version, versionOf } from './version.ts';

export interface StoreLimits {
  /** Versions of one swarmlet. */
  readonly versions: number;
  /** All versions together, a file that two of them name counted twice. */
  readonly bytes: number;
  /** Names that were ever deployed: their sequences outlive them. */
  readonly names: number;
  readonly nonces: number;
}

export const storeLimits: StoreLimits = Object.freeze({ versions: 10, bytes: 256 * 1024 * 1024, names: 65_536, nonces: 100_000 });

interface Kept extends HistoryEntry {
  state: string;
  reason: string | null;
  givenBack: boolean;
}

interface Name {
  sequence: number;
  placed: Version | undefined;
  /** Accepted and not settled yet, in order. */
  pending: Version[];
  /** Newest first. */
  kept: Kept[];
}

/** Remembers as long as the process lives. */
export class MemoryStore implements Store {
  readonly #limits: StoreLimits;
  readonly #names = new Map<string, Name>();
  readonly #nonces: Nonces;
  readonly #blobs: BlobStore;
  #bytes = 0;
  #latestTime = 0;

  constructor(limits: Partial<StoreLimits> = {}, blobs: BlobStore = new MemoryBlobs()) {
    this.#limits = { ...storeLimits, ...limits };
    this.#nonces = new Nonces(this.#limits.nonces);
    this.#blobs = blobs;
  }

  async close(): Promise<void> {}

  // ------------------------------------------------------------------------------- what admission asks

  lastSequence(swarmlet: string): LastAccepted | undefined {
    const name = this.#names.get(swarmlet);
    if (!name) return undefined;
    // Who follows a version that is still starting follows the one that is about to have the place.
    const first = name.pending.at(-1) ?? name.placed;
    return {
      sequence: name.sequence,
      digest: first?.digest ?? null,
      version: first?.statement.version ?? null,
      principal: first?.principal ?? null,
    };
  }

  seenNonce(nonce: string): UsedNonce | undefined {
    const use = this.#nonces.get(nonce);
    if (!use) return undefined;
    const entry = this.#names.get(use.swarmlet)?.kept.find(({ version }) => version.digest === use.version);
    return { digest: use.digest, sequence: use.sequence, state: entry?.state ?? null };
  }

  latestTime(): number {
    return this.#latestTime;
  }

  // --------------------------------------------------------------------------------------- what is written

  accept(verified: VerifiedStatement): Promise<void> {
    const { statement, digest, receivedAt } = verified;
    if (statement.action === 'deploy') {
      const blobs = blobsOf(statement);
      const size = [...blobs.values()].reduce((sum, one) => sum + one, verified.payload.length);
      this.#makeRoom(statement.swarmlet, size);
      this.#blobs.keep([...blobs.keys()]);
    }
    this.#useNonce(statement, digest, receivedAt);
    this.#latestTime = Math.max(this.#latestTime, receivedAt);
    if (statement.action !== 'input') this.#take(statement, verified);
    return Promise.resolve();
  }

  #useNonce(statement: Change, digest: string, receivedAt: number): void {
    const { swarmlet, nonce, expires } = statement;
    const sequence = statement.action === 'input' ? null : statement.sequence;
    const version = versionConcerned(statement, digest) ?? this.#names.get(swarmlet)?.placed?.digest ?? null;
    this.#nonces.add(nonce, { swarmlet, digest, sequence, version, until: timeMs(expires) + clockSkewMs }, receivedAt);
  }

  #take(statement: Exclude<Change, { readonly action: 'input' }>, verified: VerifiedStatement): void {
    const name = this.#names.get(statement.swarmlet) ?? { sequence: 0, placed: undefined, pending: [], kept: [] };
    this.#names.set(statement.swarmlet, name);
    name.sequence = statement.sequence;
    if (statement.action === 'rollback') {
      const version = this.version(statement.swarmlet, statement.to);
      if (version) name.pending.push(version);
    }
    if (statement.action !== 'deploy') return;
    const version = versionOf(verified, statement);
    name.pending.push(version);
    name.kept.unshift({ version, state: 'staged', reason: null, givenBack: false });
    this.#bytes += version.bytes;
    this.#dropOldest(name);
  }

  /** What holds the place stays, however old it is. */
  #dropOldest(name: Name): void {
    while (name.kept.length > this.#limits.versions) {
      const index = name.kept.findLastIndex(({ version }) => version !== name.placed && !name.pending.includes(version));
      if (index < 0) return;
      this.#drop(name.kept.splice(index, 1));
    }
  }

  /** @throws QUOTA_EXCEEDED */
  #makeRoom(swarmlet: string, bytes: number): void {
    if (!this.#names.has(swarmlet) && this.#names.size >= this.#limits.names) throw errors.QUOTA_EXCEEDED('names', this.#limits.names);
    if (this.#bytes + bytes <= this.#limits.bytes) return;
    const old = [...this.#names.values()].flatMap((name) => name.kept.filter(isReplaced).map((kept) => ({ name, kept })));
    old.sort((a, b) => (a.kept.version.receivedAt < b.kept.version.receivedAt ? -1 : 1));
    for (const { name, kept } of old) {
      if (this.#bytes + bytes <= this.#limits.bytes) return;
      if (kept.version === name.placed || name.pending.includes(kept.version)) continue;
      this.#drop(name.kept.splice(name.kept.indexOf(kept), 1));
    }
    if (this.#bytes + bytes > this.#limits.bytes) throw errors.QUOTA_EXCEEDED('bytes of versions', this.#limits.bytes);
  }

  // ------------------------------------------------------------------------------------ what became of it

  version(swarmlet: string, digest: string): Version | undefined {
    return this.#kept(swarmlet, digest)?.version;
  }

  history(swarmlet: string): readonly HistoryEntry[] {
    return this.#names.get(swarmlet)?.kept ?? [];
  }

  changed(swarmlet: string, digest: string, state: string, reason: string | null): void {
    const kept = this.#kept(swarmlet, digest);
    if (kept) Object.assign(kept, { state, reason });
  }

  settled(swarmlet: string, digest: string): void {
    const pending = this.#names.get(swarmlet)?.pending ?? [];
    const index = pending.findIndex((version) => version.digest === digest);
    if (index >= 0) pending.splice(index, 1);
  }

  placed(swarmlet: string, digest: string | null, givenBack: boolean): void {
    const name = this.#names.get(swarmlet);
    if (!name) return;
    const kept = digest === null ? undefined : this.#kept(swarmlet, digest);
    name.placed = kept?.version;
    if (kept && givenBack) kept.givenBack = true;
  }

  forget(swarmlet: string): void {
    const name = this.#names.get(swarmlet);
    if (!name) return;
    this.#drop(name.kept.splice(0));
    name.placed = undefined;
  }

  #drop(entries: readonly Kept[]): void {
    for (const { version } of entries) {
      this.#bytes -= version.bytes;
      this.#blobs.release([...blobsOf(version.statement).keys()]);
    }
  }

  #kept(swarmlet: string, digest: string): Kept | undefined {
    return this.#names.get(swarmlet)?.kept.find(({ version }) => version.digest === digest);
  }
}

/** The version whose state tells the outcome of a statement; undefined: the one in place. */
function versionConcerned(statement: Change, digest: string): string | undefined {
  if (statement.action === 'deploy') return digest;
  return statement.action === 'rollback' ? statement.to : undefined;
}

/** It does not run, and is not about to. */
function isReplaced({ state }: Kept): boolean {
  return ['superseded', 'stopped', 'failed', 'completed', 'expired'].includes(state);
}
