/** Refusals, counted for whoever brought them and their code: many of them make few lines. */
export class Tally {
  readonly #tell: (who: string, code: string, count: number) => void;
  readonly #periodMs: number;
  readonly #limit: number;
  #counts = new Map<string, { readonly who: string; readonly code: string; count: number }>();
  #timer: NodeJS.Timeout | undefined;

  /** @param limit  pairs of both in one period; the rest is counted for `others` */
  constructor(tell: (who: string, code: string, count: number) => void, periodMs = 1000, limit = 256) {
    this.#tell = tell;
    this.#periodMs = periodMs;
    this.#limit = limit;
  }

  /** @returns  how many it are in this period, this one included */
  add(who: string, code: string): number {
    const known = this.#counts.get(`${who} ${code}`);
    if (known) return ++known.count;
    if (who !== 'others' && this.#counts.size >= this.#limit) return this.add('others', code);
    this.#counts.set(`${who} ${code}`, { who, code, count: 1 });
    this.#timer ??= setTimeout(() => this.flush(), this.#periodMs).unref();
    return 1;
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const counts = this.#counts;
    this.#counts = new Map();
    for (const { who, code, count } of counts.values()) this.#tell(who, code, count);
  }
}
