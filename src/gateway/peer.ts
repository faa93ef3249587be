import type { Identity } from './backend.ts';
import type { Outbox } from './outbox.ts';

/** An authenticated caller, as long as its connection lasts. */
export class Peer {
  readonly signer: Identity;
  readonly address: string;
  readonly #outbox: Outbox;
  readonly #close: (code: number, reason: string) => void;

  constructor(identity: Identity, address: string, outbox: Outbox, close: (code: number, reason: string) => void) {
    this.signer = identity;
    this.address = address;
    this.#outbox = outbox;
    this.#close = close;
  }

  /** @param text  of a notification; dropped, and counted, when the reader is too slow */
  notify(text: string): void {
    this.#outbox.notify(text);
  }

  /** @param code  one of `closeCodes` */
  close(code: number, reason: string): void {
    this.#close(code, reason);
  }
}
