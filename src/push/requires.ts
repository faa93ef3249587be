import { Modules, moduleName, pureModules } from '../../hosts/node/index.ts';

/** The `require` of a swarmlet that is looked at: pure modules work, the others are noted. */
export class Requires {
  readonly #others = new Set<string>();
  readonly require: (name: string) => unknown;

  /** @param standIn  what a module is that not every box has */
  constructor(standIn: (name: string) => unknown) {
    const modules = new Modules(pureModules, (asked) => {
      this.#others.add(moduleName(asked));
      return standIn(asked);
    });
    this.require = modules.require;
  }

  /** Names without scope, as capabilities are named, in order, each once. */
  get beyondPure(): string[] {
    return [...this.#others];
  }
}
