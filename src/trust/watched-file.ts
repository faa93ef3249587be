import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Between two looks at a file that is as it was read: with the quiet time, what it says is in force within a second (THREATS K07). */
const restMs = 700;
const quietMs = 250;

/**
 * Says when a file was changed and has then been left alone for 250 ms. It looks at what the path leads to instead of asking
 * the kernel: editors replace files by rename, links are swapped, the file or its folder may not exist yet, and network disks
 * tell nobody. A process is not kept alive by it.
 */
export class WatchedFile {
  readonly #path: string;
  readonly #settled: () => void;
  /** The look of the file when it was last read, and at the last look since. */
  #read: string;
  #seen: string;
  #timer: NodeJS.Timeout | undefined;

  /** @param settled  called at each change that lasts, deletion included; it reads the file and says so by `reading()` */
  constructor(path: string, settled: () => void) {
    this.#path = path;
    this.#settled = settled;
    this.#read = this.#seen = lookNow(path);
    this.#wait();
  }

  /** To be called right before the file is read: a change from here on is a new one. */
  reading(): void {
    this.#read = this.#seen = lookNow(this.#path);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(): void {
    this.#timer = setTimeout(() => void this.#look(), this.#seen === this.#read ? restMs : quietMs).unref();
  }

  async #look(): Promise<void> {
    const timer = this.#timer;
    const before = this.#seen;
    const look = await lookLater(this.#path);
    if (this.#timer !== timer) return; // closed meanwhile
    const wasRead = this.#seen !== before; // meanwhile
    if (!wasRead) this.#seen = look;
    this.#wait();
    if (!wasRead && look !== this.#read && look === before) this.#settled();
  }
}

interface Look {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

function lookNow(path: string): string {
  try {
    return described(statSync(path, { bigint: true }));
  } catch (error) {
    return failed(error);
  }
}

async function lookLater(path: string): Promise<string> {
  try {
    return described(await stat(path, { bigint: true }));
  } catch (error) {
    return failed(error);
  }
}

function described({ dev, ino, size, mtimeNs, ctimeNs }: Look): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

/** What cannot be looked at looks like the reason: a file that vanishes, or may no longer be read, has changed. */
function failed(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}
