import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Schedule {
  next(from: number): number | undefined;
}
const { schedule } = require('@accessors-modules/schedule') as { schedule(expression: string, timeZone: string): Schedule };

/** The machine's clock is looked at so often: it may be set, and timers go on as if nothing had been. */
const LOOK_MS = 3_600_000;
/** By so much a timer may come too early. */
const EARLY_MS = 1000;

let timer: ReturnType<typeof setTimeout> | undefined;

/** Sends a value whenever a cron expression comes due, by the clocks of a time zone, daylight saving included.
 *  @output output         number; the time that came due, ms since 1970
 *  @output next           number; the time that comes next; null: none
 *  @parameter expression  string, default "0 * * * *"; minute, hour, day, month, day of the week; with six fields the first are seconds; or "@daily" and the like
 *  @parameter timeZone    string, default ""; as Europe/Berlin; empty: that of the machine
 *  @error initialize throws, naming them, if expression or time zone are none
 *  @example
 *  const schedule = this.instantiate('schedule', 'utilities/Schedule');
 *  schedule.setParameter('expression', '30 7 * * MON-FRI');
 *  schedule.setParameter('timeZone', 'Europe/Berlin');
 *  this.connect(schedule, 'output', heating, 'input'); */
export function setup(this: AccessorContext): void {
  this.output('output', { type: 'number' });
  this.output('next', { type: 'number' });
  this.parameter('expression', { type: 'string', value: '0 * * * *' });
  this.parameter('timeZone', { type: 'string', value: '' });
}

export function initialize(this: AccessorContext): void {
  const times = schedule(String(this.getParameter('expression')), String(this.getParameter('timeZone')));
  const wait = (now: number, due: number | undefined): void => {
    if (due === undefined) return;
    const delay = Math.max(0, Math.min(due - now, LOOK_MS));
    const began = performance.now();
    timer = setTimeout(() => {
      // Under a simulated clock the wait was shorter, and the wall has not moved as far.
      const simulated = performance.now() - began < delay / 2;
      const then = simulated ? now + delay : Date.now();
      if (then < due - EARLY_MS) {
        wait(then, simulated ? due : times.next(then));
        return;
      }
      this.send('output', due);
      announce(Math.max(then, due));
    }, delay);
  };
  const announce = (now: number): void => {
    const due = times.next(now);
    this.send('next', due ?? null);
    wait(now, due);
  };
  announce(Date.now());
}

export function wrapup(this: AccessorContext): void {
  clearTimeout(timer);
}
