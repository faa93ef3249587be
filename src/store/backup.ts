import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type Database from 'libsql';
import { z } from 'zod';
import { errorText } from '../../hosts/common/index.ts';
import { type DeployStatement, parseJson } from '../envelope/index.ts';
import { errors, isServiceError } from '../errors.ts';
import { readmit } from '../trust/index.ts';
import { auditFiles } from './audit-file.ts';
import { blobsOf } from './blobs.ts';
import type { Row } from './database-messages.ts';
import { admittedOf } from './rows.ts';
import { formatOf, migrate, openDatabase } from './sqlite.ts';

/** The last file that is written: a folder without it is no backup. */
const manifestName = 'backup.json';
const manifestShape = z.strictObject({
  kind: z.literal('backup of a box'),
  /** RFC 3339, UTC: the state is as of then. */
  at: z.iso.datetime(),
  /** Path below the folder -> SHA-256, hex. */
  files: z.record(z.string().refine(isInside), z.string().regex(/^[0-9a-f]{64}$/)),
});
type Manifest = z.infer<typeof manifestShape>;

/** What is in a backup that was looked through. */
export interface Backup {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** Whether the box's own key is in it. Without it what is made of it is another box, which cannot open sealed parameters. */
  readonly withKey: boolean;
  /** With the last sequence of each name that was ever deployed. */
  readonly swarmlets: readonly { readonly swarmlet: string; readonly sequence: number }[];
  readonly versions: number;
}

const mostTries = 50;
const keyFiles = ['box_ed25519', 'box_ed25519.pub', 'box_ed25519.before', 'box_ed25519.succession'];
const trustFiles = ['trusted_keys', 'revoked_keys'];

/**
 * Copies the state of a box to a new folder, all of it as of one moment; the box may be running. Of the swarmlets' own folders
 * each file is whole, and as of about then.
 * @throws BAD_FILE; nothing is left of a backup that was not made to its end
 */
export function backUp(state: string, target: string, withKey: boolean): Backup {
  if (!existsSync(join(state, 'store.db'))) throw errors.BAD_FILE(state, 'is not the folder of a box: it has no store.db');
  if (existsSync(target)) throw errors.BAD_FILE(target, 'is there already; name a folder that is not');
  const draft = `${target}.${randomBytes(4).toString('hex')}.draft`;
  return named(target, () => {
    try {
      mkdirSync(join(draft, 'blobs'), { recursive: true, mode: 0o700 });
      const at = new Date().toISOString();
      const single = [...(withKey ? keyFiles : []), ...trustFiles, 'audit.head'];
      // Before the database: no head may be signed that is newer than its records.
      for (const name of single) if (existsSync(join(state, name))) copy(join(state, name), join(draft, name));
      const { blobs, lastRecord } = snapshot(join(state, 'store.db'), join(draft, 'store.db'));
      for (const digest of blobs) copy(join(state, 'blobs', digest), join(draft, 'blobs', digest));
      copyAudit(state, draft, lastRecord);
      copyFolders(state, draft);
      const files = Object.fromEntries(filesOf(draft).map((name) => [name, sha256(join(draft, name))]));
      write(join(draft, manifestName), `${JSON.stringify({ kind: 'backup of a box', at, files } satisfies Manifest, undefined, 2)}\n`);
      const backup = verifyBackup(draft);
      renameSync(draft, target);
      sync(dirname(target));
      return backup;
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      throw error;
    }
  });
}

/**
 * Makes of a backup the state of a box that was never started there. What was issued before this moment that box refuses from now on:
 * it may have been carried out after the backup, and its nonce and sequence are remembered nowhere.
 * @throws BAD_FILE for a backup that is not as it was made, and for a folder that is not empty
 */
export function restore(source: string, state: string): Backup {
  const backup = verifyBackup(source);
  return named(state, () => {
    mkdirSync(state, { recursive: true, mode: 0o700 });
    if (readdirSync(state).length > 0) throw errors.BAD_FILE(state, 'is not empty; name another folder, or move what is there away');
    try {
      mkdirSync(join(state, 'blobs'), { mode: 0o700 });
      const { files } = manifestOf(source);
      for (const name of Object.keys(files)) {
        mkdirSync(dirname(join(state, name)), { recursive: true, mode: 0o700 });
        copy(join(source, name), join(state, name === 'store.db' ? 'store.draft' : name));
      }
      const db = openDatabase(join(state, 'store.draft'));
      try {
        migrate(db);
        db.prepare('update clock set restored = ?, latest = max(latest, ?)').run([Date.now(), Date.now()]);
      } finally {
        db.close();
      }
      sync(join(state, 'store.draft'));
      renameSync(join(state, 'store.draft'), join(state, 'store.db'));
      sync(state);
      return backup;
    } catch (error) {
      for (const name of readdirSync(state)) rmSync(join(state, name), { recursive: true });
      throw error;
    }
  });
}

/**
 * Looks whether a backup is as it was made, and whether a box can go on from it.
 * @throws BAD_FILE that names the file at fault
 */
