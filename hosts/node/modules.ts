import { createRequire } from 'node:module';
import * as base64 from './modules/base64-js.ts';
import { LocalStorage } from './modules/local-storage.ts';
import * as textDisplay from './modules/text-display.ts';

/** A module that accessor code may require (spec MODULES.md). */
export interface AccessorModule {
  /** Without the scope `@accessors-modules/`; accessor code may write it either way. */
  readonly name: string;
  /** True: it computes only and reaches nothing outside, so every swarmlet has it. Else its name is the capability. */
  readonly pure: boolean;
  /** Called once in a host, when the module is first required. */
  create(): unknown;
}

const nodeRequire = createRequire(import.meta.url);

const pureNodeModules = ['assert', 'events', 'path', 'querystring', 'string_decoder', 'url', 'util'];

/** What every host has, in every isolation tier. */
export const pureModules: readonly AccessorModule[] = [
  ...pureNodeModules.map((name) => ({ name, pure: true, create: () => nodeRequire(`node:${name}`) })),
  { name: 'base64-js', pure: true, create: () => base64 },
  { name: 'text-display', pure: true, create: () => textDisplay },
];

/** What only a host with files and sockets of its own has. */
export const nodeModules: readonly AccessorModule[] = [{ name: 'local-storage', pure: false, create: () => new LocalStorage() }];

/** The modules of one host. */
export class Modules {
  readonly #byName: ReadonlyMap<string, AccessorModule>;
  readonly #otherwise: (name: string) => unknown;
  readonly #made = new Map<string, unknown>();

  /** @param otherwise  what to do with a name that is none of the modules; it throws where there is nothing else */
  constructor(modules: readonly AccessorModule[], otherwise: (name: string) => unknown) {
    this.#byName = new Map(modules.map((module) => [module.name, module]));
    this.#otherwise = otherwise;
  }

  /** @throws Error that names the module */
  readonly require = (asked: string): unknown => {
    const name = String(asked).replace(/^(?:node:|@accessors-modules\/)/, '');
    const module = this.#byName.get(name);
    if (!module) return this.#otherwise(asked);
    if (!this.#made.has(name)) this.#made.set(name, module.create());
    return this.#made.get(name);
  };
}
