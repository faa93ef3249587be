import type { Platform } from '../common/index.ts';

const { hrtime, nextTick } = process; // as they were before any swarmlet could replace them
const resolved = Promise.resolve();

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
  // Ticks come when the promises of a turn are done, and first themselves: so it takes one of each.
  settled: (callback) => resolved.then(() => nextTick(callback)),
  later: (callback, ms) => setTimeout(callback, ms),
  cancelLater: (handle) => clearTimeout(handle as NodeJS.Timeout),
};