export function verifyBackup(folder: string): Backup {
  const { at, files } = manifestOf(folder);
  return named(folder, () => {
    for (const [name, digest] of Object.entries(files)) {
      const path = join(folder, name);
      if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) throw errors.BAD_FILE(path, 'is missing');
      if (sha256(path) !== digest) throw errors.BAD_FILE(path, 'is not as it was when the backup was made');
    }
    if (!('store.db' in files)) throw errors.BAD_FILE(join(folder, 'store.db'), 'is missing');
    return withCopy(join(folder, 'store.db'), (db) => {
      const versions = versionsOf(db);
      for (const { digest, blobs } of versions) {
        const missing = blobs.find((blob) => !(`blobs/${blob}` in files));
        if (missing !== undefined) throw errors.BAD_FILE(join(folder, 'blobs', missing), `is missing; version ${digest} needs it`);
      }
      const names = db.prepare('select swarmlet, sequence from names order by swarmlet').all([]) as Row[];
      const swarmlets = names.map(({ swarmlet, sequence }) => ({ swarmlet: String(swarmlet), sequence: Number(sequence) }));
      return { at, withKey: 'box_ed25519' in files, swarmlets, versions: versions.length };
    });
  });
}

/** Opening a database writes beside it, and a backup stays as it is. */
function withCopy<T>(path: string, look: (db: Database.Database) => T): T {
  const scratch = `${path}.${randomBytes(4).toString('hex')}`;
  copyFileSync(path, scratch);
  try {
    const db = openDatabase(scratch);
    try {
      formatOf(db);
      const [{ integrity_check: verdict }] = db.pragma('integrity_check') as [{ integrity_check: string }];
      if (verdict !== 'ok') throw errors.BAD_FILE(path, `is damaged: ${verdict}`);
      return look(db);
    } finally {
      db.close();
    }
  } finally {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${scratch}${end}`, { force: true });
  }
}

/** Each as it was signed, with the names of its files in `blobs`. */
function versionsOf(db: Database.Database): { readonly digest: string; readonly blobs: readonly string[] }[] {
  const rows = db.prepare('select * from versions').all([]) as Row[];
  return rows.map((row) => {
    const { statement, digest } = readmit(admittedOf(row));
    return { digest, blobs: [...blobsOf(statement as DeployStatement).keys()].map((name) => name.slice('sha256:'.length)) };
  });
}

/**
 * Copies a database that a box has locked. SQLite changes its file only by pages that are in the log too, and the log
 * grows at its end until it is begun anew, with another header: where that did not happen meanwhile, file and log together
 * are the database as of its last whole transaction (sqlite.org/walformat.html).
 */
function snapshot(from: string, to: string): { readonly blobs: ReadonlySet<string>; readonly lastRecord: number } {
  for (let tries = 1; ; tries++) {
    const before = logHeader(from);
    copyFileSync(from, to);
    if (before !== '') copyFileSync(`${from}-wal`, `${to}-wal`);
    if (logHeader(from) === before) break;
    if (tries === mostTries) throw errors.BAD_FILE(from, 'changes too quickly to be copied; try again');
  }
  const db = openDatabase(to);
  try {
    formatOf(db);
    db.pragma('journal_mode = delete'); // one file again
  } finally {
    db.close();
  }
  sync(to);
  return withCopy(to, (copied) => {
    const [newest] = copied.prepare('select max(seq) as seq from audit').all([]) as Row[];
    return { blobs: new Set(versionsOf(copied).flatMap(({ blobs }) => blobs)), lastRecord: Number(newest?.seq ?? 0) };
  });
}

function logHeader(database: string): string {
  try {
    const descriptor = openSync(`${database}-wal`, 'r');
    try {
      const header = Buffer.alloc(32);
      return header.toString('hex', 0, readSync(descriptor, header, 0, header.length, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''; // of a box that was stopped
    throw error;
  }
}

/** Records that are newer than the database were written after it was copied. */
function copyAudit(state: string, target: string, lastRecord: number): void {
  for (;;) {
    const files = auditFiles(state).filter((file) => existsSync(file));
    for (const file of files) {
      let text = readFileSync(file, 'utf8');
      while (Number(/(?:^|\n)\{"seq":(\d+),[^\n]*\n$/.exec(text.slice(-tailLength(text)))?.[1] ?? 0) > lastRecord) {
        text = text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1);
      }
      write(join(target, basename(file)), text);
    }
    if (
      auditFiles(state)
        .filter((file) => existsSync(file))
        .join() === files.join()
    )
      return; // else a new one was begun meanwhile
  }
}

/** Of the last line, newlines at both ends included. */
function tailLength(text: string): number {
  return text.length - Math.max(0, text.lastIndexOf('\n', text.length - 2));
}

function manifestOf(folder: string): Manifest {
  const path = join(folder, manifestName);
  if (!existsSync(path)) throw errors.BAD_FILE(folder, `is no backup: it has no ${manifestName}`);
  return named(path, () => manifestShape.parse(parseJson(readFileSync(path), manifestName)));
}

/** Whether a manifest may name such a file: whoever made it, nothing else is written by a restore. */
function isInside(name: string): boolean {
  if (/^(?:blobs\/[0-9a-f]{64}|[a-z0-9_]+(?:\.[a-z0-9]+)*)$/.test(name)) return true;
  return name.startsWith('folders/') && name.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

/** Of the swarmlets; what one of them removes meanwhile is left out. */
function copyFolders(state: string, draft: string): void {
  if (!existsSync(join(state, 'folders'))) return;
  for (const name of filesOf(join(state, 'folders')).map((file) => join('folders', file))) {
    mkdirSync(dirname(join(draft, name)), { recursive: true, mode: 0o700 });
    try {
      copy(join(state, name), join(draft, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** Paths of the files below a folder. */
function filesOf(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function copy(from: string, to: string): void {
  copyFileSync(from, to);
  sync(to);
}

function write(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600, flush: true });
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** An error of the system is one of this file or folder. */
function named<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (isServiceError(error) && error.code === 'BAD_FILE') throw error;
    throw errors.BAD_FILE(path, errorText(error), error);
  }
}
