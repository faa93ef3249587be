import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageRoot } from '../../hosts/node/index.ts';
import { errors } from '../errors.ts';
import { genesis, type Head } from './chain.ts';
import type { Answer, AuditRecord, Problem, Request, Row, Sql } from './database-messages.ts';

/** What the thread of the database could not do. */
export class DatabaseError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = 'DatabaseError';
    this.problem = problem;
  }
}

interface Waiting {
  resolve(rows: readonly Row[]): void;
  reject(error: Error): void;
}

type Body = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never;

export interface DatabaseOptions {
  /** Is told what the operator should know, at the start and later. */
  readonly warn: (message: string) => void;
  /** Bytes after which the next file of the audit is begun. */
  readonly segmentBytes?: number;
}

/** The database of a state folder, which a thread of its own has open. */
export class Database {
  readonly #worker: Worker;
  readonly #warn: (message: string) => void;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  /** Why nothing is answered any more. */
  #over: Error | undefined;
  #head: Head = genesis;

  private constructor(folder: string, { warn, segmentBytes }: DatabaseOptions) {
    this.#warn = warn;
    this.#worker = new Worker(join(packageRoot, 'dist/store.cjs'), { workerData: { folder, segmentBytes } });
  }

  /**
   * @throws BAD_FILE, in one line: another box has it, a newer program wrote it, it cannot be read or written
   */
  static async open(folder: string, options: DatabaseOptions): Promise<Database> {
    // Whoever may write there may put links and files of their own in the place of ours.
    if ((statSync(folder).mode & 0o022) !== 0) throw errors.BAD_FILE(folder, `is open to other users; run: chmod 700 ${folder}`);
    const database = new Database(folder, options);
    try {
      await database.#opened();
      return database;
    } catch (error) {
      const problem = error instanceof DatabaseError ? error.problem : { code: '', message: String(error) };
      throw errors.BAD_FILE(folder, sentenceOf(problem), error);
    }
  }

  #opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#worker.on('message', (answer: Answer) => {
        if (answer.kind === 'open') {
          this.#head = answer.head;
          this.#rest();
          resolve();
        } else if (answer.kind === 'warning') this.#warn(answer.message);
        else if (answer.id === 0 && answer.kind === 'failed') reject(new DatabaseError(answer.problem));
        else this.#answered(answer);
      });
      const ended = (error: Error): void => {
        this.#over ??= error;
        reject(error);
        for (const { reject: fail } of this.#waiting.values()) fail(error);
        this.#waiting.clear();
      };
      this.#worker.on('error', ended);
      this.#worker.on('exit', () => ended(new DatabaseError({ code: 'ENDED', message: 'the thread of the database has ended' })));
    });
  }

  #answered(answer: Exclude<Answer, { kind: 'open' | 'warning' }>): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.kind === 'done') {
      this.#head = answer.head;
      waiting?.resolve(answer.rows);
    } else waiting?.reject(new DatabaseError(answer.problem));
    this.#rest();
  }

  /** A thread without work keeps no process alive. */
  #rest(): void {
    if (this.#waiting.size === 0) this.#worker.unref();
  }

  #ask(body: Body): Promise<readonly Row[]> {
    if (this.#over) return Promise.reject(this.#over);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage({ ...body, id });
    });
  }

  /** Of the audit, as of the last answer. */
  get head(): Head {
    return this.#head;
  }

  /**
   * One transaction, on disk when it resolves.
   * @param isAwaited  somebody waits for it
   */
  async write(statements: readonly Sql[], records: readonly AuditRecord[], isAwaited: boolean): Promise<void> {
    await this.#ask({ kind: 'write', statements, records, isAwaited });
  }

  read(text: string, values: Sql[1] = []): Promise<readonly Row[]> {
    return this.#ask({ kind: 'read', sql: [text, values] });
  }

  /** Resolves when its thread answers, whatever; rejects when it never will again. */
  async pulse(): Promise<void> {
    await this.read('select 1').catch((error) => {
      if (this.#over) throw error;
    });
  }

  async writeHead(text: string): Promise<void> {
    await this.#ask({ kind: 'head', text });
  }

  async close(): Promise<void> {
    try {
      await this.#ask({ kind: 'close' });
    } finally {
      await this.#worker.terminate();
    }
  }
}

function sentenceOf({ code, message }: Problem): string {
  if (code.startsWith('SQLITE_BUSY')) return 'another box keeps its state there; stop that one, or give --state another folder';
  if (code === 'FORMAT') return `${message}; use that version`;
  return `cannot be used for the state of a box: ${message}`;
}
