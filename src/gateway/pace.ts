/**
 * Holds back connections and lets them go on together, so many milliseconds after the first: what all of them sent meanwhile then
 * costs one wake-up of the box instead of one for each message, which is most of what it costs to refuse a statement.
 */
export class Pace {
  readonly #ms: number;
  #held: (() => void)[] = [];

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** @param go  called once, later */
  hold(go: () => void): void {
    if (this.#held.push(go) === 1) setTimeout(() => this.#letGo(), this.#ms).unref();
  }

  #letGo(): void {
    const held = this.#held;
    this.#held = [];
    for (const go of held) go();
  }
}
