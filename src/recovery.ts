import { availableParallelism } from 'node:os';
import type { Audit } from './audit/index.ts';
import { isServiceError, type ServiceError } from './errors.ts';
import type { HistoryEntry, Remembered, Store, Version } from './store/index.ts';
import { type Cargo, type Past, type Reason, restOf, type Supervisor } from './supervisor/index.ts';

export interface RecoveryParts {
  readonly store: Store;
  readonly supervisor: Supervisor;
  readonly audit: Audit;
  /**
   * Whether a version may be started now.
   * @returns what its limits are bounded by
   * @throws ServiceError
   */
  readonly check: (version: Version) => Required<Cargo>['bounds'];
  readonly cargoOf: (version: Version) => Promise<Cargo>;
  /** A start that nobody waits for. */
  readonly failed: (swarmlet: string, error: unknown) => void;
  /** For the operator. */
  readonly warn: (message: string) => void;
}

/** A start mostly waits for its isolate; more at once would make all of them late. */
const atOnce = Math.max(4, 2 * availableParallelism());

/**
 * Brings back what should run (DESIGN, PROTOCOL 3.2). When it resolves everything has its place and its turn in the queue of its name, so
 * that what is pushed next comes after it; the starts follow, some at a time.
 */
export async function recover(parts: RecoveryParts): Promise<void> {
  const found = await Promise.all(parts.store.remembered().map((remembered) => fetched(remembered, parts)));
  const slots = new Slots(atOnce);
  for (const one of found) {
    for (const start of startsOf(one, parts, slots)) start.catch((error) => parts.failed(one.swarmlet, error));
  }
}

type Fetched = Remembered & { readonly cargo: Cargo | undefined };

/** With the files of the version in place, if they are as they were. */
async function fetched(remembered: Remembered, parts: RecoveryParts): Promise<Fetched> {
  const { shown, swarmlet } = remembered;
  if (!shown) return { ...remembered, cargo: undefined };
  try {
    return { ...remembered, cargo: await parts.cargoOf(shown.version) };
  } catch (error) {
    if (!isServiceError(error)) throw error;
    parts.audit.skipped(swarmlet, shown.version.digest, 'altered', error.message);
    parts.warn(`The files of ${shown.version.digest} of ${swarmlet} are not as they were; it is skipped: ${error.message}`);
    return { ...remembered, shown: undefined, cargo: undefined };
  }
}

function startsOf(fetched: Fetched, parts: RecoveryParts, slots: Slots): Promise<unknown>[] {
  const { store, supervisor, check, cargoOf } = parts;
  const { swarmlet, shown, cargo } = fetched;
  const { wanted, anew, next } = wishOf(fetched, store);
  const { refusal, bounds = {} } = shown && wanted ? permission(shown.version, parts) : {};
  const runs = shown !== undefined && wanted && refusal === undefined;
  if (shown && cargo) {
    const past = pastOf(shown, runs, refusal?.code === 'REVOKED_KEY' ? 'revoked' : shown.reason, anew);
    supervisor.restore(shown.version, { ...cargo, bounds }, past);
    if (!runs) store.changed(swarmlet, shown.version.digest, { ...shown, state: past.state.status, reason: past.reason });
  }
  const load = async (version: Version): Promise<Cargo> => {
    const limits = check(version);
    return { ...(await cargoOf(version)), bounds: limits };
  };
  const later = next.map(({ version, sequence }) =>
    slots.use((slot) => supervisor.deploy(version, () => slot.then(() => load(version)))).finally(() => store.settled(swarmlet, sequence)),
  );
  return runs ? [slots.use((slot) => supervisor.resume(swarmlet, slot, check)), ...later] : later;
}

/** What was wanted of a name when the box ended: its version, and those that were accepted and not tried to the end. */
function wishOf({ swarmlet, shown, placed, pending }: Remembered, store: Store) {
  // One that still has its place was superseded by one that is only about to start.
  const ended = shown?.state !== 'superseded' && restOf(shown?.state ?? 'stopped', null) !== undefined;
  let wanted = placed && !ended;
  let anew = false;
  let next: { readonly version: Version; readonly sequence: number }[] = [];
  for (const { action, digest, sequence } of pending) {
    const version = digest === null ? undefined : store.version(swarmlet, digest);
    if (version) {
      next.push({ version, sequence });
      continue;
    }
    if (action === 'undeploy') {
      wanted = false;
      next = [];
      store.placed(swarmlet, null, false);
    }
    if (action === 'restart') {
      wanted = true;
      anew = true;
      if (shown) store.placed(swarmlet, shown.version.digest, false);
    }
    store.settled(swarmlet, sequence);
  }
  return { wanted, anew, next };
}

/** What ended stays as it was; what may not be started any more was stopped. */
function pastOf({ state, at, firstRunningAt }: HistoryEntry, runs: boolean, reason: string | null, anew: boolean): Past {
  const rest = restOf(state, reason) ?? { status: 'stopped' };
  return {
    state: runs ? { status: 'staged' } : rest,
    reason: reason as Reason | null,
    since: Date.parse(at),
    firstRunningAt: anew ? undefined : firstRunningAt,
  };
}

function permission(version: Version, { check, audit, warn }: RecoveryParts): Permission {
  try {
    return { bounds: check(version) };
  } catch (error) {
    if (!isServiceError(error)) throw error;
    const { swarmlet } = version.statement;
    audit.skipped(swarmlet, version.digest, error.code, error.message);
    warn(`${version.digest} of ${swarmlet} is not started again: ${error.message}`);
    return { refusal: error };
  }
}

interface Permission {
  readonly bounds?: Required<Cargo>['bounds'];
  readonly refusal?: ServiceError;
}

/** So many tasks are at work at a time, in the order of their calls. */
class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** @param task  called at once; works when `slot` has resolved */
  async use<T>(task: (slot: Promise<void>) => Promise<T>): Promise<T> {
    const slot = this.#free > 0 ? Promise.resolve() : new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#free > 0) this.#free--;
    try {
      return await task(slot);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
