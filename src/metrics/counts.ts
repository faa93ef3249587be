import type { Series } from './family.ts';

/** Counters that differ in the values of their labels; there are as many as there were combinations. */
export class Counts {
  readonly #counts = new Map<string, { readonly labels: readonly string[]; value: number }>();

  add(...labels: string[]): void {
    const key = labels.join('\n');
    const count = this.#counts.get(key);
    if (count) count.value++;
    else this.#counts.set(key, { labels, value: 1 });
  }

  get series(): Series[] {
    return [...this.#counts.values()].map(({ labels, value }) => [value, ...labels]);
  }

  /** Drops all whose first label has this value. */
  forget(first: string): void {
    for (const [key, { labels }] of this.#counts) if (labels[0] === first) this.#counts.delete(key);
  }
}
