import { type Change, type KeyId, timeMs } from '../envelope/index.ts';
import { errors } from '../errors.ts';
import { clockSkewMs, type LastAccepted, type UsedNonce, type VerifiedStatement } from '../trust/index.ts';
import { type BlobStore, blobsOf, MemoryBlobs } from './blobs.ts';
import type { AuditFields } from './chain.ts';
import { MemoryRecords } from './memory-records.ts';
import { Nonces, type NonceUse } from './nonces.ts';
import type { Condition, Pending, Placing, Remembered, Store } from './store.ts';
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

export interface Kept extends HistoryEntry {
  state: string;
  reason: string | null;
  at: string;
  firstRunningAt: number | undefined;
  givenBack: boolean;
}

export interface Name {
  sequence: number;
  placed: Version | undefined;
  /** The last one that had the place. */
  shown: Version | undefined;
  previous: { readonly version: Version; readonly until: number } | undefined;
  /** Accepted and not settled yet, in order. */
  pending: Pending[];
  /** Newest first. */
  kept: Kept[];
}

type Ordered = Exclude<Change, { readonly action: 'input' }>;

/** What a statement changed in memory. */
export interface Taken {
  readonly use: NonceUse;
  /** Set by a deployment. */
  readonly version: Version | undefined;
  /** Makes it as if it had never come. */
  undo(): void;
}

/** Remembers as long as the process lives. What is protected is for the store that puts the same on disk. */
export class MemoryStore implements Store {
  readonly blobs: BlobStore;
  readonly isDurable: boolean = false;
  readonly #limits: StoreLimits;
  readonly #names = new Map<string, Name>();
  readonly #nonces: Nonces;
  readonly #records = new MemoryRecords();
  #bytes = 0;
  #latestTime = 0;
  #restoredAt = 0;

  /** @param blobs  what kept versions name is kept there */
  constructor(limits: Partial<StoreLimits> = {}, blobs: BlobStore = new MemoryBlobs()) {
    this.blobs = blobs;
    this.#limits = { ...storeLimits, ...limits };
    this.#nonces = new Nonces(this.#limits.nonces);
  }

  async pulse(): Promise<void> {}

  async written(): Promise<void> {}

  async close(): Promise<void> {}

