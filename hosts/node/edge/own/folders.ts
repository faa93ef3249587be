import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageRoot } from '../../paths.ts';
import { answerTo, type FolderCall, pack, parseCall } from '../folder-call.ts';
import { type Place, Shelf } from './shelf.ts';

/** What the thread is asked: a call for a folder, or to remove some. */
export type Asked =
  | ({ readonly do: 'call'; readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> } & Place)
  | { readonly do: 'remove'; readonly id: number; readonly roots: readonly string[] };
/** What it answers; without bytes: it was no call. */
export interface Answered {
  readonly id: number;
  readonly bytes: Uint8Array | undefined;
}

/** Whose a folder is: a swarmlet of that name that this person deployed. Who takes the name over finds nothing of it. */
export interface Owner {
  readonly swarmlet: string;
  readonly principal: string;
}

/** The folders of the swarmlets of a box, one for each owner, which outlives its versions. */
export class Folders {
  /** Where they lie; '': not yet. */
  #base: string;
  readonly #isTemporary: boolean;
  readonly #waiting = new Map<number, (bytes: Uint8Array | undefined) => void>();
  /** For swarmlets in the loop of the box itself. */
  readonly #here = new Shelf();
  #worker: Worker | undefined;
  #last = 0;

  /** @param state  folder of the box; '' for one that ends with it */
  constructor(state: string) {
    this.#isTemporary = state === '';
    this.#base = state === '' ? '' : join(state, 'folders');
  }

  /** Resolves with the answer; undefined: it was no call. */
  call(owner: Owner, storageMiB: number, anew: boolean, call: Buffer): Promise<Buffer | undefined> {
    return this.#call({ root: this.#rootOf(owner), storageMiB, anew }, call);
  }

  async #call(place: Place, call: Buffer): Promise<Buffer | undefined> {
    const bytes = new Uint8Array(call); // a copy: it is moved to the thread
    const answer = await this.#ask((id) => ({ do: 'call', id, ...place, bytes }), [bytes.buffer]);
    return answer && Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
  }

  /** The same at once, for who cannot wait because nothing else runs meanwhile. */
  callNow(owner: Owner, storageMiB: number, anew: boolean, call: Buffer): Buffer | undefined {
    const parsed = parseCall(call);
    if (!parsed) return undefined;
    return this.#here.answer({ root: this.#rootOf(owner), storageMiB, anew }, (folder) => answerTo(folder, parsed.call, parsed.data));
  }

  /** A piece of the package's own code. */
  async part({ path, at }: Part): Promise<Buffer | undefined> {
    return isCode(path) ? this.#call(codePlace, pack({ op: 'read', path, at })) : noCode(path);
  }

  partNow({ path, at }: Part): Buffer {
    if (!isCode(path)) return noCode(path);
    return this.#here.answer(codePlace, (folder) => answerTo(folder, { op: 'read', path, at }, Buffer.alloc(0)));
  }

  /** Names of swarmlets that have folders. */
  async swarmlets(): Promise<readonly string[]> {
    return namesIn(this.#base);
  }

  /** Removes the folders of a swarmlet but those of these principals, of whom the box still has versions. */
  async keep(swarmlet: string, principals: readonly string[]): Promise<void> {
    const folder = join(this.#base, swarmlet);
    const kept = new Set(principals.map(folderName));
    const there = this.#base === '' ? [] : await namesIn(folder);
    const gone = there.filter((name) => !kept.has(name));
    if (gone.length === 0) return;
    const roots = gone.length === there.length ? [folder] : gone.map((name) => join(folder, name));
    await this.#ask((id) => ({ do: 'remove', id, roots }));
  }

  #rootOf({ swarmlet, principal }: Owner): string {
    if (this.#base === '') this.#base = mkdtempSync(join(tmpdir(), 'swarmlets-'));
    return join(this.#base, swarmlet, folderName(principal));
  }

  #ask(asked: (id: number) => Asked, moved: readonly ArrayBuffer[] = []): Promise<Uint8Array | undefined> {
    const worker = this.#started();
    const id = ++this.#last;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      worker.postMessage(asked(id), moved);
    });
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
    if (this.#isTemporary && this.#base !== '') rmSync(this.#base, { recursive: true, force: true });
  }
}

type Part = Extract<FolderCall, { op: 'part' }>;
/** Modules and what belongs to them, which are read as a folder is. */
const codePlace: Place = { root: join(packageRoot, 'dist/modules'), storageMiB: 0, anew: false };

function isCode(name: string): boolean {
  return /^[a-z][a-z0-9-]*\.(?:cjs|wasm|ttf)$/.test(name);
}

function noCode(name: string): Buffer {
  return pack({ error: { message: `${name} is no code of this package`, code: 'ENOENT' } });
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return []; // nobody had one yet
  }
}

/** Readable for an operator, and different for different people; a principal may have any characters. */
function folderName(principal: string): string {
  const digest = createHash('sha256').update(principal).digest('hex').slice(0, 16);
  return `${principal.replace(/[^\w@-]+/g, '_').slice(0, 64)}-${digest}`;
}
