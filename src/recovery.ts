import { availableParallelism } from 'node:os';
import type { Audit } from './audit/index.ts';
import { isServiceError, type ServiceError } from './errors.ts';
import type { HistoryEntry, Remembered, Store, Version } from './store/index.ts';
import { type Bounds, type Cargo, type Past, type Reason, restOf, type Supervisor } from './supervisor/index.ts';

export interface RecoveryParts {
  readonly store: Store;
  readonly supervisor: Supervisor;
  readonly audit: Audit;
  /**
   * Whether a version may be started now.
   * @returns what it is bounded by
   * @throws ServiceError
   */
  readonly check: (version: Version) => Bounds;
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
  const remembered = parts.store.remembered().map((one) => withGivenBack(one, parts.store));
  const found = await Promise.all(remembered.map((one) => fetched(one, parts)));
  const slots = new Slots(atOnce);
  for (const one of found) {
    for (const start of startsOf(one, parts, slots)) start.catch((error) => parts.failed(one.swarmlet, error));
  }
}

/** The box ended when a new version had failed, before the one that it had replaced had its place again. */
function withGivenBack(remembered: Remembered, store: Store): Remembered {
  const { swarmlet, shown, placed, previous } = remembered;
  if (!placed || !previous || shown?.state !== 'failed' || Date.parse(shown.at) > previous.until) return remembered;
  store.placed(swarmlet, previous.entry.version.digest, { givenBack: true });
  return { ...remembered, shown: previous.entry, previous: undefined };
}

type Fetched = Remembered & { readonly cargo: Cargo | undefined; readonly cargoBefore: Cargo | undefined };

/** With the files of the version in place and of the one that may get it back, if they are as they were. */
async function fetched(remembered: Remembered, parts: RecoveryParts): Promise<Fetched> {
  const { shown, previous } = remembered;
  const cargo = shown && (await cargoIfWhole(shown.version, parts));
  const cargoBefore = previous && (await cargoIfWhole(previous.entry.version, parts));
  return { ...remembered, shown: cargo && shown, cargo, cargoBefore };
}

async function cargoIfWhole(version: Version, { cargoOf, audit, warn }: RecoveryParts): Promise<Cargo | undefined> {
  const { swarmlet } = version.statement;
  try {
    return await cargoOf(version);
  } catch (error) {
    if (!isServiceError(error)) throw error;
    audit.skipped(swarmlet, version.digest, 'altered', error.message);
    warn(`The files of ${version.digest} of ${swarmlet} are not as they were; it is skipped: ${error.message}`);
    return undefined;
  }
}

function startsOf(fetched: Fetched, parts: RecoveryParts, slots: Slots): Promise<unknown>[] {
  const { store, supervisor, check, cargoOf } = parts;
  const { swarmlet, shown, cargo } = fetched;
  const { placed, wanted, anew, next } = wishOf(fetched, store);
  const { refusal, bounds } = shown ? permission(shown.version, parts, wanted) : {};
  const runs = shown !== undefined && wanted && refusal === undefined;
  if (shown && cargo) {
    const past = pastOf(shown, runs, wanted && refusal?.code === 'REVOKED_KEY' ? 'revoked' : shown.reason, anew);
    supervisor.restore(
      { version: shown.version, cargo: { ...cargo, ...(bounds && { bounds }) }, past },
      placed,
      runs ? previousOf(fetched, parts) : undefined,
    );
    if (!runs) store.changed(swarmlet, shown.version.digest, { ...shown, state: past.state.status, reason: past.reason });
  }
  const load = async (version: Version): Promise<Cargo> => {
    const bounds = check(version);
    return { ...(await cargoOf(version)), bounds };
  };
  // In the order of their turns: what is to follow needs one that it can give the place back to.
  const first = runs ? [slots.use((slot) => supervisor.resume(swarmlet, slot, check))] : [];
  const later = next.map(({ version, sequence }) =>
    slots.use((slot) => supervisor.deploy(version, () => slot.then(() => load(version)))).finally(() => store.settled(swarmlet, sequence)),
  );
  return [...first, ...later];
}

/** What gets the place back if the version that has it fails while its probation lasts. */
function previousOf({ previous, cargoBefore }: Fetched, parts: RecoveryParts): Parameters<Supervisor['restore']>[2] {
  if (!previous || !cargoBefore) return undefined;
  const { entry, until } = previous;
  const { refusal, bounds } = permission(entry.version, parts, false);
  if (refusal) return undefined;
  return {
    stored: {
      version: entry.version,
      cargo: { ...cargoBefore, ...(bounds && { bounds }) },
      past: pastOf(entry, false, entry.reason, false),
    },
    until,
  };
}

/** What was wanted of a name when the box ended: its version, and those that were accepted and not tried to the end. */
function wishOf({ swarmlet, shown, placed: wasPlaced, pending }: Remembered, store: Store) {
  let placed = wasPlaced;
  let wanted = placed && shown !== undefined && !hadEnded(shown);
  let anew = false;
  let next: { readonly version: Version; readonly sequence: number }[] = [];
  for (const { action, digest, sequence } of pending) {
    const version = digest === null ? undefined : store.version(swarmlet, digest);
    if (version) {
      next.push({ version, sequence });
      continue;
    }
    if (action === 'undeploy') {
      placed = false;
      wanted = false;
      next = [];
      store.placed(swarmlet, null);
    }
    if (action === 'restart' && placed) {
      wanted = true;
      anew = true;
      if (shown) store.placed(swarmlet, shown.version.digest);
    }
    store.settled(swarmlet, sequence);
  }
  return { placed, wanted, anew, next };
}

/** Of a version that has the place: nothing of it was to run any more. */
function hadEnded({ state, reason, firstRunningAt, version }: HistoryEntry): boolean {
  if (state === 'superseded') return false; // by one that was only about to start
  // The box ended between the failure and the decision to try again.
  const isTriedAgain = version.statement.run?.restart !== 'never' && reason !== 'crash-loop' && firstRunningAt !== undefined;
  if (state === 'failed') return !isTriedAgain;
  return restOf(state, null) !== undefined;
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

/** @param wanted  it should run, so that a refusal is worth a word */
function permission(version: Version, { check, audit, warn }: RecoveryParts, wanted: boolean): Permission {
  try {
    return { bounds: check(version) };
  } catch (error) {
    if (!isServiceError(error)) throw error;
    if (!wanted) return { refusal: error };
    const { swarmlet } = version.statement;
    audit.skipped(swarmlet, version.digest, error.code, error.message);
    warn(`${version.digest} of ${swarmlet} is not started again: ${error.message}`);
    return { refusal: error };
  }
}

interface Permission {
  readonly bounds?: Bounds;
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
