import { errors } from '../errors.ts';

/** What used a nonce. */
export interface NonceUse {
  readonly swarmlet: string;
  readonly digest: string;
  /** Null for an input, which has none. */
  readonly sequence: number | null;
  /** The version whose state tells the outcome. */
  readonly version: string | null;
  /** Unix milliseconds; it is remembered up to then. */
  readonly until: number;
}

/**
 * The nonces of accepted statements, bounded. One of a statement with a sequence may be forgotten early, since its sequence
 * refuses it again; an input has nothing else, so when too many are remembered no more inputs are taken.
 */
export class Nonces {
  readonly #limit: number;
  readonly #ordered = new Map<string, NonceUse>();
  readonly #inputs = new Map<string, NonceUse>();

  /** @param limit  of either kind */
  constructor(limit: number) {
    this.#limit = limit;
  }

  delete(nonce: string): void {
    this.#ordered.delete(nonce);
    this.#inputs.delete(nonce);
  }

  get(nonce: string): NonceUse | undefined {
    return this.#ordered.get(nonce) ?? this.#inputs.get(nonce);
  }

  /**
   * @param now  Unix milliseconds
   * @throws QUOTA_EXCEEDED
   */
  add(nonce: string, use: NonceUse, now: number): void {
    const uses = use.sequence === null ? this.#inputs : this.#ordered;
    if (uses.size >= this.#limit) forgetExpired(uses, now);
    if (uses.size >= this.#limit) {
      if (use.sequence === null) throw errors.QUOTA_EXCEEDED('inputs that have not expired', this.#limit);
      const [oldest] = uses.keys();
      if (oldest !== undefined) uses.delete(oldest);
    }
    uses.set(nonce, use);
  }
}

function forgetExpired(uses: Map<string, NonceUse>, now: number): void {
  for (const [nonce, { until }] of uses) if (until < now) uses.delete(nonce);
}
