import { type IsolateLimits, isolateDefaults, type SwarmletImage } from '../../hosts/node/isolate/index.ts';
import { type DeployStatement, durationMs } from '../envelope/index.ts';
import type { Version } from '../store/index.ts';
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
}

/** What a version needs to run, with the defaults of PROTOCOL 3 and 7 filled in. */
export interface Plan {
  readonly image: SwarmletImage;
  readonly limits: IsolateLimits;
  readonly run: RunPolicy;
  readonly secrets: Cargo['secrets'];
}

/** @param defaults  limits of this box for what the statement leaves open */
export function planOf({ statement }: Version, { files, secrets }: Cargo, defaults: Partial<IsolateLimits>): Plan {
  return { image: imageOf(statement, files), limits: limitsOf(statement, defaults), run: runPolicyOf(statement), secrets };
}

function imageOf(statement: DeployStatement, files: Cargo['files']): SwarmletImage {
  const { swarmlet, main, parameters = {}, inputs = {}, capabilities = [] } = statement;
  return { name: swarmlet, main, files, modules: [], parameters, inputs, trusted: capabilities.includes('trusted') };
}

function limitsOf({ limits = {} }: DeployStatement, defaults: Partial<IsolateLimits>): IsolateLimits {
  const asked = Object.entries(limits).filter(([name, value]) => name in isolateDefaults && value !== undefined);
  return { ...isolateDefaults, ...defaults, ...Object.fromEntries(asked) };
}

function runPolicyOf({ run = {} }: DeployStatement): RunPolicy {
  const { for: length = 'forever', restart = 'on-failure' } = run;
  return { for: length === 'forever' || length === 'once' ? length : { ms: durationMs(length) }, restart };
}
