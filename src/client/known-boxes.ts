import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { errorText } from '../../hosts/common/index.ts';
import { type KeyId, leadsTo, type PublicKey, parsePublicKey, type Succession } from '../envelope/index.ts';
import { clientErrors } from './errors.ts';

interface Entry {
  readonly address: string;
  readonly key: PublicKey;
  /** It is reached by `wss://`. */
  readonly secure: boolean;
  /** From 1. */
  readonly line: number;
}

/**
 * The boxes that this person has talked to, a line each: `HOST:PORT ssh-ed25519 BASE64`, or for one that discovery found its NAME; behind
 * it `wss` where TLS was spoken. Read when used, so two commands may run at once.
 */
export class KnownBoxes {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  static ofUser(env: NodeJS.ProcessEnv): KnownBoxes {
    return new KnownBoxes(join(configFolder(env), 'known_boxes'));
  }

  /**
   * @param name  address, or the name that discovery found it by
   * @param successions  what keys of that box say of those that follow them
   * @returns false if there is no such box yet
   * @throws CodedError BOX_CHANGED if it had another key, which does not say that this one follows
   */
  has(name: string, key: PublicKey, successions: readonly Succession[] = []): boolean {
    const known = this.#entries().find(({ address }) => address === name);
    if (known === undefined) return false;
    if (!leadsTo(successions, known.key.id, key.id))
      throw clientErrors.BOX_CHANGED(name, `${this.file}:${known.line}`, known.key.id, key.id);
    return true;
  }

  /**
   * The box has that key, and is reached that way, from now on; tells whether it had another key. To be called once the box has proved
   * the key.
   */
  renew(name: string, key: PublicKey, secure: boolean): boolean {
    const known = this.#entries().find(({ address }) => address === name);
    if (known === undefined) return false;
    const isSame = known.key.blob.equals(key.blob);
    if (isSame && known.secure === secure) return false;
    const lines = this.#text().split('\n');
    lines[known.line - 1] = lineOf(name, key, secure);
    this.#write(lines.join('\n'));
    return !isSame;
  }

  /** True if this very box was talked to at that address. */
  wasAt(address: string, key: PublicKey): boolean {
    return this.#entries().some((entry) => entry.address === address && entry.key.blob.equals(key.blob));
  }

  add(name: string, key: PublicKey, secure: boolean): void {
    const text = this.#text();
    this.#write(`${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${lineOf(name, key, secure)}\n`);
  }

  /** The boxes whose address was recorded, with their ids and URLs. */
  addresses(): { readonly address: string; readonly url: string; readonly id: KeyId }[] {
    return this.#entries().flatMap(({ address, key, secure }) =>
      /:\d+$/.test(address) ? [{ address, url: `${secure ? 'wss' : 'ws'}://${address}/v1`, id: key.id }] : [],
    );
  }

  /** Those with that name: `HOST:PORT`, or the host alone. */
  find(name: string): { readonly address: string; readonly url: string }[] {
    return this.addresses().filter(({ address }) => address === name || hostOf(address) === name);
  }

  /** Forgets what has that address, host or name, and tells it. */
  forget(name: string): string[] {
    const called = this.#entries().flatMap(({ address }) => (address === name ? [name] : []));
    const found = [...new Set([...called, ...this.find(name).map(({ address }) => address)])];
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
    const [address = '', type = '', base64 = '', scheme] = text.split(/\s+/);
    try {
      return [{ address, key: parsePublicKey(type, base64), secure: scheme === 'wss', line }];
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

function lineOf(name: string, key: PublicKey, secure: boolean): string {
  return `${name} ${key.text}${secure ? ' wss' : ''}`;
}

/** `[::1]:7927` -> `::1`. */
function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
}

/** Where the client keeps its files. */
export function configFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'accessors');
}
