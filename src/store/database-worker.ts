/**
 * The thread of the database: nothing it does holds up the box. It alone has the files open, and with them the lock that
 * keeps a second box out and that the system lets go however this process ends.
 */
import { closeSync, fstatSync, fsyncSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type Database from 'libsql';
import { AuditFile } from './audit-file.ts';
import { Chain, genesis, lineHash } from './chain.ts';
import type { Answer, Problem, Request, Row, Sql } from './database-messages.ts';
import { migrate, openDatabase, transaction } from './sqlite.ts';

/** Records that stay in the database when they are in the file. */
const recordsKept = 10_000;
const pruneEvery = 1000;
/** Of the log of the database, from the start on. */
const logBytes = 512 * 1024;
/** As many as fill it, as a rule; then it is begun anew as soon as nobody waits. */
const logTransactions = 10;

class Files {
  readonly #folder: string;
  readonly #db: Database.Database;
  readonly #prepared = new Map<string, Database.Statement>();
  readonly #file: AuditFile;
  readonly #warn: (message: string) => void;
  /** Files that could not be written the last time. */
  readonly #faulty = new Set<string>();
  readonly chain: Chain;
  #sincePrune = 0;
  /** Transactions. */
  #inLog = 0;

  constructor(folder: string, segmentBytes: number | undefined, warn: (message: string) => void) {
    this.#folder = folder;
    this.#warn = warn;
    this.#db = openDatabase(join(folder, 'store.db'));
    this.#lock();
    this.#attempt('store.db-wal', () => this.#lengthenLog());
    migrate(this.#db);
    const [newest] = this.#all(['select seq, line from audit order by seq desc limit 1', []]);
    this.chain = new Chain(newest ? { seq: Number(newest.seq), hash: lineHash(String(newest.line)) } : genesis);
    this.#file = new AuditFile(folder, segmentBytes);
    this.writeFile();
  }

  /** With it the index of the log is in memory: mapped from a disk that fails, it would end the process. */
  #lock(): void {
    for (const pragma of ['locking_mode = exclusive', 'journal_mode = wal', 'synchronous = full']) this.#db.pragma(pragma);
    this.#db.exec('begin immediate');
    this.#db.exec('commit');
  }

  /** An fsync of a file that grows takes up to twice as long. SQLite reads its log as far as it wrote it, whatever follows there. */
  #lengthenLog(): void {
    const log = openSync(join(this.#folder, 'store.db-wal'), 'a', 0o600);
    try {
      for (let left = logBytes - fstatSync(log).size; left > 0; ) left -= writeSync(log, Buffer.alloc(left));
      fsyncSync(log);
    } finally {
      closeSync(log);
    }
  }

  /** What it holds goes into the database, and the next transaction is written over it, from its beginning on. */
  #beginLogAnew(): void {
    this.#attempt('store.db', () => this.#db.pragma('wal_checkpoint(passive)'));
    this.#inLog = 0;
  }

  #statement(text: string): Database.Statement {
    const known = this.#prepared.get(text);
    if (known) return known;
    const statement = this.#db.prepare(text);
    this.#prepared.set(text, statement);
    return statement;
  }

  #all([text, values]: Sql): Row[] {
    return this.#statement(text).all([...values]) as Row[];
  }

  read(sql: Sql): Row[] {
    return this.#all(sql);
  }

  write({ statements, records, isAwaited }: Extract<Request, { kind: 'write' }>): void {
    if (this.#inLog >= logTransactions && !isAwaited) this.#beginLogAnew();
    const { head } = this.chain;
    try {
      transaction(this.#db, () => {
        for (const [text, values] of statements) this.#statement(text).run([...values]);
        for (const { at, fields } of records) {
          const line = this.chain.add(at, fields);
          this.#statement('insert into audit values (?, ?, ?)').run([this.chain.head.seq, Date.parse(at), line]);
        }
      });
    } catch (error) {
      this.chain.head = head; // as if the records had never been made
      throw error;
    }
    this.#sincePrune += records.length;
    this.#inLog++;
  }

  /** Brings the file up to the database; what it cannot take now it gets with the next records. */
  writeFile(): void {
    if (this.#file.last === this.chain.head.seq) return;
    this.#attempt('audit.jsonl', () => {
      for (;;) {
        const rows = this.#all(['select seq, line from audit where seq > ? order by seq limit 1000', [this.#file.last]]);
        this.#file.append(rows.map(({ seq, line }) => ({ seq: Number(seq), line: String(line) })));
        if (rows.length < 1000) break;
      }
      if (this.#sincePrune < pruneEvery) return;
      this.#file.sync();
      transaction(this.#db, () => this.#statement('delete from audit where seq <= ?').run([this.#file.last - recordsKept]));
      this.#sincePrune = 0;
    });
  }

  writeHead(text: string): void {
    this.#attempt('audit.head', () => {
      const next = join(this.#folder, 'audit.head.next');
      writeFileSync(next, text, { mode: 0o600 });
      renameSync(next, join(this.#folder, 'audit.head'));
    });
  }

  /** What only repeats what is on disk may fail; that is told once, until it succeeds again. */
  #attempt(file: string, write: () => void): void {
    try {
      write();
      this.#faulty.delete(file);
    } catch (error) {
      if (!this.#faulty.has(file)) this.#warn(`${file} cannot be written now: ${problemOf(error).message}`);
      this.#faulty.add(file);
    }
  }

  close(): void {
    this.#attempt('audit.jsonl', () => this.#file.close());
    this.#db.close();
  }
}

function problemOf(error: unknown): Problem {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return { code: String(code), message: String(message) };
}

const port = parentPort;
if (!port) throw new Error('This file is the thread of a box');
const { folder, segmentBytes } = workerData as { readonly folder: string; readonly segmentBytes?: number };
const answer = (given: Answer): void => port.postMessage(given);

function handle(files: Files, request: Request): readonly Row[] {
  switch (request.kind) {
    case 'write':
      files.write(request);
      return [];
    case 'read':
      return files.read(request.sql);
    case 'head':
      files.writeHead(request.text);
      return [];
    case 'close':
      files.close();
      return [];
  }
}

try {
  const files = new Files(folder, segmentBytes, (message) => answer({ kind: 'warning', message }));
  answer({ kind: 'open', head: files.chain.head });
  port.on('message', (request: Request) => {
    try {
      const rows = handle(files, request);
      answer({ kind: 'done', id: request.id, head: files.chain.head, rows });
      if (request.kind === 'write') files.writeFile(); // nobody has to wait for the copy
    } catch (error) {
      answer({ kind: 'failed', id: request.id, problem: problemOf(error) });
    }
    if (request.kind === 'close') port.close();
  });
} catch (error) {
  answer({ kind: 'failed', id: 0, problem: problemOf(error) });
  port.close();
}
