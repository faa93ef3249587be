import { TypedEmitter } from '../hosts/common/index.ts';
import { type Deployed, deployedOf, type Status, statusOf, type Times } from './answers.ts';
import { type Audit, acceptedRecord, type Source } from './audit/index.ts';
import { missingOf } from './dependencies.ts';
import { type Change, checkFile, type DeployStatement, sizeLimits } from './envelope/index.ts';
import { errors, isServiceError, type ServiceError, type Subject, shown } from './errors.ts';
import { type BoxIdentity, openSealed } from './identity/index.ts';
import { blobsOf, contentsOf, type Store, type Version } from './store/index.ts';
import type { Bounds, Cargo, Supervisor } from './supervisor/index.ts';
import type { Needs } from './transfers.ts';
import { type Admission, keysBehind, type TrustList, type Verdict, type VerifiedStatement } from './trust/index.ts';

/** Opening one takes some milliseconds of the box's own thread. */
const MOST_SEALED = 32;

/** What came of a statement, once it was carried out. */
export type Outcome = Deployed | Status;

/** Digests of the files that the box lacks; the statement was not accepted yet. */
export interface Lacking {
  readonly needs: readonly string[];
}

/** What came of taking a statement: an error that refuses it, or in time what it led to. */
export type Taken<T> = Promise<T> | ServiceError;

export interface IntakeParts {
  readonly store: Store;
  readonly identity: Pick<BoxIdentity, 'ids' | 'sealSecretOf'>;
  readonly supervisor: Supervisor;
  readonly audit: Audit;
  readonly trust: Pick<TrustList, 'isRevoked'>;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Why nothing may be started on this box; undefined if it may. */
  readonly weakness: () => string | undefined;
  /** By name: modules that only this box has. */
  readonly modules: Required<Cargo>['modules'];
  /** What of this box a version may talk to while it runs. */
  readonly services: (version: Version) => Required<Cargo>['services'];
}

export interface IntakeEvents {
  deployed: [Deployed];
  /** A statement was refused; or it was accepted, and what it asked for failed. */
  rejected: [error: ServiceError, how: 'refused' | 'failed'];
}

/** A statement on its way: who admitted it, until when its record is durable, and when it got how far. */
interface Accepted {
  readonly verified: VerifiedStatement;
  readonly admission: Admission;
  readonly durable: Promise<void>;
  readonly verifiedAt: number;
}

/** The middle of the straight line: from an admitted statement to what the supervisor does about it. */
export class Intake extends TypedEmitter<IntakeEvents> {
  readonly #parts: IntakeParts;

  constructor(parts: IntakeParts) {
    super();
    this.#parts = parts;
  }

  /**
   * Takes a statement. What is returned as an error was not accepted; what rejects was, and failed.
   * @param admit      verifies it, in the same turn; may throw an error instead of returning it
   * @param admission  to be asked again at the moment of start
   * @param ask        asks the sender for files that the box lacks, where it can send them; else that is MISSING_BLOB
   */
  take(admit: () => Verdict, from: Source, admission: Admission): Taken<Outcome>;
  take(admit: () => Verdict, from: Source, admission: Admission, ask: (needs: Needs) => void): Taken<Outcome | Lacking>;
  take(admit: () => Verdict, from: Source, admission: Admission, ask?: (needs: Needs) => void): Taken<Outcome | Lacking> {
    let accepted: Accepted;
    try {
      const verified = admit();
      if (isServiceError(verified)) return this.#refused(verified, from);
      const needs = this.#needsOf(verified);
      if (ask && needs.size > 0) {
        ask(needs);
        return Promise.resolve({ needs: [...needs.keys()] });
      }
      if (needs.size > 0) throw errors.MISSING_BLOB([...needs.keys()]).about(subjectOf(verified));
      accepted = this.#accept(verified, from, admission);
    } catch (error) {
      if (isServiceError(error)) return this.#refused(error, from);
      throw error;
    }
    return this.#carryOut(accepted);
  }

