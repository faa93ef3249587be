import { createRequire, isBuiltin } from 'node:module';
import { compileFunction } from 'node:vm';
import { CodedError, type Source } from '../../../common/index.ts';
import { carriedName } from '../../carried-name.ts';
import type { EdgeScope } from '../../edge/index.ts';
import { type AccessorModule, capabilityOf, Modules, moduleName, pureModules } from '../../modules.ts';

/** How many names an error lists. */
const LISTED = 50;

const nodeRequire = createRequire(import.meta.url);

/** What a swarmlet is made of, inside its isolate. */
export interface ImageParts {
  readonly files: ReadonlyMap<string, string>;
  /** Code of the modules that were granted, by their names. */
  readonly modules: ReadonlyMap<string, string>;
  /** Modules that were granted, those that the box does not have included. */
  readonly granted: readonly string[];
}

/** The files and modules of one swarmlet: all that resolves inside it. */
export class Image {
  readonly files: ReadonlyMap<string, string>;
  readonly #granted: ReadonlySet<string>;
  readonly #packages = new Map<string, { exports: unknown }>();
  readonly #modules: Modules;

  /**
   * @param scope  only to be left out when no modules were granted
   * @param more   modules that the runtime itself brings
   */
  constructor({ files, modules, granted }: ImageParts, scope: EdgeScope | undefined, more: readonly AccessorModule[] = []) {
    this.files = files;
    this.#granted = new Set(granted);
    const given = [...modules].map(([name, code]) => moduleOf(name, code));
    this.#modules = new Modules([...pureModules, ...apart, ...given, ...more], (name) => this.#requireCarried(name), scope);
  }

  get require(): (name: string) => unknown {
    return this.#modules.require;
  }

  /**
   * Finds a class among the files: `a/B`, `a/B.js` and `./a/B` are the file `a/B.js` (see `carriedName`).
   * @throws CodedError NOT_FOUND that lists the files
   */
  readonly load = (name: string, from: Source | undefined): Source => {
    const file = carriedName(name);
    const code = this.files.get(file);
    if (code !== undefined) return { code, file, from };
    const names = [...this.files.keys()];
    const listed = names.slice(0, LISTED).join(', ') + (names.length > LISTED ? `, and ${names.length - LISTED} more` : '');
    throw new CodedError('NOT_FOUND', `Accessor ${file} not found on path: the swarmlet carries only ${listed}`);
  };

  /** What is no pure module: a package among the files, `node_modules/NAME.js`. */
  #requireCarried(asked: string): unknown {
    const name = String(asked);
    const file = `node_modules/${name}.js`;
    const known = this.#packages.get(file);
    if (known) return known.exports;
    const code = this.files.get(file);
    if (code === undefined) throw new CodedError('MODULE_NOT_FOUND', this.#missing(name));
    const module = { exports: {} };
    this.#packages.set(file, module); // before it runs: packages may require each other
    try {
      const run = compileFunction(code, ['exports', 'require', 'module', '__filename', '__dirname'], { filename: file });
      run.call(module.exports, module.exports, this.require, module, file, 'node_modules');
    } catch (error) {
      this.#packages.delete(file);
      throw error;
    }
    return module.exports;
  }

  #missing(asked: string): string {
    const name = moduleName(asked);
    if (this.#granted.has(name)) return `Module ${name} was granted, but this box does not have it`;
    return (
      `Module ${name} is not granted to this swarmlet: ask for it with capability "${capabilityOf(name)}", ` +
      `or carry it as node_modules/${asked}.js`
    );
  }
}

const apart: readonly AccessorModule[] = pureModules
  .filter((module) => module.apart)
  .map(({ name }) => ({ name, pure: true, create: (scope) => moduleOf(name, scope.part(`${name}.cjs`).toString()).create(scope) }));

/** A module that came as text: a bundle, which requires nothing but what is part of Node. */
function moduleOf(name: string, code: string): AccessorModule {
  return {
    name,
    pure: false,
    create: (scope) => {
      const filename = `modules/${name}.cjs`;
      const module = { exports: {} as { create(scope: EdgeScope): unknown } };
      const run = compileFunction(code, ['exports', 'require', 'module', '__filename', '__dirname'], { filename });
      run.call(module.exports, module.exports, requireBuiltin, module, filename, 'modules');
      return module.exports.create(scope);
    },
  };
}

/** @throws CodedError for optional packages, which their users do without */
function requireBuiltin(name: string): unknown {
  if (isBuiltin(name)) return nodeRequire(name);
  throw new CodedError('MODULE_NOT_FOUND', `Cannot find module '${name}'`);
}
