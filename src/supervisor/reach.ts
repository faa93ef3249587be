import { boxModules, type Place, type Reach } from '../../hosts/node/index.ts';
import { type Capability, modulesOf, parseCapability } from '../envelope/index.ts';

/** A module that a plugin brings. */
export interface BoxModule {
  /** A CommonJS bundle that requires nothing but what is part of Node, and exports `create(edge)`. */
  readonly code: string;
  /** What it reaches out for; a swarmlet gets that with the module, unless it or its policy names less. */
  readonly reach?: Partial<Reach>;
}

/** Of two lists of places the narrower: what the statement names, else what the policy names, else what modules have by nature. */
function narrowest<T>(named: readonly T[], allowed: readonly T[], natural: readonly T[]): readonly T[] {
  if (named.length > 0) return named;
  return natural.length > 0 && allowed.length > 0 ? allowed : natural;
}

/**
 * What a swarmlet may require, and reach with it.
 * @param asked    capabilities of its statement, which its policy allows
 * @param allowed  those of the rule that allows them, patterns among them
 * @param more     modules that only this box has
 */
export function reachOf(
  asked: readonly string[],
  allowed: readonly string[],
  more: ReadonlyMap<string, BoxModule> = new Map(),
): { modules: readonly string[]; reach: Reach } {
  const capabilities = asked.flatMap((text) => parseCapability(text) ?? []);
  const modules = [...new Set(capabilities.flatMap(modulesOf))];
  // A module that comes with a place brings nothing of its own but that.
  const byName = new Set(capabilities.flatMap((one) => (one.kind === 'connect' || one.kind === 'listen' ? [] : modulesOf(one))));
  const own = [...more].map(([name, { reach }]) => ({ name, reach }));
  const natural = [...boxModules, ...own].filter(({ name }) => byName.has(name)).map(({ reach = {} }) => reach);
  const bounds = allowed.flatMap((text) => parseCapability(text) ?? []);
  const flag = (key: 'serial' | 'interfaces' | 'files'): boolean => natural.some((reach) => reach[key] === true);
  return {
    modules,
    reach: {
      connect: narrowest(
        placesOf(capabilities),
        placesOf(bounds),
        natural.flatMap(({ connect = [] }) => connect),
      ),
      listen: narrowest(
        portsOf(capabilities),
        portsOf(bounds),
        natural.flatMap(({ listen = [] }) => listen),
      ),
      programs: natural.flatMap(({ programs = [] }) => programs),
      serial: flag('serial'),
      interfaces: flag('interfaces'),
      files: byName.has('fs') || flag('files'),
    },
  };
}

function placesOf(capabilities: readonly Capability[]): Place[] {
  return capabilities.flatMap((one) => (one.kind === 'connect' ? [{ host: one.host, port: one.port }] : []));
}

function portsOf(capabilities: readonly Capability[]): (number | '*')[] {
  return capabilities.flatMap((one) => (one.kind === 'listen' ? [one.port] : []));
}
