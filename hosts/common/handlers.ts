import type { Accessor } from './accessor.ts';

/** A function that waits for values of an input, or for any reaction. */
export interface Handler {
  readonly handle: number;
  readonly call: (...args: unknown[]) => void;
  readonly args: readonly unknown[];
  removed: boolean;
  /** The one that was added after it. */
  next: Handler | undefined;
}

/** Handlers in the order of addition. May change while it runs: what is added runs, what is removed does not. */
export class HandlerList {
  /** The input whose handlers these are; undefined for those of any input. */
  readonly input: string | undefined;
  #first: Handler | undefined = undefined;
  #last: Handler | undefined = undefined;
  #runs = 0;
  /** Some are removed and still in the list: nothing leaves it while it runs. */
  #stale = false;

  constructor(input?: string) {
    this.input = input;
  }

  add(handler: Handler): void {
    if (this.#last) this.#last.next = handler;
    else this.#first = handler;
    this.#last = handler;
  }

  remove(handler: Handler): void {
    handler.removed = true;
    this.#stale = true;
    this.#sweep();
  }

  clear(): void {
    for (let handler = this.#first; handler; handler = handler.next) handler.removed = true;
    this.#stale = true;
    this.#sweep();
  }

  /** Calls each handler on the root instance of `owner`, which decides what happens when one throws. */
  run(owner: Accessor): void {
    const self = owner.root;
    this.#runs++;
    try {
      for (let handler = this.#first; handler; handler = handler.next) {
        if (handler.removed) continue;
        try {
          if (handler.args.length === 0) handler.call.call(self);
          else handler.call.apply(self, handler.args as unknown[]);
        } catch (error) {
          this.remove(handler);
          owner.handlerFailed(error, this);
        }
      }
    } finally {
      this.#runs--;
      if (this.#stale) this.#sweep();
    }
  }

  /** Those that were not removed, in the order of addition. */
  get handles(): number[] {
    const handles: number[] = [];
    for (let handler = this.#first; handler; handler = handler.next) if (!handler.removed) handles.push(handler.handle);
    return handles;
  }

  find(handle: number): Handler | undefined {
    let handler = this.#first;
    while (handler && (handler.handle !== handle || handler.removed)) handler = handler.next;
    return handler;
  }

  #sweep(): void {
    if (this.#runs > 0) return;
    let handler = this.#first;
    this.#first = this.#last = undefined;
    this.#stale = false;
    for (; handler; handler = handler.next) if (!handler.removed) this.add(handler);
    if (this.#last) (this.#last as Handler).next = undefined;
  }
}
