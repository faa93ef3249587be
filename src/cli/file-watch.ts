import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

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
      this.#changed = changed;
      this.#wake();
    });
    return { names, watcher };
  }

  /** The name of a file that was saved since the last call; waits for one. */
  async next(signal: AbortSignal): Promise<string> {
    while (this.#changed === undefined) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    const changed = this.#changed;
    await new Promise((resolve) => setTimeout(resolve, quietMs));
    this.#changed = undefined;
    return changed;
  }

  close(): void {
    for (const { watcher } of this.#folders.values()) watcher.close();
  }
}
