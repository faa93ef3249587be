import { Fifo } from '../../../common/index.ts';

export type Quality = 0 | 1 | 2;
export type Done = (error?: Error | null) => void;

export interface Publication {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly qos: Quality;
  readonly retain: boolean;
  readonly done: Done;
}

/**
 * Messages that a broker may have unconfirmed at a time. Mosquitto takes so many unless configured otherwise, and before
 * version 2.0.12 confirms those beyond them, of quality 2, without passing them on.
 */
const AT_ONCE = 20;
/** Bytes that may wait behind them; a message beyond is an error. */
const MAX_WAITING = 64 * 2 ** 20;

/** Hands publications on in order, and no more at a time than brokers take. */
export class Window {
  readonly #publish: (publication: Publication, done: Done) => void;
  readonly #waiting = new Fifo<Publication>();
  #bytes = 0;
  #unconfirmed = 0;
  #whenEmpty: (() => void) | undefined;

  constructor(publish: (publication: Publication, done: Done) => void) {
    this.#publish = publish;
  }

  add(publication: Publication): void {
    if (this.#bytes + publication.payload.length > MAX_WAITING && this.#waiting.size > 0) {
      publication.done(new Error(`The broker takes nothing; ${this.#bytes} bytes wait. Message dropped.`));
      return;
    }
    this.#bytes += publication.payload.length;
    this.#waiting.push(publication);
    this.#handOn();
  }

  /** Calls back when all has been handed on. */
  whenEmpty(callback: () => void): void {
    this.#whenEmpty = callback;
    this.#handOn();
  }

  #handOn(): void {
    while (this.#waiting.size > 0 && this.#unconfirmed < AT_ONCE) {
      const publication = this.#waiting.shift();
      this.#bytes -= publication.payload.length;
      const confirmed = publication.qos > 0;
      if (confirmed) this.#unconfirmed++;
      this.#publish(publication, (error) => {
        publication.done(error);
        if (!confirmed) return;
        this.#unconfirmed--;
        this.#handOn();
      });
    }
    if (this.#waiting.size > 0 || !this.#whenEmpty) return;
    const tell = this.#whenEmpty;
    this.#whenEmpty = undefined;
    tell();
  }
}
