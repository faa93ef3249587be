/** Refusals of callers that are not known, counted for each address and code: many of them make few lines. */
export class StrangerCounts {
  readonly #tell: (address: string, code: string, count: number) => void;
  readonly #periodMs: number;
  readonly #limit: number;
  #counts = new Map<string, { readonly address: string; readonly code: string; count: number }>();
  #timer: NodeJS.Timeout | undefined;

  /** @param limit  pairs of address and code in one period; the rest is counted under the address `others` */
  constructor(tell: (address: string, code: string, count: number) => void, periodMs = 1000, limit = 256) {
    this.#tell = tell;
    this.#periodMs = periodMs;
    this.#limit = limit;
  }

  add(address: string, code: string): void {
    const known = this.#counts.get(`${address} ${code}`);
    if (known) known.count++;
    else if (address !== 'others' && this.#counts.size >= this.#limit) this.add('others', code);
    else this.#counts.set(`${address} ${code}`, { address, code, count: 1 });
    this.#timer ??= setTimeout(() => this.flush(), this.#periodMs).unref();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const counts = this.#counts;
    this.#counts = new Map();
    for (const { address, code, count } of counts.values()) this.#tell(address, code, count);
  }
}
