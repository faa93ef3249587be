import { chmodSync, existsSync, lchownSync, mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { KeyId, PublicKey } from '../envelope/index.ts';
import { parseAllowedSigners, type TrustedKey } from '../trust/index.ts';

/** A trust list that is edited by hand and by us: lines that are not touched stay as they are. */
export class TrustFile {
  readonly file: string;
  #lines: string[];

  /** @throws ServiceError with file:line if the list is malformed */
  constructor(file: string) {
    this.file = existsSync(file) ? realpathSync(file) : file; // a link stays a link
    this.#lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    if (this.#lines.at(-1) === '') this.#lines.pop();
    this.keys();
  }

  keys(): ReadonlyMap<KeyId, TrustedKey> {
    return parseAllowedSigners(this.#text(), this.file).keys;
  }

  /** @throws ServiceError if the list would not be good with that line */
  add(line: string): void {
    this.#lines.push(line);
    this.keys();
  }

  /** One key in the place of another; whom the line names, and its options, stay. */
  follow({ line, key }: TrustedKey, next: PublicKey): void {
    const base64 = key.text.split(' ')[1] as string;
    this.#lines[line - 1] = (this.#lines[line - 1] as string).replace(base64, next.text.split(' ')[1] as string);
    this.keys();
  }

  remove(keys: readonly TrustedKey[]): void {
    const lines = new Set(keys.map(({ line }) => line));
    this.#lines = this.#lines.filter((_, i) => !lines.has(i + 1));
  }

  /** In one step: a box that reads it meanwhile sees the old list or the new one. */
  save(): void {
    mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
    const next = `${this.file}.${process.pid}`;
    writeFileSync(next, this.#text(), { mode: 0o600, flag: 'wx' });
    const like = statSync(existsSync(this.file) ? this.file : dirname(this.file));
    if (like.isFile()) chmodSync(next, like.mode & 0o777);
    // What root names for a box that runs as somebody else, that one has to be able to read.
    if (process.geteuid?.() === 0) lchownSync(next, like.uid, like.gid);
    renameSync(next, this.file);
  }

  #text(): string {
    return this.#lines.map((line) => `${line}\n`).join('');
  }
}
