import type { Platform } from '../common/index.ts';

const { hrtime } = process; // as it was before any swarmlet could replace it

/** Node's event loop as the clocks of a host see it. */
export const nodePlatform: Platform = {
  // Not `performance.now`: the module behind it loads as long as all the rest of a host, and it is the slower of the two.
  monotonic: () => {
    const [seconds, nanoseconds] = hrtime();
    return seconds * 1000 + nanoseconds / 1e6;
  },
  wallTime: () => Date.now(),
  // Not a promise or nextTick: those run before I/O, and an endless chain of them would stop it.
  soon: (callback) => setImmediate(callback),
  later: (callback, ms) => setTimeout(callback, ms),
  cancelLater: (handle) => clearTimeout(handle as NodeJS.Timeout),
};
