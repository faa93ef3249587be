import { AsyncLocalStorage } from 'node:async_hooks';

/** Whose code runs now, or began what runs now. */
const owners = new AsyncLocalStorage<(error: unknown) => void>();
let guards = 0;

/** An error of a timer, a socket or a promise of one that runs here is its failure; any other ends the process, as always. */
function uncaught(error: unknown): void {
  const owner = owners.getStore();
  if (owner) {
    owner(error);
    return;
  }
  forget(); // thrown from here it would be another exit code
  process.nextTick(() => {
    throw error;
  });
}

function listen(): void {
  process.on('uncaughtException', uncaught);
  process.on('unhandledRejection', uncaught);
}

function forget(): void {
  process.off('uncaughtException', uncaught);
  process.off('unhandledRejection', uncaught);
}

/**
 * Keeps errors that nobody catches from ending the process, where they come from something that was begun by `run`. Node
 * does not tell whose an error is that was thrown from a bare `queueMicrotask` before version 24; that one still ends it.
 */
export class CrashGuard {
  #active = false;

  /** @param crashed  told of what was thrown where nobody could catch it */
  run<T>(crashed: (error: unknown) => void, begin: () => T): T {
    this.#activate();
    return owners.run(crashed, begin);
  }

  #activate(): void {
    if (this.#active) return;
    this.#active = true;
    if (guards++ === 0) listen();
  }

  close(): void {
    if (!this.#active) return;
    this.#active = false;
    if (--guards === 0) forget();
  }
}
