import { errorText } from '../../hosts/common/index.ts';
import { CrashGuard } from './crash-guard.ts';
import { type Job, Task, type TaskHealth, type TaskTimes, taskTimes } from './task.ts';

/** Something that is to run. */
export interface Wanted {
  /** Equal to that of what runs already: it goes on. */
  readonly key: string;
  readonly label: string;
  /** Makes the job, once for each that is begun; what it throws is a failure of the job. */
  readonly job: Job;
  /** Called when it is not wanted any more. */
  readonly dropped?: () => void;
}

/** What the operator should know of one of them, and in how many milliseconds it is begun anew, if it is. */
export type ManagerReport = (label: string, message: string, againMs?: number) => void;

interface Running extends Wanted {
  readonly task: Task;
}

/** Keeps a set of jobs running: begins what is new, stops what is gone, leaves alone what stays. */
export class Manager {
  readonly #report: ManagerReport;
  readonly #times: TaskTimes;
  readonly #running = new Map<string, Running>();
  readonly #guard = new CrashGuard();
  #closed = false;

  constructor(report: ManagerReport, times: TaskTimes = taskTimes) {
    this.#report = report;
    this.#times = times;
  }

  /** Resolves when what is not wanted any more has ended. What is wanted twice runs once. */
  async apply(wanted: readonly Wanted[]): Promise<void> {
    if (this.#closed) return;
    const byKey = new Map(wanted.map((one) => [one.key, one]));
    const gone = [...this.#running.values()].filter(({ key }) => !byKey.has(key));
    for (const { key } of gone) this.#running.delete(key);
    for (const one of byKey.values()) if (!this.#running.has(one.key)) this.#begin(one);
    await Promise.all(gone.map((one) => this.#end(one)));
  }

  #begin(one: Wanted): void {
    const guarded: Job = (signal) =>
      this.#guard.run(
        (error) => task.crashed(error),
        async () => one.job(signal),
      );
    const task = new Task(guarded, (message, againMs) => this.#report(one.label, message, againMs), this.#times);
    this.#running.set(one.key, { ...one, task });
  }

  async #end({ label, task, dropped }: Running): Promise<void> {
    await task.stop();
    try {
      dropped?.();
    } catch (error) {
      this.#report(label, errorText(error));
    }
  }

  /** By label. */
  get health(): ReadonlyMap<string, TaskHealth> {
    return new Map([...this.#running.values()].map(({ label, task }) => [label, task.health]));
  }

  async close(): Promise<void> {
    await this.apply([]);
    this.#closed = true;
    this.#guard.close();
  }
}
