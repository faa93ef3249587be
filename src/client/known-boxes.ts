import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { errorText } from '../../hosts/common/index.ts';
import { type PublicKey, parsePublicKey } from '../envelope/index.ts';
import { clientErrors } from './errors.ts';

interface Entry {
  readonly address: string;
  readonly key: PublicKey;
  /** From 1. */
  readonly line: number;
}

/** The boxes that this person has talked to, a line each: `HOST:PORT ssh-ed25519 BASE64`. Read when used, so two commands may run at once. */
export class KnownBoxes {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  static ofUser(env: NodeJS.ProcessEnv): KnownBoxes {
    return new KnownBoxes(join(configFolder(env), 'known_boxes'));
  }

  /**
   * @returns false if there is no such box yet
   * @throws CodedError BOX_CHANGED if it had another key
   */
  has(address: string, key: PublicKey): boolean {
    const known = this.#entries().find((entry) => entry.address === address);
    if (known === undefined) return false;
    if (!known.key.blob.equals(key.blob)) throw clientErrors.BOX_CHANGED(address, `${this.file}:${known.line}`, known.key.id, key.id);
    return true;
  }

  add(address: string, key: PublicKey): void {
    const text = this.#text();
    this.#write(`${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${address} ${key.text}\n`);
  }

  /** Addresses with that name: `HOST:PORT`, or the host alone. */
  find(name: string): string[] {
    return this.#entries()
      .map(({ address }) => address)
      .filter((address) => address === name || hostOf(address) === name);
  }

  /** Forgets what `find` finds, and tells it. */
  forget(name: string): string[] {
    const found = this.find(name);
    const kept = this.#text()
      .split('\n')
      .filter((line) => !found.includes(line.trim().split(/\s+/)[0] ?? ''));
    if (found.length > 0) this.#write(kept.join('\n'));
    return found;
  }

  #entries(): Entry[] {
    return this.#text()
      .split('\n')
      .flatMap((line, i) => this.#entry(line.trim(), i + 1));
  }

  #entry(text: string, line: number): Entry[] {
    if (text === '' || text.startsWith('#')) return [];
    const [address = '', type = '', base64 = ''] = text.split(/\s+/);
    try {
      return [{ address, key: parsePublicKey(type, base64), line }];
    } catch (error) {
      throw clientErrors.BAD_KNOWN_BOXES(`${this.file}:${line}`, errorText(error));
    }
  }

  #text(): string {
    try {
      return readFileSync(this.file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    }
  }

  #write(text: string): void {
    mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
    const next = `${this.file}.${process.pid}`;
    writeFileSync(next, text, { mode: 0o600 });
    renameSync(next, this.file);
  }
}

/** `[::1]:7927` -> `::1`. */
function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
}

/** Where the client keeps its files. */
export function configFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'accessors');
}
