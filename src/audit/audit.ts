import type { ServiceError } from '../errors.ts';
import type { AuditFields, Store } from '../store/index.ts';
import type { StateChange } from '../supervisor/index.ts';
import type { VerifiedAuthentication, VerifiedStatement } from '../trust/index.ts';
import type { Log } from './log.ts';
import { Tally } from './tally.ts';

/** Where a statement came from. */
export interface Source {
  /** Of a caller, or how else it reached the box. */
  readonly address: string;
  /** The principal of an authenticated connection. */
  readonly caller?: string;
  /** The key that it authenticated with. */
  readonly keyId?: string;
}

/** What is told of a statement that was accepted. */
export function acceptedRecord(verified: VerifiedStatement | VerifiedAuthentication, { address, caller }: Source): AuditFields {
  const { statement, principal, keyId, digest } = verified;
  const swarmlet = 'swarmlet' in statement ? statement.swarmlet : undefined;
  const { version, origin } = statement.action === 'deploy' ? statement : {};
  return { event: 'accepted', action: statement.action, swarmlet, version, digest, principal, keyId, address, caller, origin };
}

/** Refusals of one caller, by one code, that have a line each in the log in one second; of the rest it says how many. */
const MOST_LINES = 10;

/** Tells of every accepted, refused and executed statement and every change of state, one record each (PROTOCOL 8). */
export class Audit {
  readonly #log: Log;
  readonly #store: Pick<Store, 'append'>;
  readonly #strangers: Tally;
  readonly #known: Tally;
  /** How often something was refused since the start, by code. */
  readonly refusals = new Map<string, number>();

  /** @param store  keeps the records in their chain; the log is for whoever watches */
  constructor(log: Log, store: Pick<Store, 'append'>) {
    this.#log = log;
    this.#store = store;
    this.#strangers = new Tally((address, code, count) => this.#record('warn', { event: 'strangers', address, code, count }));
    this.#known = new Tally((principal, code, count) => {
      if (count > MOST_LINES) this.#log.warn({ event: 'refused', code, principal, more: count - MOST_LINES });
    });
  }

  #record(level: 'info' | 'warn', fields: AuditFields): void {
    this.#log[level](fields);
    this.#store.append(fields);
  }

  /** The record of an accepted statement, which the store has together with the statement. */
  told(record: AuditFields): void {
    this.#log.info(record);
  }

  authenticated(verified: VerifiedAuthentication, source: Source): void {
    this.#record('info', acceptedRecord(verified, source));
  }

  /** By somebody who is known, who gets a record for each; the others are counted. */
  refused(error: ServiceError, { address, caller, keyId }: Source): void {
    const { code, subject, message } = error;
    const known = caller ?? subject.principal;
    if (known === undefined) {
      this.count(address, code);
      return;
    }
    this.#counted(code);
    const record = { event: 'refused', code, keyId, ...subject, address, caller, message };
    this.#store.append(record);
    if (this.#known.add(known, code) <= MOST_LINES) this.#log.warn(record);
  }

  /** @param outcome  the state it came to, or the code of the error */
  executed({ statement, digest, principal }: VerifiedStatement, outcome: string): void {
    const { action, swarmlet } = statement;
    this.#record('info', { event: 'executed', action, swarmlet, digest, principal, outcome });
  }

  /** A swarmlet of this box had it sign something for another box. */
  pushed(by: string, principal: string, to: string, swarmlet: string, digest: string | null, outcome: string): void {
    this.#record('info', { event: 'pushed', swarmlet, digest, principal, by, to, outcome });
  }

  state({ version, from, to, reason }: StateChange): void {
    const { statement, digest, principal } = version;
    const { swarmlet } = statement;
    this.#record('info', { event: 'state', swarmlet, version: statement.version, digest, principal, from, to, reason });
  }

  /** A version that should run and was not started when the box was. */
  skipped(swarmlet: string, digest: string, reason: string, problem: string): void {
    this.#record('warn', { event: 'skipped', swarmlet, digest, reason, problem });
  }

  /** One of many that are not worth a record each. */
  count(address: string, code: string): void {
    this.#counted(code);
    this.#strangers.add(address, code);
  }

  #counted(code: string): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  close(): void {
    this.#strangers.flush();
    this.#known.flush();
  }
}
