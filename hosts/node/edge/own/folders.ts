import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageRoot } from '../../paths.ts';
import { answerTo, pack, parseCall } from '../folder-call.ts';
import { type Place, Shelf } from './shelf.ts';

/** What the thread is asked, and what it answers; without bytes: it was no call. */
export interface Asked extends Place {
  readonly id: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}
export interface Answered {
  readonly id: number;
  readonly bytes: Uint8Array | undefined;
}

/** The folders of the swarmlets of a box, one for each name, which outlives its versions. */
export class Folders {
  readonly #state: string;
  readonly #waiting = new Map<number, (bytes: Uint8Array | undefined) => void>();
  /** For swarmlets in the loop of the box itself. */
  readonly #here = new Shelf();
  #temporary: string | undefined;
  #worker: Worker | undefined;
  #last = 0;

  /** @param state  folder of the box; '' for one that ends with it */
  constructor(state: string) {
    this.#state = state;
  }

  /** Resolves with the answer; undefined: it was no call. */
  call(swarmlet: string, storageMiB: number, anew: boolean, call: Buffer): Promise<Buffer | undefined> {
    const worker = this.#started();
    const id = ++this.#last;
    const bytes = new Uint8Array(call); // a copy: it is moved to the thread
    return new Promise((resolve) => {
      this.#waiting.set(id, (answer) => resolve(answer && Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength)));
      worker.postMessage({ id, root: this.#root(swarmlet), storageMiB, anew, bytes } satisfies Asked, [bytes.buffer]);
    });
  }

  /** The same at once, for who cannot wait because nothing else runs meanwhile. */
  callNow(swarmlet: string, storageMiB: number, anew: boolean, call: Buffer): Buffer | undefined {
    const parsed = parseCall(call);
    if (!parsed) return undefined;
    return this.#here.answer({ root: this.#root(swarmlet), storageMiB, anew }, (folder) => answerTo(folder, parsed.call, parsed.data));
  }

  #root(swarmlet: string): string {
    if (this.#state !== '') return join(this.#state, 'own', swarmlet);
    this.#temporary ??= mkdtempSync(join(tmpdir(), 'swarmlets-'));
    return join(this.#temporary, swarmlet);
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(join(packageRoot, 'dist/folders.cjs'));
    worker.on('message', ({ id, bytes }: Answered) => {
      this.#waiting.get(id)?.(bytes);
      this.#waiting.delete(id);
    });
    worker.on('error', (error) => this.#lost(error));
    worker.unref(); // only now: a listener of messages holds the process
    this.#worker = worker;
    return worker;
  }

  /** Those who wait are told; the next call begins a new thread. */
  #lost({ message }: Error): void {
    this.#worker = undefined;
    const answer = pack({ error: { message: `The folders cannot be reached: ${message}`, code: 'EIO' } });
    for (const resolve of this.#waiting.values()) resolve(answer);
    this.#waiting.clear();
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    if (this.#temporary !== undefined) rmSync(this.#temporary, { recursive: true, force: true });
  }
}
