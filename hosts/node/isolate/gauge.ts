import type { Schedule, Vitals } from './carrier.ts';

const WINDOW_MS = 10_000;
const SAMPLE_MS = 1000;
/** Between two looks at what is at rest, and at most between two at what is not. */
const REST_MS = 200;
const BUSY_MS = 50;
/** How fast one thread fills memory that it has not used before. */
const FASTEST_MIB_PER_MS = 1;

/** What one carrier uses: its private memory now, its processor time, and that as a mean over the last ten seconds. */
export class Gauge {
  /** Of the last look; undefined where the system does not tell. */
  schedule: Schedule | undefined;
  privateMiB = 0;
  /** Its main thread ran since the look before. */
  moved = true;
  readonly #vitals: Vitals;
  readonly #clock: () => number;
  #ranSinceSample = true;
  /** Processor time that counts no more. */
  #spentMs = 0;
  #tellsCpu = false;
  #tellsMemory = false;
  readonly #samples: { readonly at: number; readonly cpuMs: number }[] = [];

  /** @param clock  milliseconds of real time: processors go on while the host attends to nothing */
  constructor(vitals: Vitals, clock = (): number => performance.now()) {
    this.#vitals = vitals;
    this.#clock = clock;
  }

  /** What was used before counts no more: it was the runtime's own start. */
  restart(): void {
    this.#samples.length = 0;
  }

  look(): void {
    const now = this.#clock();
    const schedule = this.#vitals.schedule();
    this.moved = !schedule || schedule.ran !== this.schedule?.ran;
    this.schedule = schedule;
    if (this.moved) {
      this.measure();
      this.#ranSinceSample = true;
    }
    const last = this.#samples.at(-1);
    if (last && now - last.at < SAMPLE_MS) return;
    const told = this.#ranSinceSample || !last ? this.#vitals.cpuMs() : last.cpuMs;
    const cpuMs = told ?? last?.cpuMs ?? 0;
    this.#tellsCpu ||= told !== undefined;
    if (!last) this.#spentMs = cpuMs;
    this.#ranSinceSample = false;
    this.#samples.push({ at: now, cpuMs });
    while (this.#samples.length > 2 && now - (this.#samples[1] as { at: number }).at >= WINDOW_MS) this.#samples.shift();
  }

  scheduleNow(): Schedule | undefined {
    return this.#vitals.schedule();
  }

  get awaitsEvents(): boolean {
    return this.#vitals.awaitsEvents();
  }

  measure(): number {
    const told = this.#vitals.privateMiB();
    this.#tellsMemory ||= told !== undefined;
    this.privateMiB = told ?? this.privateMiB;
    return this.privateMiB;
  }

  /** Undefined where the system does not tell. What did not run has what it had. */
  get memoryMiB(): number | undefined {
    const now = this.moved ? this.measure() : this.privateMiB;
    return this.#tellsMemory ? Math.round(now * 10) / 10 : undefined;
  }

  /** Processor time since `restart`, at most a second old; undefined where the system does not tell. */
  get cpuMs(): number | undefined {
    if (!this.#tellsCpu) return undefined;
    return (this.#samples.at(-1)?.cpuMs ?? this.#spentMs) - this.#spentMs;
  }

  /** Of one core. */
  get cpuPercent(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || last.at === first.at) return 0;
    return Math.round(((last.cpuMs - first.cpuMs) / (last.at - first.at)) * 1000) / 10;
  }

  /** The same, with what was not seen yet counted as rest: a share of ten seconds, however short it has been seen. */
  get budgetPercent(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last) return 0;
    return ((last.cpuMs - first.cpuMs) / Math.max(WINDOW_MS, last.at - first.at)) * 100;
  }

  /** Milliseconds until the next look: half the time in which it could fill its memory; at rest nothing changes. */
  pace(limitMiB: number): number {
    if (!this.moved) return REST_MS;
    return Math.min(Math.max((limitMiB - this.privateMiB) / (2 * FASTEST_MIB_PER_MS), 5), BUSY_MS);
  }

  close(): void {
    this.#vitals.close();
  }
}
