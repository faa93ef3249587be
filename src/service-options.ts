import type { IsolateTier } from '../hosts/node/isolate/index.ts';
import { type Log, silentLog } from './audit/index.ts';
import type { CertificateFiles } from './certificate.ts';
import type { Neighbourhood } from './discovery/index.ts';
import { errors } from './errors.ts';
import type { GatewayOptions } from './gateway/index.ts';
import type { BoxModule, SupervisorOptions, SwarmletLimits } from './supervisor/index.ts';
import { Policy } from './trust/index.ts';

export type Level = 'P1' | 'P2' | 'P3';

export interface ServiceOptions {
  /** Where others connect; null: statements come by other ways only. */
  readonly listen: { readonly host: string; readonly port: number } | null;
  /** Files of a certificate and its key; null: no TLS. */
  readonly tls: CertificateFiles | null;
  /** Folder of the box's key; '' for a key, and everything else, that ends with the process. */
  readonly state: string;
  /** Files; '' for none. */
  readonly trustedKeys: string;
  readonly revokedKeys: string;
  readonly policy: Policy;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Nothing is run behind a weaker wall. */
  readonly isolationMinimum: Level;
  /** Isolates that wait for a swarmlet. */
  readonly pool: number;
  /** For what a statement leaves open. */
  readonly limits: Partial<SwarmletLimits>;
  /** What becomes of the swarmlets of a key that is revoked. */
  readonly onRevoke: 'stop' | 'keep';
  readonly log: Log;
  /** Other bounds than those of PROTOCOL 7. */
  readonly gateway: Partial<GatewayOptions>;
  readonly supervisor: Partial<SupervisorOptions>;
  /** Knows the boxes out there; undefined: nobody looks for them. */
  readonly neighbourhood: Neighbourhood | undefined;
  /** Ports besides its own at which this box listens, which no swarmlet reaches unless they were granted to it by number. */
  readonly ownPorts: () => readonly number[];
  /** By name: what swarmlets may require beyond the modules of this package. */
  readonly modules: ReadonlyMap<string, BoxModule>;
  /** By the name of the tier whose place it takes: where isolates come from instead. */
  readonly tiers: ReadonlyMap<IsolateTier['name'], () => Promise<IsolateTier>>;
  /** Where isolates come from instead of child processes. */
  readonly tier: IsolateTier | undefined;
  /** Deploy a swarmlet of the box's own before the first of others, so that theirs finds warm code. */
  readonly selfTest: boolean;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export const serviceDefaults: ServiceOptions = Object.freeze({
  listen: null,
  tls: null,
  state: '',
  trustedKeys: '',
  revokedKeys: '',
  policy: new Policy(),
  name: 'box',
  labels: {},
  isolationMinimum: 'P2',
  pool: 2,
  limits: {},
  onRevoke: 'stop',
  log: silentLog,
  gateway: {},
  supervisor: {},
  ownPorts: () => [],
  neighbourhood: undefined,
  modules: new Map(),
  tiers: new Map(),
  tier: undefined,
  selfTest: true,
  now: () => Date.now(),
});

/** @throws BAD_OPTION */
export function serviceOptions(given: Partial<ServiceOptions>): ServiceOptions {
  const options = { ...serviceDefaults, ...given };
  const { listen, pool, isolationMinimum } = options;
  if (listen && !(Number.isInteger(listen.port) && listen.port >= 0 && listen.port <= 65535)) {
    throw errors.BAD_OPTION('listen', 'HOST:PORT with a port from 0 to 65535', listen.port);
  }
  if (!Number.isInteger(pool) || pool < 0) throw errors.BAD_OPTION('pool', 'an integer of 0 or more', pool);
  if (!['P1', 'P2', 'P3'].includes(isolationMinimum)) {
    throw errors.BAD_OPTION('isolation.minimum', 'P1, P2 or P3', isolationMinimum);
  }
  return Object.freeze(options);
}

/** Level reached, weakest first. */
export function isWeaker(level: string, minimum: Level): boolean {
  return level < minimum;
}
