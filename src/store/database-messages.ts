import type { AuditFields, Head } from './chain.ts';

/** What a statement of SQL takes and what a row has. */
export type SqlValue = string | number | null | Uint8Array;
export type Row = Readonly<Record<string, SqlValue>>;

/** One statement of SQL with its values. */
export type Sql = readonly [text: string, values: readonly SqlValue[]];

/** To the thread of the database; each is answered, in order. */
export type Request =
  /** One transaction, on disk when it is answered: the statements, then the records in the order given. */
  | {
      readonly kind: 'write';
      readonly id: number;
      readonly statements: readonly Sql[];
      readonly records: readonly AuditRecord[];
      /** Somebody waits for it: what the database has to do for itself is left for later. */
      readonly isAwaited: boolean;
    }
  | { readonly kind: 'read'; readonly id: number; readonly sql: Sql }
  /** A new `audit.head`. */
  | { readonly kind: 'head'; readonly id: number; readonly text: string }
  | { readonly kind: 'close'; readonly id: number };

export interface AuditRecord {
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly fields: AuditFields;
}

export type Answer =
  /** The first one, when the database is open. */
  | { readonly kind: 'open'; readonly head: Head }
  /** Something that the operator should know. */
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'done'; readonly id: number; readonly head: Head; readonly rows: readonly Row[] }
  | { readonly kind: 'failed'; readonly id: number; readonly problem: Problem };

export interface Problem {
  /** Of SQLite or of the system. */
  readonly code: string;
  readonly message: string;
}
