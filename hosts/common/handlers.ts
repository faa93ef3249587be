import type { Accessor } from './accessor.ts';

/** A function that waits for values of an input, or for any reaction. */
export interface Handler {
  readonly handle: number;
  /** Undefined once it is removed. */
  call: ((...args: unknown[]) => void) | undefined;
  /** Undefined if there are none. */
  readonly args: readonly unknown[] | undefined;
  /** The one that was added after it. */
  next: Handler | undefined;
}

/**
 * What has handlers: an input, or an accessor for those of any input. They stand in the order of addition, and may change while they
 * run: what is added runs, what is removed does not.
 */
export interface Handled {
  firstHandler: Handler | undefined;
  lastHandler: Handler | undefined;
}

export function addHandler(to: Handled, handler: Handler): void {
  if (to.lastHandler) to.lastHandler.next = handler;
  else to.firstHandler = handler;
  to.lastHandler = handler;
}

export function removeHandler(from: Handled, handler: Handler): void {
  handler.call = undefined;
  sweep(from);
}

export function removeHandlers(from: Handled): void {
  for (let handler = from.firstHandler; handler; handler = handler.next) handler.call = undefined;
  sweep(from);
}

/** Takes out what was removed, but for the last one: a run may stand on it, and goes on from there to what is added. */
function sweep(list: Handled): void {
  let before: Handler | undefined;
  for (let handler = list.firstHandler; handler; handler = handler.next) {
    if (!handler.call && handler !== list.lastHandler) continue;
    if (before) before.next = handler;
    else list.firstHandler = handler;
    before = handler;
  }
}

/** Calls each handler on the root instance of `owner`, which decides what happens when one throws. */
export function runHandlers(of: Handled, owner: Accessor): void {
  const self = owner.root;
  for (let handler = of.firstHandler; handler !== undefined; handler = handler.next) {
    const { call, args } = handler;
    if (call === undefined) continue;
    try {
      if (args === undefined) call.call(self);
      else call.apply(self, args as unknown[]);
    } catch (error) {
      removeHandler(of, handler);
      owner.handlerFailed(error, of);
    }
  }
}

/** Those that were not removed, in the order of addition. */
export function handlersOf(of: Handled): Handler[] {
  const handlers: Handler[] = [];
  for (let handler = of.firstHandler; handler; handler = handler.next) if (handler.call) handlers.push(handler);
  return handlers;
}
