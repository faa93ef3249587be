import { compileFunction } from 'node:vm';
import { CodedError, type Source } from '../../../common/index.ts';
import { carriedName } from '../../carried-name.ts';
import { type AccessorModule, Modules, pureModules } from '../../modules.ts';

/** How many names an error lists. */
const LISTED = 50;

/** The files and modules of one swarmlet: all that resolves inside it. */
export class Image {
  readonly files: ReadonlyMap<string, string>;
  readonly #granted: ReadonlySet<string>;
  readonly #packages = new Map<string, { exports: unknown }>();
  readonly #modules: Modules;

  /** @param more  modules beyond the pure ones that this swarmlet has */
  constructor(files: ReadonlyMap<string, string>, granted: readonly string[], more: readonly AccessorModule[] = []) {
    this.files = files;
    this.#granted = new Set(granted);
    this.#modules = new Modules([...pureModules, ...more], (name) => this.#requireCarried(name));
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
    const name = asked.replace(/^(?:node:|@accessors-modules\/)/, '');
    if (this.#granted.has(name)) return `Module ${name} was granted, but this box does not have it`;
    return (
      `Module ${name} is not granted to this swarmlet: ask for it with capability "${name}", ` + `or carry it as node_modules/${asked}.js`
    );
  }
}