  #refused(error: ServiceError, from: Source): ServiceError {
    this.#parts.audit.refused(error, from);
    this.emit('rejected', error, 'refused');
    return error;
  }

  /** After all that can be checked without the files. */
  #needsOf(verified: VerifiedStatement): Needs {
    const { statement } = verified;
    try {
      this.#checkHere(statement);
    } catch (error) {
      throw isServiceError(error) ? error.about(subjectOf(verified)) : error;
    }
    const { blobs } = this.#parts.store;
    return new Map(statement.action === 'deploy' ? [...blobsOf(statement)].filter(([digest]) => !blobs.has(digest)) : []);
  }

  /** All in one turn: between the checks and the reservation of nonce and sequence nothing else happens. */
  #accept(verified: VerifiedStatement, from: Source, admission: Admission): Accepted {
    const verifiedAt = this.#parts.now();
    try {
      const record = acceptedRecord(verified, from);
      const durable = this.#parts.store.accept(verified, record);
      this.#parts.audit.told(record);
      return { verified, admission, durable, verifiedAt };
    } catch (error) {
      throw isServiceError(error) ? error.about(subjectOf(verified)) : error;
    }
  }

  /** What only this box can say of a statement that is to be believed. */
  #checkHere(statement: Change): void {
    const { supervisor, weakness } = this.#parts;
    supervisor.checkRoomFor(statement.action === 'deploy' ? 'deploy' : 'other', statement.swarmlet);
    if (statement.action === 'undeploy' || statement.action === 'input') return;
    const weak = weakness();
    if (weak !== undefined) throw errors.MISSING_DEPENDENCY([weak]);
    if (statement.action === 'rollback') this.#storedVersion(statement.swarmlet, statement.to);
    if (statement.action !== 'deploy') return;
    const missing = missingOf(statement, this.#parts.modules);
    if (missing.length > 0) throw errors.MISSING_DEPENDENCY(missing);
    checkFiles(statement);
    const sealed = Object.keys(statement.sealed ?? {}).length;
    if (sealed > MOST_SEALED) throw errors.TOO_LARGE('sealed', MOST_SEALED, sealed, 'entries');
  }

  #storedVersion(swarmlet: string, digest: string): Version {
    const version = this.#parts.store.version(swarmlet, digest);
    if (!version) throw errors.NOT_FOUND(`${swarmlet} ${digest}`);
    return version;
  }

  // ----------------------------------------------------------------------------------- what is done

  async #carryOut(accepted: Accepted): Promise<Outcome> {
    const { audit } = this.#parts;
    const { verified } = accepted;
    try {
      const outcome = await this.#execute(accepted);
      this.#settle(verified.statement);
      audit.executed(verified, outcome.state);
      return outcome;
    } catch (error) {
      const postponed = isServiceError(error) && error.code === 'BUSY' && (await this.#isPostponed(accepted));
      if (!postponed) this.#settle(verified.statement);
      if (!isServiceError(error)) throw error;
      const told = postponed ? errors.BUSY('stopping', 'it took this statement, and carries it out when it starts again') : error;
      const known = told.about(subjectOf(verified));
      audit.executed(verified, error.code);
      this.emit('rejected', known, 'failed');
      throw known;
    }
  }

  /** True if the box stops before it got to that statement: it stays in the store, and the next start carries it out. */
  async #isPostponed({ verified: { statement }, durable }: Accepted): Promise<boolean> {
    const { store, supervisor } = this.#parts;
    if (!supervisor.isClosing || !store.isDurable || statement.action === 'input') return false;
    return durable.then(
      () => true,
      () => false,
    );
  }

  #settle(statement: Change): void {
    if (statement.action !== 'input') this.#parts.store.settled(statement.swarmlet, statement.sequence);
  }

  /** Every action has its turn in the queue of its name at once, and waits there for the disk: so they stay in order. */
  async #execute(accepted: Accepted): Promise<Outcome> {
    const { supervisor, store } = this.#parts;
    const { verified, durable } = accepted;
    const { statement } = verified;
    const { swarmlet } = statement;
    switch (statement.action) {
      case 'deploy': {
        const deployed = await this.#run(this.#storedVersion(swarmlet, verified.digest), statement.sequence, accepted);
        this.emit('deployed', deployed);
        return deployed;
      }
      case 'rollback':
        await this.#run(this.#storedVersion(swarmlet, statement.to), statement.sequence, accepted);
        break;
      case 'undeploy':
        await supervisor.undeploy(swarmlet, durable);
        store.placed(swarmlet, null);
        break;
      case 'restart':
        await supervisor.restart(swarmlet, durable, (version) => this.#refuseRevoked(version));
        break;
      case 'input':
        await supervisor.provideInput(swarmlet, statement.port, statement.value, durable);
        break;
    }
    return this.status(swarmlet);
  }

  async #run(version: Version, sequence: number, { verified, admission, durable, verifiedAt }: Accepted): Promise<Deployed> {
    const { supervisor, store, now } = this.#parts;
    const { swarmlet } = version.statement;
    let storedAt = verifiedAt;
    const stored = durable.then(() => {
      storedAt = now();
    });
    stored.catch(() => {}); // it may be refused before its turn has come
    const permitted = (): Bounds => {
      this.#refuseRevoked(version);
      return admission.recheck(verified);
    };
    // It may run while it is written, and is on disk before anything of it is heard or reaches anything.
    const load = async (): Promise<Cargo> => ({ ...(await this.cargoOf(version)), bounds: permitted() });
    const started = await supervisor.deploy(version, load, () => stored.then(permitted));
    const state = store.history(swarmlet).find((entry) => entry.version === version)?.state ?? 'running';
    const times: Times = { receivedAt: verified.receivedAt, verifiedAt, storedAt, ...started };
    return deployedOf(version, sequence, state, times);
  }

  /** What a version needs to run; fetched when it is about to. */
  async cargoOf(version: Version): Promise<Cargo> {
    const { store, identity, services, modules } = this.#parts;
    const files = await contentsOf(version, store.blobs);
    return { files, modules, services: services(version), secrets: () => openSealed(identity, version.statement.sealed) };
  }

  #refuseRevoked({ signers }: Version): void {
    const revoked = keysBehind(signers).find((keyId) => this.#parts.trust.isRevoked(keyId));
    if (revoked) throw errors.REVOKED_KEY(revoked);
  }

  /** @throws NOT_FOUND */
  status(swarmlet: string): Status {
    const { supervisor, store } = this.#parts;
    return statusOf(supervisor.snapshot(swarmlet), store.lastSequence(swarmlet)?.sequence ?? 0);
  }
}

/** @throws DIGEST_MISMATCH, TOO_LARGE */
function checkFiles({ files }: DeployStatement): void {
  for (const [name, file] of Object.entries(files)) {
    if (file.text !== undefined) checkFile(name, file, Buffer.from(file.text));
    else if (file.size > sizeLimits.blobBytes) throw errors.TOO_LARGE(`File ${shown(name)}`, sizeLimits.blobBytes, file.size);
  }
}

function subjectOf({ statement, keyId, principal, digest }: VerifiedStatement): Subject {
  return { keyId, principal, digest, action: statement.action, swarmlet: statement.swarmlet };
}
