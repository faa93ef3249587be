import { type AccessorApi, CodedError, Host, type Source, WallClock } from '../../../common/index.ts';
import { absentModule } from '../../absent-module.ts';
import { carriedName } from '../../carried-name.ts';
import { compile } from '../../compile.ts';
import { type AccessorModule, Modules, moduleName, pureModules } from '../../modules.ts';
import { nodePlatform } from '../../platform.ts';

/** What a swarmlet needs to be set up, as one swarmlet found it for another. */
export interface InnerClosure {
  readonly main: string;
  /** Name -> JavaScript text. */
  readonly files: Readonly<Record<string, string>>;
  /** Modules that were required and that not every box has. */
  readonly modules: readonly string[];
}

/** A class that is not among the files: perhaps the library of the box has it. */
export class MissingClass extends CodedError {
  readonly file: string;

  constructor(file: string) {
    super('NOT_FOUND', `Accessor ${file} is neither carried by this swarmlet nor in the library of the box`);
    this.file = file;
  }
}

/** Nothing is done with it here: its code need not be. */
function present(module: AccessorModule): AccessorModule {
  return module.apart ? { ...module, create: () => absentModule } : module;
}

/** Source text has lines or statements; the name of a class has neither. */
const isCode = (text: string): boolean => /[\n;{]/.test(text);

/**
 * Finds what belongs to a swarmlet by instantiating it, here inside: its `setup` runs behind the same wall as whoever pushes it.
 * @param source     source text, or the name of a class
 * @param available  files by name that it may be made of
 * @throws MissingClass; what `setup` throws; SyntaxError
 */
export function closureInside(source: string, available: ReadonlyMap<string, string>): InnerClosure {
  const files = new Map<string, string>();
  const modules = new Set<string>();
  const take = (file: string): string => {
    const text = available.get(file);
    if (text === undefined) throw new MissingClass(file);
    files.set(file, text);
    return text;
  };
  const load = (name: string, from: Source | undefined): Source => {
    const file = carriedName(name);
    return { code: take(file), file, from };
  };
  const known = new Modules(pureModules.map(present), (asked) => {
    const file = `node_modules/${asked}.js`;
    // Packages may require each other in ways that only their running shows: all of them go along.
    if (available.has(file)) for (const name of available.keys()) if (name.startsWith('node_modules/')) take(name);
    if (!available.has(file)) modules.add(moduleName(asked));
    return absentModule;
  });
  const host = new Host({
    clock: new WallClock(nodePlatform),
    load,
    compile,
    bindings: () => ({ require: known.require, getResource: () => '' }),
  });
  if (isCode(source)) files.set('Swarmlet.js', source);
  const instance: AccessorApi = isCode(source)
    ? host.instantiateFromCode('swarmlet', source)
    : host.instantiate('swarmlet', source.replace(/\.js$/, ''));
  const { setup, initialize, fire, wrapup } = instance.exports;
  const [main = ''] = files.keys();
  if (![setup, initialize, fire, wrapup].some((one) => one !== undefined)) {
    throw new CodedError('NO_ACCESSOR', `${main} is no accessor: it exports none of setup, initialize, fire and wrapup.`);
  }
  return { main, files: Object.fromEntries(files), modules: [...modules] };
}