  get audit(): Store['audit'] {
    return { sequence: this.#records.sequence, waiting: 0 };
  }

  append(record: AuditFields): void {
    this.#records.append(record);
  }

  async records(since: number, limit: number): Promise<readonly string[]> {
    return this.#records.lines(since, limit);
  }

  // ------------------------------------------------------------------------------- what admission asks

  lastSequence(swarmlet: string): LastAccepted | undefined {
    const name = this.#names.get(swarmlet);
    if (!name) return undefined;
    const first = this.#next(name);
    return {
      sequence: name.sequence,
      digest: first?.digest ?? null,
      version: first?.statement.version ?? null,
      principal: first?.principal ?? null,
    };
  }

  othersOf(keyId: KeyId, swarmlet: string): number {
    return [...this.#names].filter(([other, name]) => other !== swarmlet && this.#next(name)?.signers[0]?.keyId === keyId).length;
  }

  /** Who follows a version that is still starting follows the one that is about to have the place. */
  #next(name: Name): Version | undefined {
    let next = name.placed;
    for (const { action, digest } of name.pending) {
      if (action === 'undeploy') next = undefined;
      else if (action !== 'restart') next = name.kept.find(({ version }) => version.digest === digest)?.version ?? next;
    }
    return next;
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

  restoredAt(): number {
    return this.#restoredAt;
  }

  // --------------------------------------------------------------------------------------- what is written

  accept(verified: VerifiedStatement, record: AuditFields): Promise<void> {
    this.take(verified);
    this.append(record);
    this.prune(verified.statement.swarmlet);
    return Promise.resolve();
  }

  /** @throws QUOTA_EXCEEDED, and then nothing was changed */
  protected take(verified: VerifiedStatement): Taken {
    const { statement, digest, receivedAt } = verified;
    const { swarmlet, nonce } = statement;
    if (statement.action === 'deploy') {
      const blobs = blobsOf(statement);
      const size = [...blobs.values()].reduce((sum, one) => sum + one, verified.payload.length);
      this.#makeRoom(swarmlet, size);
      this.blobs.keep([...blobs.keys()]);
    }
    const use = this.#useOf(statement, digest);
    this.#nonces.add(nonce, use, receivedAt);
    this.#latestTime = Math.max(this.#latestTime, receivedAt);
    const ordered = statement.action === 'input' ? undefined : this.#order(statement, verified);
    const undo = (): void => {
      this.#nonces.delete(nonce);
      ordered?.undo();
    };
    return { use, version: ordered?.version, undo };
  }

  #useOf(statement: Change, digest: string): NonceUse {
    const { swarmlet, expires } = statement;
    const sequence = statement.action === 'input' ? null : statement.sequence;
    const version = versionConcerned(statement, digest) ?? this.#names.get(swarmlet)?.placed?.digest ?? null;
    return { swarmlet, digest, sequence, version, until: timeMs(expires) + clockSkewMs };
  }

  #order(statement: Ordered, verified: VerifiedStatement): Pick<Taken, 'version' | 'undo'> {
    const { swarmlet, sequence, action } = statement;
    const name = this.#names.get(swarmlet) ?? newName();
    const before = name.sequence;
    this.#names.set(swarmlet, name);
    name.sequence = sequence;
    name.pending.push({ action, sequence, digest: versionConcerned(statement, verified.digest) ?? null });
    const version = statement.action === 'deploy' ? versionOf(verified, statement) : undefined;
    if (version) {
      const at = version.receivedAt;
      name.kept.unshift({ version, state: 'staged', reason: null, at, firstRunningAt: undefined, givenBack: false });
      this.#bytes += version.bytes;
    }
    const undo = (): void => {
      if (name.sequence === sequence) name.sequence = before;
      name.pending = name.pending.filter((pending) => pending.sequence !== sequence);
      const kept = version && this.#kept(swarmlet, version.digest);
      if (kept) this.#drop(swarmlet, name, kept);
      if (name.sequence === 0 && name.kept.length === 0) this.#names.delete(swarmlet);
    };
    return { version, undo };
  }

  /** Drops the oldest versions beyond the limit; what holds the place stays, however old it is. */
  protected prune(swarmlet: string): void {
    const name = this.#names.get(swarmlet);
    while (name && name.kept.length > this.#limits.versions) {
      const oldest = name.kept.findLast((kept) => !isWanted(name, kept));
      if (!oldest) return;
      this.#drop(swarmlet, name, oldest);
    }
  }

