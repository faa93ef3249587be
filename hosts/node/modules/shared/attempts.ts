import type { EdgeScope } from '../../edge/index.ts';

/** How often, and how far apart, a connection that cannot be made is tried again. */
export interface AttemptOptions {
  /** After the first one. */
  readonly retries: number;
  readonly intervalMs: number;
  /** An attempt that takes longer has failed; 0: any time. */
  readonly timeoutMs: number;
}

/** The attempts to make one connection: one at a time, until one succeeds, none is left, or `end`. */
export class Attempts {
  readonly #options: AttemptOptions;
  readonly #attempt: () => void;
  readonly #tooLate: () => void;
  readonly #over: () => void;
  #left: number;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  /**
   * @param attempt  begins an attempt; whoever does it calls `failed` or `end`
   * @param tooLate  an attempt takes longer than `timeoutMs`: to be given up, with a call of `failed`
   */
  constructor(edge: EdgeScope, options: AttemptOptions, attempt: () => void, tooLate: () => void) {
    this.#options = options;
    this.#attempt = attempt;
    this.#tooLate = tooLate;
    this.#left = options.retries;
    this.#over = edge.operation(); // waiting for the next attempt included
    this.#begin();
  }

  #begin(): void {
    const { timeoutMs } = this.#options;
    if (timeoutMs > 0) this.#timer = setTimeout(this.#tooLate, timeoutMs);
    this.#attempt();
  }

  /** The present attempt has failed; false: it was the last. */
  failed(): boolean {
    clearTimeout(this.#timer);
    if (this.#ended) return false;
    if (this.#left <= 0) {
      this.end();
      return false;
    }
    this.#left--;
    this.#timer = setTimeout(() => this.#begin(), this.#options.intervalMs);
    return true;
  }

  /** The connection is there, or is not wanted any more. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#over();
  }
}
