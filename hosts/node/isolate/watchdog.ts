/** What a watchdog looks at. */
export interface Watched {
  /** @returns  milliseconds until it wants to be looked at again, at the latest */
  look(now: number): number;
}

/** From here on waits are rounded down to common moments, so that a hundred isolates at rest share one wake-up. */
const SHARED_MS = 50;

/** A tick that comes this much later than it was due is the host's own pause, and nobody's fault. */
const SLACK_MS = 100;

/**
 * Looks at all isolates of a tier from one timer, each as often as it asks for. Its time is what the host attended:
 * while the host itself was stopped, asleep or busy the time stood still, so its pauses kill nobody.
 */
export class Watchdog {
  readonly #watched = new Map<Watched, number>(); // -> when to look
  #attended = 0;
  #at = performance.now();
  #planned = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Attended milliseconds. */
  now(): number {
    return this.#attended + Math.min(performance.now() - this.#at, this.#planned + SLACK_MS);
  }

  add(watched: Watched): void {
    this.#watched.set(watched, this.now());
    this.#plan();
  }

  remove(watched: Watched): void {
    this.#watched.delete(watched);
    if (this.#watched.size > 0 || !this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #plan(): void {
    let next = Infinity;
    for (const due of this.#watched.values()) if (due < next) next = due;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = undefined;
    if (next === Infinity) return;
    this.#attend();
    this.#planned = Math.max(1, Math.ceil(next - this.#attended));
    this.#timer = setTimeout(this.#tick, this.#planned).unref();
  }

  #attend(): void {
    this.#attended = this.now();
    this.#at = performance.now();
  }

  readonly #tick = (): void => {
    this.#timer = undefined;
    this.#attend();
    const now = this.#attended;
    for (const [watched, due] of this.#watched) {
      if (now < due) continue;
      const ms = watched.look(now);
      if (this.#watched.has(watched)) this.#watched.set(watched, ms < SHARED_MS ? now + ms : (Math.floor(now / ms) + 1) * ms);
    }
    this.#plan();
  };
}
