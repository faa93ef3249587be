import { performance } from 'node:perf_hooks';
import { Histogram } from './histogram.ts';

/** Between two looks: rare enough to cost nothing, and whatever holds the loop up for longer is met. */
const LOOK_MS = 500;

/** How late the event loop of this process is. */
export class LoopLag {
  /** In seconds, one value for each look. */
  readonly late = new Histogram([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]);
  readonly #timer: NodeJS.Timeout;
  #due = performance.now() + LOOK_MS;

  constructor() {
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.late.observe(Math.max(0, now - this.#due) / 1000);
      this.#due = now + LOOK_MS;
    }, LOOK_MS).unref();
  }

  /** Time in which it did something, since the process began. */
  get busySeconds(): number {
    return performance.eventLoopUtilization().active / 1000;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
