import { type AuditFields, Chain } from './chain.ts';

const limit = 10_000;

/** The newest records of a box that keeps nothing on disk. */
export class MemoryRecords {
  readonly #chain = new Chain();
  #lines: { readonly at: number; readonly line: string }[] = [];

  /** Number of the newest. */
  get sequence(): number {
    return this.#chain.head.seq;
  }

  append(record: AuditFields): void {
    const at = Date.now();
    this.#lines.push({ at, line: this.#chain.add(new Date(at).toISOString(), record) });
    if (this.#lines.length > 2 * limit) this.#lines = this.#lines.slice(-limit);
  }

  lines(since: number, count: number): string[] {
    const found = this.#lines.filter(({ at }) => at >= since);
    return found.slice(-count).map(({ line }) => line);
  }
}
