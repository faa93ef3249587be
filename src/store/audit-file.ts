import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readdirSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes after which the next file is begun. */
export const segmentBytes = 64 * 1024 * 1024;
/** Older ones are removed. */
const segmentsKept = 16;

const tailBytes = 4 * 1024 * 1024;
const newline = 0x0a;

/** Full ones are `audit.FIRST.jsonl`, named by the number of their first record in ten digits; `audit.jsonl` is the last. */
export function auditFiles(folder: string): string[] {
  const full = readdirSync(folder).filter((name) => /^audit\.\d{10,}\.jsonl$/.test(name));
  return [...full.sort(), 'audit.jsonl'].map((name) => join(folder, name));
}

/** The lines of the audit as a file that anybody can read; the database has the newest of them too. */
export class AuditFile {
  readonly #folder: string;
  readonly #segmentBytes: number;
  #descriptor: number;
  #size: number;
  /** Number of the first record in the file; undefined while it is empty. */
  #first: number | undefined;
  /** Number of the last record in the file. */
  last = 0;

  constructor(folder: string, limit = segmentBytes) {
    this.#folder = folder;
    this.#segmentBytes = limit;
    this.#descriptor = this.#open();
    this.#size = fstatSync(this.#descriptor).size;
    if (this.#size === 0) {
      const before = auditFiles(folder).at(-2);
      if (before) this.last = lastOf(before);
    } else {
      this.#cutTornLine();
      this.#first = seqOf(this.#lineAt(0));
      this.last = lastOf(join(folder, 'audit.jsonl'));
    }
  }

  #open(): number {
    return openSync(join(this.#folder, 'audit.jsonl'), 'a+', 0o600);
  }

  #lineAt(position: number): string {
    const buffer = Buffer.alloc(Math.min(tailBytes, this.#size - position));
    readSync(this.#descriptor, buffer, 0, buffer.length, position);
    const end = buffer.indexOf(newline);
    return buffer.toString('utf8', 0, end < 0 ? buffer.length : end);
  }

  /** What a kill or a loss of power left behind the last whole line; the database has it whole. */
  #cutTornLine(): void {
    const from = Math.max(0, this.#size - tailBytes);
    const buffer = Buffer.alloc(this.#size - from);
    readSync(this.#descriptor, buffer, 0, buffer.length, from);
    const end = from + buffer.lastIndexOf(newline) + 1;
    if (end === this.#size) return;
    ftruncateSync(this.#descriptor, end);
    this.#size = end;
  }

  /** @param lines  that follow the last one, in order */
  append(lines: readonly { readonly seq: number; readonly line: string }[]): void {
    for (const { seq, line } of lines) {
      const bytes = Buffer.from(`${line}\n`);
      if (this.#size > 0 && this.#size + bytes.length > this.#segmentBytes) this.#rotate();
      this.#first ??= seq;
      let written = 0;
      try {
        while (written < bytes.length) written += writeSync(this.#descriptor, bytes, written);
      } catch (error) {
        if (written > 0) ftruncateSync(this.#descriptor, this.#size); // never half a line
        throw error;
      }
      this.#size += bytes.length;
      this.last = seq;
    }
  }

  #rotate(): void {
    this.sync();
    closeSync(this.#descriptor);
    renameSync(join(this.#folder, 'audit.jsonl'), join(this.#folder, `audit.${String(this.#first).padStart(10, '0')}.jsonl`));
    this.#descriptor = this.#open();
    this.#size = 0;
    this.#first = undefined;
    for (const old of auditFiles(this.#folder).slice(0, -segmentsKept)) rmSync(old);
  }

  sync(): void {
    fsyncSync(this.#descriptor);
  }

  close(): void {
    try {
      this.sync();
    } finally {
      closeSync(this.#descriptor);
    }
  }
}

function lastOf(file: string): number {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const buffer = Buffer.alloc(Math.min(size, tailBytes));
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    return seqOf(buffer.toString('utf8').trimEnd().split('\n').at(-1) ?? '');
  } finally {
    closeSync(descriptor);
  }
}

/** The number of a record; 0 if the line is none, as where somebody altered it. */
function seqOf(line: string): number {
  return Number(/^\{"seq":(\d+),/.exec(line)?.[1] ?? 0);
}
