import type { Platform } from '../common/index.ts';

/** Node's event loop as the clocks of a host see it. */
export const nodePlatform: Platform = {
  monotonic: () => performance.now(),
  wallTime: () => Date.now(),
  // Not a promise or nextTick: those run before I/O, and an endless chain of them would stop it.
  soon: (callback) => setImmediate(callback),
  later: (callback, ms) => setTimeout(callback, ms),
  cancelLater: (handle) => clearTimeout(handle as NodeJS.Timeout),
};
