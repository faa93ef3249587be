import { errorText } from '../hosts/common/index.ts';

/** Whether something still answers that does its work elsewhere, such as on a thread. It is asked once at a time. */
export class Pulse {
  readonly #ask: () => Promise<void>;
  #under: Promise<string | undefined> | undefined;

  /** @param ask  resolves when it answers; rejects when it never will again */
  constructor(ask: () => Promise<void>) {
    this.#ask = ask;
  }

  /** Resolves when it has answered: with undefined, or with why it never will again. */
  answer(): Promise<string | undefined> {
    this.#under ??= this.#ask()
      .then(() => undefined, errorText)
      .finally(() => {
        this.#under = undefined;
      });
    return this.#under;
  }

  /** The same, but resolves after a time in any case. */
  async answerWithin(ms: number): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`no answer within ${ms / 1000} s`), ms);
    });
    try {
      return await Promise.race([this.answer(), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