  /** @throws QUOTA_EXCEEDED */
  #makeRoom(swarmlet: string, bytes: number): void {
    if (!this.#names.has(swarmlet) && this.#names.size >= this.#limits.names) throw errors.QUOTA_EXCEEDED('names', this.#limits.names);
    if (this.#bytes + bytes <= this.#limits.bytes) return;
    const old = [...this.#names].flatMap(([owner, name]) => name.kept.filter(isReplaced).map((kept) => ({ owner, name, kept })));
    old.sort((a, b) => (a.kept.version.receivedAt < b.kept.version.receivedAt ? -1 : 1));
    for (const { owner, name, kept } of old) {
      if (this.#bytes + bytes <= this.#limits.bytes) return;
      if (!isWanted(name, kept)) this.#drop(owner, name, kept);
    }
    if (this.#bytes + bytes > this.#limits.bytes) throw errors.QUOTA_EXCEEDED('bytes of versions', this.#limits.bytes);
  }

  #drop(swarmlet: string, name: Name, kept: Kept): void {
    name.kept.splice(name.kept.indexOf(kept), 1);
    if (name.shown === kept.version) name.shown = undefined;
    this.#bytes -= kept.version.bytes;
    this.blobs.release([...blobsOf(kept.version.statement).keys()]);
    this.onVersion(swarmlet, kept.version.digest);
  }

  // ------------------------------------------------------------------------------------ what became of it

  version(swarmlet: string, digest: string): Version | undefined {
    return this.#kept(swarmlet, digest)?.version;
  }

  history(swarmlet: string): readonly HistoryEntry[] {
    return this.#names.get(swarmlet)?.kept ?? [];
  }

  changed(swarmlet: string, digest: string, { state, reason, at, firstRunningAt }: Condition): void {
    const kept = this.#kept(swarmlet, digest);
    if (!kept) return;
    Object.assign(kept, { state, reason, at, firstRunningAt });
    this.onVersion(swarmlet, digest);
  }

  settled(swarmlet: string, sequence: number): void {
    const name = this.#names.get(swarmlet);
    if (!name) return;
    name.pending = name.pending.filter((pending) => pending.sequence !== sequence);
    this.onName(swarmlet);
  }

  placed(swarmlet: string, digest: string | null, { givenBack = false, previous }: Placing = {}): void {
    const name = this.#names.get(swarmlet);
    if (!name) return;
    const kept = digest === null ? undefined : this.#kept(swarmlet, digest);
    name.placed = kept?.version;
    name.shown = kept?.version ?? name.shown;
    const before = previous && this.#kept(swarmlet, previous.digest);
    name.previous = before && { version: before.version, until: previous.until };
    this.onName(swarmlet);
    if (!kept || !givenBack) return;
    kept.givenBack = true;
    this.onVersion(swarmlet, kept.version.digest);
  }

  forget(swarmlet: string): void {
    const name = this.#names.get(swarmlet);
    if (!name) return;
    for (const kept of [...name.kept]) this.#drop(swarmlet, name, kept);
    name.placed = undefined;
    name.previous = undefined;
    this.onName(swarmlet);
  }

  remembered(): readonly Remembered[] {
    const known = [...this.#names].filter(([, { shown, pending }]) => shown !== undefined || pending.length > 0);
    return known.map(([swarmlet, { shown, placed, previous, pending, kept }]) => {
      const before = previous && kept.find(({ version }) => version === previous.version);
      return {
        swarmlet,
        shown: kept.find(({ version }) => version === shown),
        placed: placed !== undefined,
        previous: before && { entry: before, until: previous.until },
        pending,
      };
    });
  }

  #kept(swarmlet: string, digest: string): Kept | undefined {
    return this.#names.get(swarmlet)?.kept.find(({ version }) => version.digest === digest);
  }

  // ---------------------------------------------------------------------------- for the store on disk

  protected name(swarmlet: string): Name | undefined {
    return this.#names.get(swarmlet);
  }

  protected load(swarmlet: string, name: Name): void {
    this.#names.set(swarmlet, name);
    for (const { version } of name.kept) {
      this.#bytes += version.bytes;
      this.blobs.keep([...blobsOf(version.statement).keys()]);
    }
  }

  protected loadNonce(nonce: string, use: NonceUse): void {
    this.#nonces.add(nonce, use, 0);
  }

  protected loadClock(latest: number, restored: number): void {
    this.#latestTime = latest;
    this.#restoredAt = restored;
  }

  /** Sequence, place or what is pending of a name changed. */
  protected onName(_swarmlet: string): void {}
  /** It changed, or was dropped. */
  protected onVersion(_swarmlet: string, _digest: string): void {}
}

export function newName(): Name {
  return { sequence: 0, placed: undefined, shown: undefined, previous: undefined, pending: [], kept: [] };
}

/** The version whose state tells the outcome of a statement; undefined: the one in place. */
function versionConcerned(statement: Change, digest: string): string | undefined {
  if (statement.action === 'deploy') return digest;
  return statement.action === 'rollback' ? statement.to : undefined;
}

/** It holds the place, is about to, or may get it back. */
function isWanted(name: Name, { version }: Kept): boolean {
  return version === name.placed || version === name.previous?.version || name.pending.some(({ digest }) => digest === version.digest);
}

/** It does not run, and is not about to. */
function isReplaced({ state }: Kept): boolean {
  return ['superseded', 'stopped', 'failed', 'completed', 'expired'].includes(state);
}
