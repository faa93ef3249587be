import type { Vitals } from './procfs.ts';

const WINDOW_MS = 10_000;
const SAMPLE_MS = 1000;

/** Processor time of one child as a mean over the last ten seconds. */
export class CpuMeter {
  readonly #samples: { readonly at: number; readonly cpuMs: number }[] = [];

  sample(now: number, vitals: Vitals): void {
    const last = this.#samples.at(-1);
    if (last && now - last.at < SAMPLE_MS) return;
    this.#samples.push({ at: now, cpuMs: vitals.cpuMs() ?? last?.cpuMs ?? 0 });
    while (this.#samples.length > 2 && now - (this.#samples[1] as { at: number }).at >= WINDOW_MS) this.#samples.shift();
  }

  /** Of one core. */
  get percent(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || last.at === first.at) return 0;
    return Math.round(((last.cpuMs - first.cpuMs) / (last.at - first.at)) * 1000) / 10;
  }
}
