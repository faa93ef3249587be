import type { Writable } from 'node:stream';
import type { PageEvents } from './page-messages.ts';

/** Events that a page has not read yet, in bytes; beyond that they are left out, and counted. */
const WAITING_BYTES = 1024 * 1024;
/** A page that reads nothing for so long is cut off; it will come again. */
const STALLED_MS = 10_000;
/** So that both ends notice a connection that is gone. */
const BEAT_MS = 15_000;

/** Events to one page, as Server-Sent Events. */
export class EventStream {
  readonly #out: Writable;
  readonly #beat: NodeJS.Timeout;
  #stall: NodeJS.Timeout | undefined;
  #dropped = 0;

  /**
   * @param closed  the page is gone; called once
   * @param behind  it had to be left out of something and reads again: what it shows may be old
   */
  constructor(out: Writable, closed: () => void, behind: () => void) {
    this.#out = out;
    this.#beat = setInterval(() => this.#write(':\n\n'), BEAT_MS).unref();
    out.once('close', () => {
      clearInterval(this.#beat);
      clearTimeout(this.#stall);
      closed();
    });
    out.on('error', () => {}); // a page that hangs up; `close` follows
    out.on('drain', () => {
      clearTimeout(this.#stall);
      this.#stall = undefined;
      if (this.#dropped === 0) return;
      const count = this.#dropped;
      this.#dropped = 0;
      this.send('dropped', { count });
      behind();
    });
  }

  send<Event extends keyof PageEvents>(event: Event, data: PageEvents[Event]): void {
    if (this.#dropped > 0 || this.#out.writableLength > WAITING_BYTES) this.#dropped++;
    else this.#write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    this.#out.end();
  }

  #write(text: string): void {
    if (!this.#out.writable) return;
    if (!this.#out.write(text)) this.#stall ??= setTimeout(() => this.#out.destroy(), STALLED_MS).unref();
  }
}
