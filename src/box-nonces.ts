import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { BoxNonces } from './trust/index.ts';

const LIFETIME_MS = 120_000;

/**
 * The nonces of `hello`: 4 bytes of time, 4 of chance, 8 of a code over them that only this box can make. So a flood of
 * connections takes no memory; what is kept is only what was used, by callers whose key is known.
 */
export class HelloNonces implements BoxNonces {
  readonly #secret = randomBytes(32);
  readonly #start: number;
  readonly #now: () => number;
  readonly #used = new Map<string, number>();

  /** @param now  milliseconds that never go back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#start = now();
  }

  make(): string {
    const head = Buffer.alloc(8);
    head.writeUInt32BE((this.#now() - this.#start) >>> 0);
    randomBytes(4).copy(head, 4);
    return Buffer.concat([head, this.#code(head)]).toString('base64');
  }

  take(nonce: string): boolean {
    const bytes = Buffer.from(nonce, 'base64');
    if (bytes.length !== 16 || !timingSafeEqual(this.#code(bytes.subarray(0, 8)), bytes.subarray(8))) return false;
    const age = (this.#now() - this.#start - bytes.readUInt32BE()) >>> 0; // right also after the 49 days that 4 bytes hold
    if (age > LIFETIME_MS || this.#used.has(nonce)) return false;
    this.#forget();
    this.#used.set(nonce, this.#now() + LIFETIME_MS);
    return true;
  }

  #code(head: Uint8Array): Buffer {
    return createHmac('sha256', this.#secret).update(head).digest().subarray(0, 8);
  }

  /** The oldest come first. */
  #forget(): void {
    for (const [nonce, until] of this.#used) {
      if (until >= this.#now()) return;
      this.#used.delete(nonce);
    }
  }
}
