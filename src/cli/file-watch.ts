import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const quietMs = 50; // editors save in several steps

/** Tells when one of a set of files is saved. Folders are watched, since many editors put a new file in the place of the old. */
export class FileWatch {
  #folders = new Map<string, { readonly names: Set<string>; readonly watcher: FSWatcher }>();
  #changed: string | undefined;
  #wake = (): void => {};

  get empty(): boolean {
    return this.#folders.size === 0;
  }

  /** Replaces the set. */
  follow(files: readonly string[]): void {
    const before = this.#folders;
    this.#folders = new Map();
    for (const file of files) {
      const folder = dirname(file);
      const there = this.#folders.get(folder);
      if (there) there.names.add(basename(file));
      else this.#folders.set(folder, this.#open(folder, basename(file)));
    }
    for (const { watcher } of before.values()) watcher.close();
  }

  #open(folder: string, name: string): { names: Set<string>; watcher: FSWatcher } {
    const names = new Set([name]);
    const watcher = watch(folder, (_, changed) => {
      if (changed === null || !names.has(changed)) return;
      this.#changed = join(folder, changed);
      this.#wake();
    });
    return { names, watcher };
  }

  /** The name of a file that was saved since the last call; waits for one, and until it is whole. */
  async next(signal: AbortSignal): Promise<string> {
    for (;;) {
      const changed = await this.#change(signal);
      while (this.#changed !== undefined) {
        this.#changed = undefined;
        await new Promise((resolve) => setTimeout(resolve, quietMs));
      }
      if (!isEmpty(changed)) return basename(changed);
    }
  }

  async #change(signal: AbortSignal): Promise<string> {
    while (this.#changed === undefined) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    return this.#changed;
  }

  close(): void {
    for (const { watcher } of this.#folders.values()) watcher.close();
  }
}

/** Cut to nothing, as many programs do before they write: the rest is on its way. One that is gone was saved, too. */
function isEmpty(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.size === 0;
}
