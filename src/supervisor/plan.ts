import { type IsolateLimits, isolateDefaults, type SwarmletImage } from '../../hosts/node/isolate/index.ts';
import { type DeployStatement, durationMs } from '../envelope/index.ts';
import type { Version } from '../store/index.ts';
import type { RunPolicy } from './restart.ts';

/** What a version needs to run, with the defaults of PROTOCOL 3 and 7 filled in. */
export interface Plan {
  readonly image: SwarmletImage;
  readonly limits: IsolateLimits;
  readonly run: RunPolicy;
}

/** @param defaults  limits of this box for what the statement leaves open */
export function planOf({ statement }: Version, defaults: Partial<IsolateLimits>): Plan {
  return { image: imageOf(statement), limits: limitsOf(statement, defaults), run: runPolicyOf(statement) };
}

function imageOf(statement: DeployStatement): SwarmletImage {
  const { swarmlet, main, files, parameters = {}, inputs = {}, capabilities = [] } = statement;
  const sources = new Map(Object.entries(files).map(([name, file]) => [name, file.text ?? '']));
  return { name: swarmlet, main, files: sources, modules: [], parameters, inputs, trusted: capabilities.includes('trusted') };
}

function limitsOf({ limits = {} }: DeployStatement, defaults: Partial<IsolateLimits>): IsolateLimits {
  const asked = Object.entries(limits).filter(([name, value]) => name in isolateDefaults && value !== undefined);
  return { ...isolateDefaults, ...defaults, ...Object.fromEntries(asked) };
}

function runPolicyOf({ run = {} }: DeployStatement): RunPolicy {
  const { for: length = 'forever', restart = 'on-failure' } = run;
  return { for: length === 'forever' || length === 'once' ? length : { ms: durationMs(length) }, restart };
}
