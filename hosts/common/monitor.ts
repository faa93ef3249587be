import type { Accessor } from './accessor.ts';

type Activity = 'initialize' | 'react' | 'wrapup';
const activities: readonly Activity[] = ['initialize', 'react', 'wrapup'];

interface ActivityReport {
  count: number;
  /** Part of the monitored time spent in it, 0 to 1. */
  utilization: number;
  /** Milliseconds since 1970; 0 before the first. */
  latestStart: number;
  latestEnd: number;
}

/** What monitoring tells (spec section 16). */
export interface MonitorReport {
  accessorName: string;
  startMonitoringTime: number;
  currentMonitoringTime: number;
  stopMonitoringTime?: number;
  utilization: number;
  initialize: ActivityReport;
  react: ActivityReport;
  wrapup: ActivityReport;
  containedAccessors?: MonitorReport[];
}

/** Counts what one accessor does and measures how long it takes. */
export class Monitor {
  readonly deeply: boolean;
  readonly report: MonitorReport;
  active = true;
  readonly #accessor: Accessor;
  readonly #spent: Record<Activity, number> = { initialize: 0, react: 0, wrapup: 0 };
  /** Activities of one kind may nest (a reaction inside a reaction); only the outermost is timed. */
  readonly #depth: Record<Activity, number> = { initialize: 0, react: 0, wrapup: 0 };

  constructor(accessor: Accessor, deeply: boolean) {
    const now = Date.now();
    const none = (): ActivityReport => ({ count: 0, utilization: 0, latestStart: 0, latestEnd: 0 });
    this.#accessor = accessor;
    this.deeply = deeply;
    this.report = {
      accessorName: accessor.name,
      startMonitoringTime: now,
      currentMonitoringTime: now,
      utilization: 0,
      initialize: none(),
      react: none(),
      wrapup: none(),
    };
  }

  static start(accessor: Accessor, deeply: boolean): void {
    accessor.monitor = new Monitor(accessor, deeply);
    if (deeply) for (const contained of accessor.contained) Monitor.start(contained, true);
  }

  begin(activity: Activity): void {
    if (!this.active || this.#depth[activity]++ > 0) return;
    this.report[activity].latestStart = Date.now();
  }

  end(activity: Activity): void {
    if (!this.active) return;
    // It may have begun before monitoring did: then the start of monitoring counts as its start.
    if (this.#depth[activity] > 0 && --this.#depth[activity] > 0) return;
    const entry = this.report[activity];
    const now = Date.now();
    if (entry.latestStart === 0) entry.latestStart = this.report.startMonitoringTime;
    entry.latestEnd = now;
    entry.count++;
    this.#spent[activity] += Math.max(0, now - entry.latestStart);
  }

  /** Brings the report up to now; asking changes nothing that is measured. */
  update(): MonitorReport {
    const { report } = this;
    if (!this.active) return report;
    report.currentMonitoringTime = Math.max(Date.now(), report.currentMonitoringTime);
    const elapsed = report.currentMonitoringTime - report.startMonitoringTime;
    // Activities may contain each other, and clocks may step: no part is more than what is left of the whole.
    let left = 1;
    for (const activity of activities) {
      const share = elapsed > 0 ? Math.min(this.#spent[activity] / elapsed, left) : 0;
      report[activity].utilization = share;
      left -= share;
    }
    report.utilization = 1 - left;
    if (this.deeply) {
      report.containedAccessors = this.#accessor.contained.flatMap((contained) => {
        const inner = contained.monitor?.update();
        return inner ? [inner] : [];
      });
    }
    return report;
  }

  stop(): MonitorReport {
    if (!this.active) return this.report;
    const report = this.update();
    report.stopMonitoringTime = report.currentMonitoringTime;
    this.active = false;
    for (const contained of this.#accessor.contained) contained.monitor?.stop();
    return report;
  }
}
