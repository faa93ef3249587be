import {
  type HostService,
  type IsolateLimits,
  type IsolateTier,
  isolateDefaults,
  type SwarmletImage,
} from '../../hosts/node/isolate/index.ts';
import { type DeployStatement, durationMs } from '../envelope/index.ts';
import type { Version } from '../store/index.ts';
import type { PolicyRule } from '../trust/index.ts';
import { type BoxModule, reachOf } from './reach.ts';
import type { RunPolicy } from './restart.ts';

/** What of a version is fetched when it is about to run. */
export interface Cargo {
  /** Name -> text. */
  readonly files: ReadonlyMap<string, string>;
  /**
   * The sealed parameters in clear; asked for at each start, so that they are kept nowhere.
   * @throws ServiceError
   */
  readonly secrets: () => Readonly<Record<string, unknown>>;
  /** Of this box, by the name of their module, as far as they were granted. */
  readonly services?: ReadonlyMap<string, HostService>;
  /** By name: modules that only this box has. */
  readonly modules?: ReadonlyMap<string, BoxModule>;
  /** The most that whoever deploys it may have; also of what the statement leaves open. */
  readonly bounds?: Bounds;
}

export type Bounds = Pick<PolicyRule, 'limits' | 'capabilities'>;

/** What one swarmlet may use, in its isolate and across isolates. */
export interface SwarmletLimits extends IsolateLimits {
  /** A new version that fails within this time gives its place back to the one before it. */
  readonly probationMs: number;
  /** Allowed within a minute; one more is a crash loop. */
  readonly restarts: number;
}

export const limitDefaults: SwarmletLimits = Object.freeze({ ...isolateDefaults, probationMs: 10_000, restarts: 5 });

/** What a version needs to run, with the defaults of PROTOCOL 3 and 7 filled in. */
export interface Plan {
  readonly image: SwarmletImage;
  readonly limits: SwarmletLimits;
  readonly isolation: IsolateTier['name'];
  readonly run: RunPolicy;
  readonly secrets: Cargo['secrets'];
}

/** @param defaults  limits of this box for what the statement leaves open */
export function planOf(version: Version, cargo: Cargo, defaults: Partial<SwarmletLimits>): Plan {
  const { statement } = version;
  return {
    image: imageOf(version, cargo),
    limits: limitsOf(statement, defaults, cargo.bounds?.limits ?? {}),
    isolation: statement.isolation ?? 'process',
    run: runPolicyOf(statement),
    secrets: cargo.secrets,
  };
}

function imageOf(
  { statement, principal }: Version,
  { files, services = new Map(), modules: own = new Map(), bounds }: Cargo,
): SwarmletImage {
  const { swarmlet, main, parameters = {}, inputs = {}, capabilities = [] } = statement;
  const { modules, reach } = reachOf(capabilities, bounds?.capabilities ?? [], own);
  const codes = new Map([...own].map(([name, { code }]) => [name, code]));
  const trusted = capabilities.includes('trusted');
  return { name: swarmlet, principal, main, files, modules, codes, services, reach, parameters, inputs, trusted };
}

function limitsOf(
  { limits = {} }: DeployStatement,
  given: Partial<SwarmletLimits>,
  bounds: Readonly<Record<string, number>>,
): SwarmletLimits {
  const defaults = Object.entries({ ...limitDefaults, ...given });
  const open = defaults.map(([name, value]) => [name, Math.min(value, bounds[name] ?? value)]);
  const asked = Object.entries(limits).filter(([name, value]) => name in limitDefaults && value !== undefined);
  return { ...Object.fromEntries(open), ...Object.fromEntries(asked) };
}

function runPolicyOf({ run = {} }: DeployStatement): RunPolicy {
  const { for: length = 'forever', restart = 'on-failure' } = run;
  return { for: length === 'forever' || length === 'once' ? length : { ms: durationMs(length) }, restart };
}
