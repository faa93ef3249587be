import type { ServiceError } from '../errors.ts';
import type { StateChange } from '../supervisor/index.ts';
import type { VerifiedAuthentication, VerifiedStatement } from '../trust/index.ts';
import type { Log } from './log.ts';
import { StrangerCounts } from './strangers.ts';

/** Where a statement came from. */
export interface Source {
  /** Of a caller, or how else it reached the box. */
  readonly address: string;
  /** The principal of an authenticated connection. */
  readonly caller?: string;
}

/** Tells of every accepted, refused and executed statement and every change of state, one record each (PROTOCOL 8). */
export class Audit {
  readonly #log: Log;
  readonly #strangers: StrangerCounts;

  constructor(log: Log) {
    this.#log = log;
    this.#strangers = new StrangerCounts((address, code, count) => log.warn({ event: 'strangers', address, code, count }));
  }

  accepted(verified: VerifiedStatement | VerifiedAuthentication, { address, caller }: Source): void {
    const { statement, principal, keyId, digest } = verified;
    const swarmlet = 'swarmlet' in statement ? statement.swarmlet : undefined;
    const { version, origin } = statement.action === 'deploy' ? statement : {};
    this.#log.info({ event: 'accepted', action: statement.action, swarmlet, version, digest, principal, keyId, address, caller, origin });
  }

  /** By somebody who is known; the others are counted. */
  refused(error: ServiceError, { address, caller }: Source): void {
    if (caller === undefined && error.subject.principal === undefined) {
      this.count(address, error.code);
      return;
    }
    this.#log.warn({ event: 'refused', code: error.code, ...error.subject, address, caller, message: error.message });
  }

  /** @param outcome  the state it came to, or the code of the error */
  executed({ statement, digest, principal }: VerifiedStatement, outcome: string): void {
    const { action, swarmlet } = statement;
    this.#log.info({ event: 'executed', action, swarmlet, digest, principal, outcome });
  }

  state({ version, from, to, reason }: StateChange): void {
    const { statement, digest } = version;
    this.#log.info({ event: 'state', swarmlet: statement.swarmlet, version: statement.version, digest, from, to, reason });
  }

  /** One of many that are not worth a record each. */
  count(address: string, code: string): void {
    this.#strangers.add(address, code);
  }

  close(): void {
    this.#strangers.flush();
  }
}
