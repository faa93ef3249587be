import type { World } from '../hosts/node/isolate/index.ts';
import type { Store } from './store/index.ts';

/** After a change of versions their folders are looked at. */
const waitMs = 50;

/** Data of swarmlets stay as long as a version of their owner does, which could come back to them. */
export class FolderKeeper {
  readonly #folders: World['folders'];
  readonly #store: Pick<Store, 'history'>;
  /** Swarmlets whose folders may have lost their owners. */
  readonly #untidy = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(folders: World['folders'], store: Pick<Store, 'history'>) {
    this.#folders = folders;
    this.#store = store;
  }

  /** Looks before long, so that the start that this follows does not wait for it; what the end of the box comes before is done at its next start. */
  look(swarmlet: string): void {
    this.#untidy.add(swarmlet);
    this.#timer ??= setTimeout(() => this.#tidy(), waitMs).unref();
  }

  #tidy(): void {
    this.#timer = undefined;
    for (const swarmlet of this.#untidy) {
      const principals = this.#store.history(swarmlet).map(({ version }) => version.principal);
      void this.#folders.keep(swarmlet, principals);
    }
    this.#untidy.clear();
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
