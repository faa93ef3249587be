import { closeSync, constants, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Database from 'libsql';
import { format, migrations } from './schema.ts';

/** A database, made if it is not there. */
export function openDatabase(path: string): Database.Database {
  // SQLite would follow a link, and leave the file to the umask; its other files take their mode from this one.
  closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600));
  return new (createRequire(import.meta.url)('libsql') as typeof Database)(path);
}

/** @throws Error with code FORMAT for one that a newer program wrote */
export function formatOf(db: Database.Database): number {
  const [row] = db.pragma('user_version') as { user_version: number }[];
  const found = row?.user_version ?? 0;
  if (found <= format) return found;
  const problem = `was written by a newer version of this program (format ${found}, this one reads ${format})`;
  throw Object.assign(new Error(problem), { code: 'FORMAT' });
}

/** Brings an older one, or an empty one, to the format of this program. */
export function migrate(db: Database.Database): void {
  const found = formatOf(db);
  if (found === format) return;
  transaction(db, () => db.exec(`${migrations.slice(found).join('')} pragma user_version = ${format};`));
}

export function transaction(db: Database.Database, work: () => void): void {
  db.exec('begin immediate');
  try {
    work();
    db.exec('commit');
  } catch (error) {
    if (db.inTransaction) db.exec('rollback');
    throw error;
  }
}
