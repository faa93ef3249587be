import { errorText } from '../../hosts/common/index.ts';
import type { Greeting } from '../client/index.ts';
import type { Contact } from './box.ts';

const greetMs = 2500;
/** Asked at a time. */
const lanes = 16;
const askAgainMs = 60_000;

/** Asks at addresses who is there: once when they are new, and again every minute. */
export class Contacts {
  readonly #greet: (url: string, signal: AbortSignal) => Promise<Greeting>;
  readonly #changed: () => void;
  readonly #known = new Map<string, Contact>();
  readonly #waiting = new Set<string>();
  readonly #asking = new Set<string>();
  readonly #ending = new AbortController();
  readonly #again: NodeJS.Timeout;
  #urls: ReadonlySet<string> = new Set();

  /**
   * @param greet    throws an Error that says why there is no answer
   * @param changed  called after each answer, and when one does not come
   */
  constructor(greet: (url: string, signal: AbortSignal) => Promise<Greeting>, changed: () => void) {
    this.#greet = greet;
    this.#changed = changed;
    this.#again = setInterval(() => this.#ask(this.#urls), askAgainMs);
    this.#again.unref();
  }

  /** By URL. */
  get all(): ReadonlyMap<string, Contact> {
    return this.#known;
  }

  get pending(): boolean {
    return this.#waiting.size + this.#asking.size > 0;
  }

  /** From now on these, and no others. */
  follow(urls: readonly string[]): void {
    this.#urls = new Set(urls);
    for (const url of this.#known.keys()) if (!this.#urls.has(url)) this.#known.delete(url);
    for (const url of this.#waiting) if (!this.#urls.has(url)) this.#waiting.delete(url);
    this.#ask(urls.filter((url) => !this.#known.has(url)));
  }

  #ask(urls: Iterable<string>): void {
    for (const url of urls) if (!this.#asking.has(url)) this.#waiting.add(url);
    for (const url of this.#waiting) {
      if (this.#asking.size >= lanes) return;
      this.#waiting.delete(url);
      this.#asking.add(url);
      void this.#contact(url);
    }
  }

  async #contact(url: string): Promise<void> {
    const before = this.#known.get(url);
    let contact: Contact;
    try {
      const greeting = await this.#greet(url, AbortSignal.any([this.#ending.signal, AbortSignal.timeout(greetMs)]));
      contact = { kind: 'answered', greeting, at: Date.now() };
    } catch (error) {
      contact = { kind: 'silent', why: errorText(error), last: before?.kind === 'answered' ? before.at : before?.last };
    }
    this.#asking.delete(url);
    if (this.#ending.signal.aborted) return;
    if (this.#urls.has(url)) this.#known.set(url, contact);
    this.#ask([]);
    this.#changed();
  }

  close(): void {
    clearInterval(this.#again);
    this.#ending.abort();
    this.#waiting.clear();
  }
}
