import { join } from 'node:path';
import { errorText } from '../../hosts/common/index.ts';
import { checkFile, type DeployStatement } from '../envelope/index.ts';
import { errors } from '../errors.ts';
import { readmit, type VerifiedStatement } from '../trust/index.ts';
import type { BlobStore } from './blobs.ts';
import { type AuditFields, type Head, headMessage } from './chain.ts';
import { Database, DatabaseError } from './database.ts';
import type { AuditRecord, Row, Sql } from './database-messages.ts';
import { FolderBlobs } from './folder-blobs.ts';
import { type Kept, MemoryStore, storeLimits } from './memory-store.ts';
import {
  admittedOf,
  deleteVersion,
  forgetNonces,
  insertNonce,
  insertVersion,
  nameOf,
  saveName,
  saveTime,
  saveVersion,
  useOf,
} from './rows.ts';
import { type Version, versionOf } from './version.ts';

export interface DurableOptions {
  /** Signs as the box, so that the audit is vouched for. */
  readonly sign: (message: Buffer) => Buffer;
  /** Something that the operator should know. */
  readonly warn: (message: string) => void;
  /** Bytes after which the next file of the audit is begun; 64 MiB unless given. */
  readonly segmentBytes?: number;
}

interface Accept {
  readonly swarmlet: string;
  readonly statements: readonly Sql[];
  readonly record: AuditRecord;
  undo(): void;
  resolve(): void;
  reject(error: Error): void;
}

/** Records that wait for a disk that takes nothing; later ones are counted instead. */
const recordsWaiting = 10_000;
const signMs = 1000;
const retryMs = 1000;
/** So many nonces may be written before old ones are looked for, where statements come without a pause. */
const noncesBetween = 1000;
/** What happened may wait so long for a statement to go along with, or for more that happens. */
const gatherMs = 50;

/**
 * What memory knows is on disk too. Whatever comes while a transaction is under way goes into the next one together: one write
 * to the disk for all of them. A statement is written at once, before it is carried out; what happens to a version afterwards
 * is gathered, so that the several steps of a start neither cost a write each nor hold up the next statement.
 */
export class DurableStore extends MemoryStore {
  override readonly isDurable = true;
  readonly #database: Database;
  readonly #options: DurableOptions;
  #accepts: Accept[] = [];
  #records: AuditRecord[] = [];
  #lost = 0;
  readonly #changedNames = new Set<string>();
  /** By both; one that memory does not have any more is to go from the disk too. */
  readonly #changedVersions = new Map<string, { readonly swarmlet: string; readonly digest: string }>();
  #writing: Promise<void> | undefined;
  #scheduled = false;
  /** Since old ones were last looked for. */
  #noncesAdded = 0;
  #failing = false;
  #retry: NodeJS.Timeout | undefined;
  #gathering: NodeJS.Timeout | undefined;
  #signTimer: NodeJS.Timeout | undefined;
  #signed = 0;

  /** @throws BAD_FILE */
  static async open(folder: string, options: DurableOptions): Promise<DurableStore> {
    const database = await Database.open(folder, options);
    const store = new DurableStore(database, new FolderBlobs(join(folder, 'blobs')), options);
    await store.#load();
    return store;
  }

  private constructor(database: Database, blobs: BlobStore, options: DurableOptions) {
    super({}, blobs);
    this.#database = database;
    this.#options = options;
    this.#signed = database.head.seq;
  }

  // ------------------------------------------------------------------------------------- from the disk

  async #load(): Promise<void> {
    const names = await this.#database.read('select * from names');
    const versions = await this.#database.read('select * from versions order by number desc');
    const [clock] = await this.#database.read('select latest, restored from clock');
    const kept = new Map<string, Kept[]>();
    for (const row of versions) {
      const entry = this.#believe(row);
      if (entry) kept.set(String(row.swarmlet), [...(kept.get(String(row.swarmlet)) ?? []), entry]);
    }
    for (const row of names) {
      const own = kept.get(String(row.swarmlet)) ?? [];
      // Without both it is what remains of a statement that the disk did not take.
      if (row.sequence !== 0 || own.length > 0) this.load(String(row.swarmlet), nameOf(row, own));
    }
    for (const row of await this.#database.read('select * from nonces order by number')) this.loadNonce(String(row.nonce), useOf(row));
    this.loadClock(Number(clock?.latest ?? 0), Number(clock?.restored ?? 0));
  }

