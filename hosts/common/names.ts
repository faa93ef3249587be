/** The names in use in one container; finds a free one at constant cost, however many share a seed. */
export class NameTable {
  readonly #used = new Map<string, number>();
  /** Where the search for the next number of a seed begins. */
  readonly #hints = new Map<string, number>();

  add(name: string): void {
    this.#used.set(name, (this.#used.get(name) ?? 0) + 1);
  }

  remove(name: string): void {
    const count = (this.#used.get(name) ?? 0) - 1;
    if (count > 0) this.#used.set(name, count);
    else this.#used.delete(name);
    this.#hints.clear(); // a smaller number may be free again
  }

  /** The seed without folders and `.js`, and if that is taken with the smallest number from 2 that makes it new. */
  unique(seed: string): string {
    const base = baseName(seed);
    if (!this.#used.has(base)) return base;
    let n = this.#hints.get(base) ?? 2;
    while (this.#used.has(base + n)) n++;
    this.#hints.set(base, n);
    return base + n;
  }
}

/** `net/REST.js` -> `REST`; backslashes part folders if there are any (spec section 17). */
export function baseName(path: string): string {
  const name = path.slice(path.lastIndexOf(path.includes('\\') ? '\\' : '/') + 1);
  return name.endsWith('.js') ? name.slice(0, -3) : name;
}
