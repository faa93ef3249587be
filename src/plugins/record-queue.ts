import type { LogRecord } from './plugin.ts';

const mostWaiting = 1000;

/** Records on their way to one sink. A slow sink loses the latest, and is told how many. */
export class RecordQueue {
  readonly #waiting: LogRecord[] = [];
  #dropped = 0;
  #wake: (() => void) | undefined;

  push(record: LogRecord): void {
    if (this.#waiting.length >= mostWaiting) this.#dropped++;
    else this.#waiting.push(record);
    this.#wake?.();
  }

  /** What waits and what comes, one reader at a time; after `signal` aborts, what is left. */
  async *until(signal: AbortSignal): AsyncIterable<LogRecord> {
    for (;;) {
      const record = this.#waiting.shift();
      if (record) yield record;
      else if (this.#dropped > 0) yield this.#tellDropped();
      else if (signal.aborted) return;
      else await this.#more(signal);
    }
  }

  #more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  #tellDropped(): LogRecord {
    const count = this.#dropped;
    this.#dropped = 0;
    return { level: 'warn', time: new Date().toISOString(), event: 'dropped', count };
  }
}
