/** The supervisor's view of time, so that tests need not wait. */
export interface Timing {
  /** Unix milliseconds. */
  now(): number;
  /** Calls `run` once after so many milliseconds; the returned function cancels that. */
  after(ms: number, run: () => void): () => void;
}

/** The longest wait that Node's timers know; longer ones are waited for in parts. */
const LONGEST_WAIT_MS = 2_147_483_647;

export const wallTiming: Timing = {
  now: () => Date.now(),
  after: (ms, run) => {
    let handle: NodeJS.Timeout;
    const wait = (left: number): void => {
      const part = Math.min(left, LONGEST_WAIT_MS);
      handle = setTimeout(() => (left > part ? wait(left - part) : run()), part);
    };
    wait(ms);
    return () => clearTimeout(handle);
  },
};
