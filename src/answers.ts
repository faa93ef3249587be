import type { DeployStatement } from './envelope/index.ts';
import type { Reading } from './metrics/index.ts';
import type { HistoryEntry, Version } from './store/index.ts';
import type { Snapshot, Started } from './supervisor/index.ts';

/** Answers of the protocol (PROTOCOL 4, 3 and 5). Times are RFC 3339, UTC. */
export interface Status {
  readonly swarmlet: string;
  readonly version: string;
  readonly digest: string;
  readonly content: string;
  /** The last one that was accepted for this name: the next has to be greater. */
  readonly sequence: number;
  readonly state: string;
  readonly reason: string | null;
  readonly principal: string;
  /** Of a version that a swarmlet of another box pushed (PROTOCOL 3.5). */
  readonly origin?: DeployStatement['origin'];
  readonly since: string;
  readonly isolation: string;
  readonly level: string;
  readonly limits: Readonly<Record<string, number>>;
  readonly usage: Snapshot['usage'];
}

/** What metrics tell of a box beyond its swarmlets. Times are Unix milliseconds. */
export interface ServiceGauges
  extends Pick<
    Reading,
    'minimum' | 'mostSwarmlets' | 'pool' | 'connections' | 'refusals' | 'audit' | 'trustedKeys' | 'keyExpiry' | 'certificateExpiry'
  > {
  /** Folder; '' for none. */
  readonly state: string;
}

export interface Deployed {
  readonly swarmlet: string;
  readonly version: string;
  readonly digest: string;
  readonly sequence: number;
  readonly state: string;
  readonly principal: string;
  readonly timeline: Readonly<Record<'receivedAt' | 'verifiedAt' | 'storedAt' | 'startedAt' | 'runningAt', string>>;
}

export function statusOf({ version, state, reason, since, isolation, level, limits, usage }: Snapshot, sequence: number): Status {
  const { statement, digest, content, principal } = version;
  return {
    swarmlet: statement.swarmlet,
    version: statement.version,
    digest,
    content,
    sequence,
    state: state.status,
    reason,
    principal,
    ...(statement.origin && { origin: statement.origin }),
    since,
    isolation,
    level,
    limits: { ...limits },
    usage,
  };
}

/** Milliseconds of one deployment, Unix time. */
export interface Times extends Started {
  readonly receivedAt: number;
  readonly verifiedAt: number;
  readonly storedAt: number;
}

export function deployedOf({ statement, digest, principal }: Version, sequence: number, state: string, times: Times): Deployed {
  const at = (ms: number): string => new Date(ms).toISOString();
  return {
    swarmlet: statement.swarmlet,
    version: statement.version,
    digest,
    sequence,
    state,
    principal,
    timeline: {
      receivedAt: at(times.receivedAt),
      verifiedAt: at(times.verifiedAt),
      storedAt: at(times.storedAt),
      startedAt: at(times.startedAt),
      runningAt: at(times.runningAt),
    },
  };
}

/** Files whose text differs between a version and the one before it that is kept. */
export interface Changes {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** Names of each kind that are told of one version. */
const MOST_NAMES = 50;

function changesBetween(before: Version, { statement: { files } }: Version): Changes {
  const old = before.statement.files;
  const names = Object.keys(files);
  const first = (found: readonly string[]): readonly string[] => found.slice(0, MOST_NAMES);
  return {
    added: first(names.filter((name) => !Object.hasOwn(old, name))),
    changed: first(names.filter((name) => Object.hasOwn(old, name) && old[name]?.sha256 !== files[name]?.sha256)),
    removed: first(Object.keys(old).filter((name) => !Object.hasOwn(files, name))),
  };
}

/** @param entries  newest first */
export function historyOf(entries: readonly HistoryEntry[]): object[] {
  return entries.map(({ version, state, reason, givenBack }, i) => ({
    version: version.statement.version,
    digest: version.digest,
    content: version.content,
    sequence: version.statement.sequence,
    principal: version.principal,
    receivedAt: version.receivedAt,
    state,
    reason,
    ...(givenBack && { givenBack }),
    ...(entries[i + 1] && { changes: changesBetween((entries[i + 1] as HistoryEntry).version, version) }),
  }));
}
