import type { PageEvents } from '../page-messages.ts';
import { ask, Refused } from './api.ts';

export interface StreamListener {
  event<Event extends keyof PageEvents>(event: Event, data: PageEvents[Event]): void;
  /** @param retryMs  until it is tried again; undefined: it is being tried now */
  lost(why: string, retryMs: number | undefined): void;
}

const SHORTEST_MS = 500;
const LONGEST_MS = 10_000;
/** The box tells something every two seconds; one that is silent for so long is stopped, or out of reach. */
const SILENCE_MS = 12_000;

/** Follows the box, and comes back when it was lost, until it is closed. */
export class Stream {
  readonly #wants: () => Readonly<Record<string, string>>;
  readonly #listener: StreamListener;
  readonly #closing = new AbortController();
  #retryMs = SHORTEST_MS;
  #wake = (): void => {};

  /** @param wants  as `Wants` of the feed; asked each time it connects */
  constructor(wants: () => Readonly<Record<string, string>>, listener: StreamListener) {
    this.#wants = wants;
    this.#listener = listener;
    void this.#run();
  }

  /** Tries again now. */
  retry(): void {
    this.#wake();
  }

  close(): void {
    this.#closing.abort();
    this.#wake();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const why = await this.#follow(signal);
      if (signal.aborted) return;
      this.#listener.lost(why, this.#retryMs);
      await this.#rest(this.#retryMs);
      this.#retryMs = Math.min(LONGEST_MS, this.#retryMs * 2);
      if (!signal.aborted) this.#listener.lost(why, undefined);
    }
  }

  /** @returns  why it ended */
  async #follow(closing: AbortSignal): Promise<string> {
    const attempt = new AbortController();
    const { signal } = attempt;
    const abort = (): void => attempt.abort();
    closing.addEventListener('abort', abort);
    let patience = setTimeout(abort, SILENCE_MS);
    try {
      const { body } = await ask(`events?${new URLSearchParams(this.#wants())}`, { signal });
      if (!body) return 'The box answered with nothing';
      const reader = body.pipeThrough(new TextDecoderStream()).getReader(); // not all browsers iterate over a stream
      let rest = '';
      for (let read = await reader.read(); !read.done && !signal.aborted; read = await reader.read()) {
        this.#retryMs = SHORTEST_MS;
        clearTimeout(patience);
        patience = setTimeout(abort, SILENCE_MS);
        const parts = (rest + read.value).split('\n\n');
        rest = parts.pop() ?? '';
        for (const part of parts) this.#part(part);
      }
      return 'The box has ended the connection';
    } catch (error) {
      if (error instanceof Refused && error.code === 'UNAUTHENTICATED') location.reload(); // the box was started anew
      if (error instanceof Refused) return error.message;
      return signal.aborted ? 'The box does not answer' : 'The box is not reached';
    } finally {
      clearTimeout(patience);
      closing.removeEventListener('abort', abort);
    }
  }

  #part(text: string): void {
    const [, event, data] = /^event: (\w+)\ndata: (.*)$/s.exec(text) ?? [];
    if (event !== undefined && data !== undefined) this.#listener.event(event as keyof PageEvents, JSON.parse(data));
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
