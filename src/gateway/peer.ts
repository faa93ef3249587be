import type { Identity } from './backend.ts';
import type { Outbox } from './outbox.ts';

/** What a caller's connection does for it. */
export interface PeerCalls {
  charge(): void;
  close(code: number, reason: string): void;
}

/** An authenticated caller, as long as its connection lasts. */
export class Peer {
  readonly signer: Identity;
  readonly address: string;
  readonly #outbox: Outbox;
  readonly #charge: () => void;
  readonly #close: (code: number, reason: string) => void;

  constructor(identity: Identity, address: string, outbox: Outbox, calls: PeerCalls) {
    this.signer = identity;
    this.address = address;
    this.#outbox = outbox;
    this.#charge = calls.charge;
    this.#close = calls.close;
  }

  /** @param text  of a notification; dropped, and counted, when the reader is too slow */
  notify(text: string): void {
    this.#outbox.notify(text);
  }

  /** A statement of this caller cost a verification and was not accepted: it counts as one that was refused. */
  charge(): void {
    this.#charge();
  }

  /** @param code  one of `closeCodes` */
  close(code: number, reason: string): void {
    this.#close(code, reason);
  }
}
