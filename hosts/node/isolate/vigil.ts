import type { Vitals } from './carrier.ts';
import { Gauge } from './gauge.ts';
import { Heartbeat, type Silence } from './heartbeat.ts';
import type { IsolateUsage } from './isolate.ts';
import { type IsolateLimits, isolateDefaults } from './limits.ts';
import { treeMiB } from './procfs.ts';

export interface VigilListener {
  /** The child is to answer this. */
  ask(id: number): void;
  fail(reason: 'memory' | 'cpu' | 'reaction-timeout', message: string): void;
  /** Pids of what runs outside for it. */
  programs(): readonly number[];
}

/** Undefined: nobody can tell. */
export type VitalUsage = Pick<IsolateUsage, 'memoryMiB' | 'cpuPercent' | 'cpuMs'>;

/** Between two looks while values or log lines wait for their turn. */
const WAITING_MS = 50;

/** So much above the limit is what the clocks of the system may be wrong by. */
const CPU_TOLERANCE = 1.01;

/** Watches one child: its memory, with that of its programs, and its processor time always, its event loop as long as it is armed. */
export class Vigil {
  readonly #listener: VigilListener;
  #limits = isolateDefaults;
  #heartbeat = new Heartbeat(isolateDefaults.reactionMs);
  #armed = false;
  #begun = false;
  #gauge: Gauge | undefined;
  #askedMiB = 0;
  #programsMiB = 0;
  #lastUsage: VitalUsage = { memoryMiB: undefined, cpuPercent: undefined, cpuMs: undefined };

  constructor(listener: VigilListener) {
    this.#listener = listener;
  }

  /** @param vitals  undefined: of its memory and time nothing is known */
  attach(vitals: Vitals | undefined): void {
    this.#gauge = vitals && new Gauge(vitals);
  }

  /** @param limits  its memory is no more than what the carrier was made for */
  begin(limits: IsolateLimits): void {
    this.#limits = limits;
    this.#gauge?.restart();
    this.#begun = true;
    this.#heartbeat = new Heartbeat(limits.reactionMs);
  }

  arm(armed: boolean): void {
    this.#armed = armed;
  }

  /** False: nobody asked that. */
  answer(id: number, now: number): boolean {
    return this.#heartbeat.answer(id, now, this.#gauge?.scheduleNow());
  }

  /** As `IsolateUsage.lagMs`; what has no vitals runs in the host's own loop, which asks no sooner than it can answer. */
  lagMs(now: number): number | undefined {
    const lagMs = this.#gauge && this.#heartbeat.lagMs(now);
    return lagMs && Math.round(lagMs * 10) / 10;
  }

  /**
   * @param busy     it was given something to do
   * @param waiting  something waits for time to pass
   * @returns        milliseconds until the next look
   */
  look(now: number, busy: boolean, waiting: boolean): number {
    this.#gauge?.look();
    const programs = this.#listener.programs();
    this.#programsMiB = programs.reduce((sum, pid) => sum + treeMiB(pid), 0);
    this.#checkMemory();
    if (this.#begun) this.#checkCpu();
    const pace = busy || waiting || programs.length > 0 || !this.#gauge ? WAITING_MS : this.#gauge.pace(this.#limits.memoryMiB);
    const next = Math.min(pace, this.#limits.reactionMs / 5);
    if (!this.#armed) return next;
    this.#checkHeartbeat(now, busy);
    return this.#heartbeat.silent ? Math.min(this.#heartbeat.patience(now), next) : next;
  }

  get usage(): VitalUsage {
    if (this.#gauge) {
      const { memoryMiB: own, cpuMs, cpuPercent } = this.#gauge;
      const memoryMiB = own && Math.round((own + this.#programsMiB) * 10) / 10;
      this.#lastUsage = { memoryMiB, cpuMs, cpuPercent: cpuMs === undefined ? undefined : cpuPercent };
    }
    return this.#lastUsage;
  }

  /** The process has ended; its usage stays as it was. */
  close(): void {
    this.#lastUsage = this.usage;
    this.#gauge?.close();
    this.#gauge = undefined;
    this.#armed = false;
  }

  #checkMemory(): void {
    if (!this.#gauge?.moved && this.#programsMiB === 0) return;
    const { memoryMiB } = this.#limits;
    const used = (this.#gauge?.privateMiB ?? 0) + this.#programsMiB;
    if (used <= memoryMiB) return;
    const whose = this.#programsMiB > 0 ? `, ${Math.ceil(this.#programsMiB)} of them in programs that it runs` : '';
    this.#listener.fail('memory', `It used ${Math.ceil(used)} MiB of private memory${whose}; allowed are ${memoryMiB} MiB.`);
  }

  #checkCpu(): void {
    const { cpuPercent } = this.#limits;
    const used = this.#gauge?.budgetPercent ?? 0;
    if (used <= cpuPercent * CPU_TOLERANCE) return;
    this.#listener.fail('cpu', `It used ${Math.round(used)} % of a core in the mean of ten seconds; allowed are ${cpuPercent} %.`);
  }

  #checkHeartbeat(now: number, busy: boolean): void {
    const next = this.#heartbeat.check(now, this.#gauge?.schedule, busy, () => this.#gauge?.awaitsEvents ?? false);
    if (next === undefined) return;
    if (typeof next === 'string') {
      setImmediate(() => this.#unlessAnswered(next));
      return;
    }
    this.#askedMiB = this.#gauge?.privateMiB ?? 0;
    this.#listener.ask(next);
  }

  /** Called after what waits in the pipes was read: the answer may be there, and only this host was late. */
  #unlessAnswered(silence: Silence): void {
    if (!this.#armed || !this.#heartbeat.silent) return;
    const how = silence === 'stuck' ? 'stuck' : 'blocked in a call that did not return';
    const stuck = `its event loop was ${how} for more than ${this.#limits.reactionMs} ms`;
    // A loop that fills the memory is found by whichever limit it meets first; what it did wrong is the same.
    const grownMiB = Math.round((this.#gauge?.measure() ?? 0) - this.#askedMiB);
    if (grownMiB > this.#limits.memoryMiB / 4) this.#listener.fail('memory', `Its memory grew by ${grownMiB} MiB while ${stuck}.`);
    else this.#listener.fail('reaction-timeout', `I${stuck.slice(1)}.`);
  }
}
