/** A function that listens to an event; `this` is the emitter. */
// biome-ignore lint/suspicious/noExplicitAny: the arguments are those of the event
export type Listener = (...args: any[]) => void;

interface Registration {
  readonly listener: Listener;
  readonly once: boolean;
}

/**
 * The part of Node's EventEmitter that accessor code relies on (spec section 16), for any JavaScript engine.
 * `Events` maps the name of each event to the list of its arguments, so a misspelt name does not compile.
 */
export class TypedEmitter<Events extends { [K in keyof Events]: unknown[] }> {
  readonly #target: object;
  #listeners: Map<PropertyKey, Registration[]> | undefined; // most emitters never have one

  /** @param target  what `this` is inside listeners; the emitter itself unless given */
  constructor(target?: object) {
    this.#target = target ?? this;
  }

  on<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void): this {
    return this.#add(event, listener, false, false);
  }

  once<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void): this {
    return this.#add(event, listener, true, false);
  }

  prepend<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void, once = false): this {
    return this.#add(event, listener, once, true);
  }

  off<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void): this {
    const registered = this.#listeners?.get(event);
    if (!registered) return this;
    const index = registered.findLastIndex((r) => r.listener === listener);
    if (index < 0) return this;
    // A new array, so that an `emit` under way still reaches those it began with.
    const rest = registered.filter((_, i) => i !== index);
    if (rest.length > 0) this.#listeners?.set(event, rest);
    else this.#listeners?.delete(event);
    return this;
  }

  removeAllListeners(event?: keyof Events): this {
    if (event === undefined) this.#listeners = undefined;
    else this.#listeners?.delete(event);
    return this;
  }

  /** True if somebody listened. An `error` without a listener is thrown, as Node does. */
  emit<K extends keyof Events>(event: K, ...args: Events[K]): boolean {
    const registered = this.#listeners?.get(event);
    if (!registered) {
      if (event === 'error') throw args[0];
      return false;
    }
    for (const r of registered) {
      if (r.once) this.off(event, r.listener);
      r.listener.apply(this.#target, args);
    }
    return true;
  }

  listeners(event: keyof Events): Listener[] {
    return (this.#listeners?.get(event) ?? []).map((r) => r.listener);
  }

  listenerCount(event: keyof Events): number {
    return this.#listeners?.get(event)?.length ?? 0;
  }

  eventNames(): PropertyKey[] {
    return [...(this.#listeners?.keys() ?? [])];
  }

  #add(event: PropertyKey, listener: Listener, once: boolean, first: boolean): this {
    if (typeof listener !== 'function') throw new TypeError(`The listener of ${String(event)} is not a function`);
    const registered = this.#listeners?.get(event) ?? [];
    this.#listeners ??= new Map();
    this.#listeners.set(event, first ? [{ listener, once }, ...registered] : [...registered, { listener, once }]);
    return this;
  }
}
