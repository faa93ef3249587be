import { TypedEmitter } from '../../hosts/common/index.ts';
import type { KeyId } from '../envelope/index.ts';
import { errors, isServiceError } from '../errors.ts';
import { type AllowedSigners, parseAllowedSigners, type TrustedKey } from './allowed-signers.ts';
import { exposure, readOwnedFile } from './owned-file.ts';
import { parseRevokedKeys } from './revoked-keys.ts';
import { WatchedFile } from './watched-file.ts';

export interface TrustListEvents {
  /** A file was read again and is in force. */
  changed: [];
  /** These keys are revoked since now; whether they were in the list or not. */
  revoked: [keyIds: KeyId[]];
  /** These keys left the list, or their time is over. */
  removed: [keyIds: KeyId[]];
  /** A line that was skipped, or a new file that was refused: file:line and the reason. */
  warning: [message: string];
}

export interface TrustFiles {
  /** Paths; '' for none. A file need not exist yet. */
  readonly trustedKeys: string;
  readonly revokedKeys: string;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

const checkMs = 1000;

/** Whose signatures count: the files `trusted_keys` and `revoked_keys`, read again when they change. Nothing in them means nobody. */
export class TrustList extends TypedEmitter<TrustListEvents> {
  readonly #files: TrustFiles;
  readonly #now: () => number;
  readonly #watched: WatchedFile[] = [];
  #timer: NodeJS.Timeout | undefined;
  #trusted: AllowedSigners;
  #revoked: ReadonlySet<KeyId>;
  /** The keys whose time it was at the last look. */
  #current: ReadonlySet<KeyId>;

  /** @throws BAD_FILE with file:line: a box does not start with half a list */
  static open(files: TrustFiles): TrustList {
    return new TrustList(files);
  }

  private constructor(files: TrustFiles) {
    super();
    this.#files = files;
    this.#now = files.now ?? Date.now;
    // The watch begins before the first reading, so that no change falls between them.
    if (files.trustedKeys !== '') this.#watch(files.trustedKeys, () => this.#readTrusted());
    if (files.revokedKeys !== '') this.#watch(files.revokedKeys, () => this.#readRevoked());
    try {
      this.#trusted = readTrusted(files.trustedKeys);
      this.#revoked = readRevoked(files.revokedKeys) ?? new Set();
    } catch (error) {
      for (const watched of this.#watched) watched.close();
      throw error;
    }
    this.#current = this.#keysInTime();
    this.#wait();
  }

  /** How many keys the list has. */
  get size(): number {
    return this.#trusted.keys.size;
  }

  /** When the next of the keys whose time it is will be over, Unix milliseconds; undefined: none ever will. */
  get nextExpiry(): number | undefined {
    const ends = [...this.#current].map((keyId) => this.#trusted.keys.get(keyId)?.validBefore ?? Number.POSITIVE_INFINITY);
    const next = Math.min(...ends);
    return Number.isFinite(next) ? next : undefined;
  }

  /** The lines that were skipped in the list in force, and who else could write the files. */
  get warnings(): readonly string[] {
    const { trustedKeys, revokedKeys } = this.#files;
    const exposed = [trustedKeys, revokedKeys].flatMap((file) => (file === '' ? [] : (exposure(file) ?? [])));
    return [...this.#trusted.warnings, ...exposed];
  }

  /** The key, if it is in the list and its time has come and is not over. A revoked one is given too: ask `isRevoked`. */
  get(keyId: KeyId, nowMs: number): TrustedKey | undefined {
    const trusted = this.#trusted.keys.get(keyId);
    return trusted && isInTime(trusted, nowMs) ? trusted : undefined;
  }

  isRevoked(keyId: KeyId): boolean {
    return this.#revoked.has(keyId);
  }

  /** Reads both files now. A file that is refused leaves what is in force, and a warning. */
  reload(): void {
    for (const watched of this.#watched) watched.reading();
    this.#readTrusted();
    this.#readRevoked();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watched of this.#watched) watched.close();
  }

  #watch(path: string, read: () => void): void {
    const watched = new WatchedFile(path, () => {
      watched.reading();
      read();
    });
    this.#watched.push(watched);
  }

  #readTrusted(): void {
    const trusted = this.#attempt(() => readTrusted(this.#files.trustedKeys));
    if (!trusted) return;
    this.#trusted = trusted;
    for (const warning of this.warnings) this.emit('warning', warning);
    this.#dismiss();
    this.emit('changed');
  }

  #readRevoked(): void {
    const file = this.#files.revokedKeys;
    const revoked = this.#attempt(() => {
      const read = readRevoked(file);
      if (read || this.#revoked.size === 0) return read ?? new Set<KeyId>();
      throw errors.BAD_FILE(file, 'is gone; empty it to lift its revocations');
    });
    if (!revoked) return;
    const added = [...revoked].filter((keyId) => !this.#revoked.has(keyId));
    this.#revoked = revoked;
    if (added.length > 0) this.emit('revoked', added);
    this.emit('changed');
  }

  /** Never opens anything on an error: the list in force stays. */
  #attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!isServiceError(error)) throw error;
      this.emit('warning', `${error.message}; what was read before stays in force`);
      return undefined;
    }
  }

  #dismiss(): void {
    const before = this.#current;
    this.#current = this.#keysInTime();
    const removed = [...before].filter((keyId) => !this.#current.has(keyId));
    this.#wait();
    if (removed.length > 0) this.emit('removed', removed);
  }

  /** Until the next look at the clock, which somebody may set; keys without a time ask for none. */
  #wait(): void {
    clearTimeout(this.#timer);
    const isBounded = [...this.#trusted.keys.values()].some(({ validAfter, validBefore }) => (validAfter ?? validBefore) !== undefined);
    this.#timer = isBounded ? setTimeout(() => this.#dismiss(), checkMs).unref() : undefined;
  }

  #keysInTime(): Set<KeyId> {
    const now = this.#now();
    return new Set([...this.#trusted.keys].filter(([, trusted]) => isInTime(trusted, now)).map(([keyId]) => keyId));
  }
}

function isInTime({ validAfter = 0, validBefore = Number.POSITIVE_INFINITY }: TrustedKey, nowMs: number): boolean {
  return nowMs >= validAfter && nowMs <= validBefore;
}

function readTrusted(file: string): AllowedSigners {
  const text = file === '' ? undefined : readOwnedFile(file);
  return parseAllowedSigners(text ?? '', file);
}

function readRevoked(file: string): Set<KeyId> | undefined {
  const text = file === '' ? '' : readOwnedFile(file);
  return text === undefined ? undefined : parseRevokedKeys(text, file);
}
