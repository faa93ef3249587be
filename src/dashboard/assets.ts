import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Answer } from './answer.ts';

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  cjs: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Only what came with the page runs, and nothing reaches beyond the box; texts are texts, whatever is in them. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types page',
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

const compressed = promisify(gzip);

/** The files of the page, as the build made them. They are read when first asked for. */
export class Assets {
  readonly #folder: string;
  #names: ReadonlySet<string> | undefined;
  readonly #bodies = new Map<string, Promise<Uint8Array>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws Error of Node when the page was not built */
  text(name: string): string {
    return readFileSync(join(this.#folder, name), 'utf8');
  }

  /** Undefined for what is no file of the page. They have their digest in the address, so that a browser may keep them. */
  async answer(name: string): Promise<Answer | undefined> {
    this.#names ??= new Set(readdirSync(this.#folder));
    const type = types[name.slice(name.lastIndexOf('.') + 1)];
    if (!this.#names.has(name) || type === undefined) return undefined;
    const body = this.#bodies.get(name) ?? compressed(readFileSync(join(this.#folder, name)));
    this.#bodies.set(name, body);
    const headers = { ...pageHeaders, 'Cache-Control': 'private, max-age=31536000, immutable', 'Content-Encoding': 'gzip' };
    return { kind: 'whole', status: 200, type, body: await body, headers };
  }
}
