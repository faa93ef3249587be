import { appendFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '../../hosts/common/index.ts';
import { jsonLine } from '../plain.ts';
import type { LogLine } from '../supervisor/index.ts';

export interface LogbookLimits {
  /** Of one file; a swarmlet has two at most. */
  readonly fileBytes: number;
  /** Of all files; those that were not written to for longest go first. */
  readonly allBytes: number;
  /** That wait for the disk; later lines are not kept. */
  readonly waitingBytes: number;
  /** Between two rounds of writing, in which what came meanwhile is written together. */
  readonly paceMs: number;
}

const defaults: LogbookLimits = { fileBytes: 256 * 1024, allBytes: 64 * 2 ** 20, waitingBytes: 4 * 2 ** 20, paceMs: 250 };

/** A full file goes from the first folder to the second, in the place of the one there. */
const folders = ['now', 'before'] as const;
type Place = (typeof folders)[number];

/**
 * What swarmlets printed, on disk, so that it outlives the box however that ends: of one that is killed the lines of the last quarter
 * of a second are missing. `now/NAME` and `before/NAME` have a JSON object a line, `{level, line, at}`; what a reader does not
 * understand it skips, so the files need no version. Nothing here waits on the main thread, and who prints never waits for the disk.
 */
export class Logbook {
  readonly #folder: string;
  readonly #warn: (message: string) => void;
  readonly #limits: LogbookLimits;
  /** Bytes of each file, `now/NAME`; in the order in which they were last written. */
  readonly #sizes = new Map<string, number>();
  #allBytes = 0;
  #waiting = new Map<string, string[]>();
  #waitingBytes = 0;
  #left = 0;
  #forgotten = new Set<string>();
  #round: Promise<void> | undefined;
  #rest: NodeJS.Timeout | undefined;
  #isFailing = false;
  #isClosed = false;

  /** @param warn  told when the disk takes nothing, once */
  constructor(folder: string, warn: (message: string) => void, limits: Partial<LogbookLimits> = {}) {
    this.#folder = folder;
    this.#warn = warn;
    this.#limits = { ...defaults, ...limits };
  }

  /**
   * The lines kept of these swarmlets, oldest first; files of others are removed. To be called once, before anything is added.
   * What cannot be read is told, and is as if it were not there.
   */
  async open(swarmlets: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly LogLine[]>> {
    const kept = new Map<string, LogLine[]>();
    try {
      for (const place of folders) await mkdir(join(this.#folder, place), { recursive: true, mode: 0o700 });
      const found: { readonly key: string; readonly bytes: number; readonly writtenAt: number }[] = [];
      for (const place of [...folders].reverse()) {
        for (const name of await readdir(join(this.#folder, place))) {
          const key = `${place}/${name}`;
          if (!swarmlets.has(name)) {
            await rm(this.#path(key), { recursive: true, force: true });
            continue;
          }
          kept.set(name, [...(kept.get(name) ?? []), ...linesOf(await readFile(this.#path(key), 'utf8'))]);
          const { size, mtimeMs } = await stat(this.#path(key));
          found.push({ key, bytes: size, writtenAt: mtimeMs });
          // The last line may not have been written to its end: what follows begins a new one.
          if (place === 'now') this.#waiting.set(name, ['\n']);
        }
      }
      for (const { key, bytes } of found.sort((a, b) => a.writtenAt - b.writtenAt)) this.#grow(key, bytes);
    } catch (error) {
      this.#failed(error);
    }
    return kept;
  }

  add(swarmlet: string, line: LogLine): void {
    const text = `${jsonLine(line)}\n`;
    if (this.#isClosed || this.#waitingBytes + text.length > this.#limits.waitingBytes) {
      this.#left++;
      return;
    }
    const lines = this.#waiting.get(swarmlet);
    if (lines) lines.push(text);
    else this.#waiting.set(swarmlet, [text]);
    this.#waitingBytes += text.length;
    this.#begin();
  }

  /** Of a swarmlet that the box does not know any more nothing is kept. */
  forget(swarmlet: string): void {
    this.#waiting.delete(swarmlet);
    this.#forgotten.add(swarmlet);
    this.#begin();
  }

  /** Resolves when all that was added is on its way to the disk for good. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#rest);
    await this.#round;
    await this.#write();
  }

  #begin(): void {
    if (this.#round || this.#rest || this.#isClosed) return;
    this.#round = this.#write().finally(() => {
      this.#round = undefined;
      this.#rest = setTimeout(() => {
        this.#rest = undefined;
        if (this.#waitingBytes > 0 || this.#forgotten.size > 0) this.#begin();
      }, this.#limits.paceMs).unref();
    });
  }

  async #write(): Promise<void> {
    const lines = this.#waiting;
    const forgotten = this.#forgotten;
    this.#waiting = new Map();
    this.#waitingBytes = 0;
    this.#forgotten = new Set();
    try {
      for (const swarmlet of forgotten) for (const place of folders) await this.#remove(`${place}/${swarmlet}`);
      for (const [swarmlet, texts] of lines)
        if (texts.some((text) => text !== '\n'))
          for (const text of chunked(texts, this.#limits.fileBytes)) await this.#append(swarmlet, text);
      while (this.#allBytes > this.#limits.allBytes) await this.#remove([...this.#sizes.keys()][0] as string);
      if (this.#left > 0) this.#warn(`The disk is slower than what swarmlets print: ${this.#left} lines are not kept for later`);
      this.#left = 0;
      this.#isFailing = false;
    } catch (error) {
      this.#failed(error);
    }
  }

  async #append(swarmlet: string, text: string): Promise<void> {
    const key = `now/${swarmlet}`;
    const bytes = Buffer.byteLength(text);
    const there = this.#sizes.get(key) ?? 0;
    if (there > 0 && there + bytes > this.#limits.fileBytes) {
      const before: `${Place}/${string}` = `before/${swarmlet}`;
      await rename(this.#path(key), this.#path(before));
      this.#grow(before, there - (this.#sizes.get(before) ?? 0));
      this.#grow(key, -there);
    }
    await appendFile(this.#path(key), text, { mode: 0o600 });
    this.#grow(key, bytes);
  }

  async #remove(key: string): Promise<void> {
    const bytes = this.#sizes.get(key);
    if (bytes === undefined) return;
    await rm(this.#path(key), { force: true });
    this.#grow(key, -bytes);
  }

  #grow(key: string, bytes: number): void {
    const size = (this.#sizes.get(key) ?? 0) + bytes;
    this.#allBytes += bytes;
    this.#sizes.delete(key);
    if (size > 0) this.#sizes.set(key, size);
  }

  #failed(error: unknown): void {
    if (!this.#isFailing) this.#warn(`What swarmlets print is not kept for later: ${errorText(error)}`);
    this.#isFailing = true;
  }

  #path(key: string): string {
    return join(this.#folder, key);
  }
}

/** Put together, each as long as it may be, or as one text is. */
function chunked(texts: readonly string[], mostBytes: number): string[] {
  const chunks: string[] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const text of texts) {
    const own = Buffer.byteLength(text);
    bytes += own;
    if (bytes > mostBytes) {
      chunks.push(text);
      bytes = own;
    } else chunks.push(`${chunks.pop()}${text}`);
  }
  return chunks;
}

/** The lines of a file that are whole. */
function linesOf(text: string): LogLine[] {
  return text.split('\n').flatMap((json) => {
    try {
      const { level, line, at } = JSON.parse(json) as Readonly<Record<string, unknown>>;
      const isLine = (level === 'info' || level === 'error') && typeof line === 'string' && typeof at === 'string';
      return isLine ? [{ level, line, at }] : [];
    } catch {
      return []; // cut short, or of a newer program
    }
  });
}
