import { rmSync } from 'node:fs';
import { sep } from 'node:path';
import { failureOf } from '../failure.ts';
import { pack } from '../folder-call.ts';
import { OwnFolder } from './own-folder.ts';

export interface Place {
  readonly root: string;
  readonly storageMiB: number;
  /** It is this isolate's first call: what is in the folder is measured anew. */
  readonly anew: boolean;
}

/** The folders that are in use, by their paths. */
export class Shelf {
  readonly #folders = new Map<string, OwnFolder>();

  answer({ root, storageMiB, anew }: Place, act: (folder: OwnFolder) => Buffer): Buffer {
    try {
      let folder = anew ? undefined : this.#folders.get(root);
      if (!folder) {
        folder = new OwnFolder(root);
        this.#folders.set(root, folder);
      }
      folder.limit(storageMiB);
      return act(folder);
    } catch (error) {
      return pack({ error: failureOf(error as Error) }); // the folder itself cannot be opened
    }
  }

  /** With all that is in them; what cannot be removed stays for the next time. */
  remove(roots: readonly string[]): undefined {
    for (const root of roots) {
      for (const known of this.#folders.keys()) if (known === root || known.startsWith(root + sep)) this.#folders.delete(known);
      try {
        rmSync(root, { recursive: true, force: true });
      } catch {} // a disk that takes nothing
    }
  }
}