  /** What does not fit its signatures any more is as if it were not there; it stays on disk for whoever looks into it. */
  #believe(row: Row): Kept | undefined {
    const { swarmlet, digest } = row;
    try {
      const verified = readmit(admittedOf(row));
      const { statement } = verified;
      if (statement.action !== 'deploy' || statement.swarmlet !== swarmlet || verified.digest !== digest) {
        throw new Error('it is not what its name says');
      }
      checkTexts(statement);
      return keptOf(row, versionOf(verified, statement));
    } catch (error) {
      const problem = errorText(error);
      this.#options.warn(`The stored version ${digest} of ${swarmlet} was altered and is skipped: ${problem}`);
      this.append({ event: 'skipped', swarmlet, digest, reason: 'altered', problem });
      return undefined;
    }
  }

  // --------------------------------------------------------------------------------------- to the disk

  override accept(verified: VerifiedStatement, fields: AuditFields): Promise<void> {
    const { version, use, undo } = this.take(verified);
    const { swarmlet, nonce } = verified.statement;
    const statements = [insertNonce(nonce, use), saveTime(this.latestTime())];
    if (version) statements.push(insertVersion(verified));
    const record = recordOf(fields);
    this.#changedNames.add(swarmlet);
    return new Promise<void>((resolve, reject) => {
      this.#accepts.push({ swarmlet, statements, record, undo, resolve, reject });
      this.#schedule();
    }).then(() => this.prune(swarmlet));
  }

  override get audit(): { readonly sequence: number; readonly waiting: number } {
    return { sequence: this.#database.head.seq, waiting: this.#records.length + this.#lost };
  }

  override append(fields: AuditFields): void {
    if (this.#records.length < recordsWaiting) this.#records.push(recordOf(fields));
    else this.#lost++;
    this.#gather();
  }

  override async written(): Promise<void> {
    await this.#writing; // which may have begun before
    if (this.#isDirty() && !this.#writing) this.#write();
    await this.#writing;
  }

  override async records(since: number, limit: number): Promise<readonly string[]> {
    await this.#writing;
    if (this.#isDirty() && !this.#writing) this.#write(); // what is read now stands behind it
    const rows = await this.#database.read('select line from audit where at >= ? order by seq desc limit ?', [since, limit]);
    return rows.map(({ line }) => String(line)).reverse();
  }

  protected override onName(swarmlet: string): void {
    this.#changedNames.add(swarmlet);
    this.#gather();
  }

  protected override onVersion(swarmlet: string, digest: string): void {
    this.#changedVersions.set(`${swarmlet} ${digest}`, { swarmlet, digest });
    this.#gather();
  }

  /** Writes before long. */
  #gather(): void {
    if (this.#writing) return;
    this.#gathering ??= setTimeout(() => this.#schedule(), gatherMs);
  }

  /** Writes at the end of this turn. */
  #schedule(): void {
    if (this.#scheduled || this.#writing) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (!this.#writing) this.#write();
    });
  }

  #write(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#writing = this.#writeGroup().finally(() => {
      this.#writing = undefined;
      if (this.#failing) {
        this.#retry = setTimeout(() => this.#write(), retryMs).unref();
      } else if (this.#isDirty()) this.#gather();
      if (this.#accepts.length > 0) this.#schedule(); // which a failing disk may take as well
    });
  }

  #isDirty(): boolean {
    return this.#accepts.length + this.#records.length + this.#changedNames.size + this.#changedVersions.size > 0;
  }

  async #writeGroup(): Promise<void> {
    const accepts = this.#accepts.splice(0);
    const records = this.#records.splice(0);
    const names = [...this.#changedNames];
    const versions = new Map(this.#changedVersions);
    for (const waiting of [this.#changedNames, this.#changedVersions]) waiting.clear();
    const lost = this.#lost;
    this.#lost = 0;
    // As a rule with what happens afterwards: looking for them takes as long as all the rest.
    this.#noncesAdded += accepts.length;
    const isTime = this.#noncesAdded > (accepts.length > 0 ? noncesBetween : 0);
    if (isTime) this.#noncesAdded = 0;
    const statements = [
      ...accepts.flatMap((accept) => accept.statements),
      ...[...versions.values()].map(({ swarmlet, digest }) => this.#saveVersion(swarmlet, digest)),
      ...names.map((swarmlet) => saveName(swarmlet, this.name(swarmlet))),
      ...(isTime ? forgetNonces(storeLimits.nonces) : []),
    ];
    const told = [...records, ...accepts.map(({ record }) => record), ...(lost > 0 ? [recordOf({ event: 'lost', count: lost })] : [])];
    try {
      await this.#database.write(statements, told, accepts.length > 0);
    } catch (error) {
      this.#records.unshift(...records);
      this.#lost += lost;
      for (const [key, version] of versions) this.#changedVersions.set(key, version);
      for (const swarmlet of names) this.#changedNames.add(swarmlet);
      this.#failed(error, accepts);
      return;
    }
    this.#failing = false;
    for (const { resolve } of accepts) resolve();
    this.#signLater();
  }

  /** Those that came meanwhile for the same names are refused too: they were judged as if the failed ones had been taken. */
  #failed(error: unknown, accepts: readonly Accept[]): void {
    const names = new Set(accepts.map(({ swarmlet }) => swarmlet));
    const refused = [...accepts, ...this.#accepts.filter(({ swarmlet }) => names.has(swarmlet))];
    this.#accepts = this.#accepts.filter((accept) => !refused.includes(accept));
    for (const { undo } of [...refused].reverse()) undo();
    const { message } = error as Error;
    if (!this.#failing) this.#options.warn(`The state cannot be written, and no statement is taken: ${message}`);
    this.#failing = true;
    for (const { reject } of refused) reject(refusalOf(error));
  }

  #saveVersion(swarmlet: string, digest: string): Sql {
    const entry = this.history(swarmlet).find(({ version }) => version.digest === digest);
    return entry ? saveVersion(swarmlet, entry) : deleteVersion(swarmlet, digest);
  }

  // ---------------------------------------------------------------------------------- the audit's head

  #signLater(): void {
    this.#signTimer ??= setTimeout(() => {
      this.#signTimer = undefined;
      this.#sign().catch((error) => this.#options.warn(`The audit cannot be signed: ${errorText(error)}`));
    }, signMs).unref();
  }

  async #sign(): Promise<void> {
    const { head } = this.#database;
    if (head.seq === this.#signed) return;
    this.#signed = head.seq;
    await this.#database.writeHead(`${JSON.stringify(signedHead(head, this.#options.sign))}\n`);
  }

  /** Forgets the last sequence of a name, so that any may follow; undefined if there was none. */
  async resetSequence(swarmlet: string): Promise<number | undefined> {
    const name = this.name(swarmlet);
    if (!name) return undefined;
    const before = name.sequence;
    name.sequence = 0;
    this.append({ event: 'reset-sequence', swarmlet, sequence: before });
    this.onName(swarmlet);
    await this.#flushed();
    return before;
  }

  /** @throws BUSY when the disk takes nothing */
  async #flushed(): Promise<void> {
    await this.#writing;
    while (this.#isDirty() || this.#writing) {
      if (!this.#writing) this.#write();
      await this.#writing;
      if (this.#failing) throw errors.BUSY('unable to write to its disk');
    }
  }

  override pulse(): Promise<void> {
    return this.#database.pulse();
  }

  override async close(): Promise<void> {
    const steps = [() => this.#flushed(), () => this.#sign(), () => this.#database.close()];
    for (const step of steps) {
      await step().catch((error) => this.#options.warn(`The last changes of the state could not be written: ${errorText(error)}`));
    }
    clearTimeout(this.#retry);
    clearTimeout(this.#gathering);
    clearTimeout(this.#signTimer);
  }
}

/** A line of `audit.head`. */
export interface SignedHead extends Head {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** SSHSIG blob, base64. */
  readonly signature: string;
}

function signedHead(head: Head, sign: DurableOptions['sign']): SignedHead {
  return { ...head, at: new Date().toISOString(), signature: sign(headMessage(head)).toString('base64') };
}

function recordOf(fields: AuditFields): AuditRecord {
  return { at: new Date().toISOString(), fields };
}

/** Files that travelled by digest are checked when they are read. */
function checkTexts({ files }: DeployStatement): void {
  for (const [name, file] of Object.entries(files)) if (file.text !== undefined) checkFile(name, file, Buffer.from(file.text));
}

function keptOf(row: Row, version: Version): Kept {
  return {
    version,
    state: String(row.state),
    reason: row.reason === null ? null : String(row.reason),
    at: String(row.at),
    firstRunningAt: row.first_running_at === null ? undefined : Number(row.first_running_at),
    givenBack: row.given_back === 1,
  };
}

function refusalOf(error: unknown): Error {
  const code = error instanceof DatabaseError ? error.problem.code : '';
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') return errors.BUSY('out of space on its disk');
  if (/^SQLITE_(IOERR|READONLY|CANTOPEN)/.test(code)) return errors.BUSY('unable to write to its disk');
  return errors.INTERNAL(error);
}
