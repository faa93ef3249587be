import { satisfies } from 'semver';
import { boxModules, moduleName, pureModules } from '../hosts/node/index.ts';
import { type DeployStatement, parseCapability } from './envelope/index.ts';

/** Of the modules that accessors require, as far as they can tell versions apart (spec MODULES.md). */
const MODULE_VERSION = '1.0.0';

const offered: ReadonlySet<string> = new Set([...pureModules, ...boxModules].map(({ name }) => name));

/**
 * What a deployment requires and would not find inside its isolate: modules that this box does not offer, npm packages that
 * it does not carry itself.
 * @param own  by name: modules that only this box has
 */
export function missingOf({ requires = {}, capabilities = [], files }: DeployStatement, own: ReadonlyMap<string, unknown>): string[] {
  const has = (name: string): boolean => offered.has(moduleName(name)) || own.has(moduleName(name));
  const { modules = [], npm = {} } = requires;
  const absent = modules.filter((wanted) => {
    const at = wanted.lastIndexOf('@');
    return !has(wanted.slice(0, at)) || !satisfies(MODULE_VERSION, wanted.slice(at + 1));
  });
  const unknown = capabilities.flatMap((text) => {
    const capability = parseCapability(text);
    return capability?.kind === 'module' && !has(capability.name) ? [`module ${capability.name}`] : [];
  });
  const notCarried = Object.entries(npm).filter(([name]) => !Object.hasOwn(files, `node_modules/${name}.js`));
  return [...absent, ...unknown, ...notCarried.map(([name, range]) => `npm ${name}@${range}`)];
}
