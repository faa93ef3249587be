import type { AccessorContext } from '../../hosts/common/index.ts';

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  of(time: Date): number;
}
const minute: Field = { name: 'minute', min: 0, max: 59, of: (time) => time.getMinutes() };
const hour: Field = { name: 'hour', min: 0, max: 23, of: (time) => time.getHours() };
const date: Field = { name: 'date', min: 1, max: 31, of: (time) => time.getDate() };
const month: Field = { name: 'month', min: 0, max: 11, of: (time) => time.getMonth() };
const day: Field = { name: 'day', min: 0, max: 6, of: (time) => time.getDay() };
const fields: readonly Field[] = [minute, hour, date, month, day];
/** What the inputs ask for, field by field: a number, or any. */
type Pattern = ReadonlyMap<Field, number | '*'>;

const MINUTE_MS = 60_000;
/** A time closer than this counts as passed: it may be the one that the timer has just waited for. */
const CLOSE_MS = 2000;
/** The calendar repeats after so many years, week days included. */
const CALENDAR_YEARS = 400;

let timer: ReturnType<typeof setTimeout> | undefined;

/** Sends 0, 1, 2, ... at the local times that match all five inputs, which are read at initialization and after each
 *  event. With all of them fixed, only the present year counts.
 *  @input minute   any, default 0; 0 to 59 or "*"
 *  @input hour     any, default "*"; 0 to 23 or "*"
 *  @input date     any, default "*"; 1 to 31 or "*"
 *  @input month    any, default "*"; 0 to 11 or "*"
 *  @input day      any, default "*"; 0 (Sunday) to 6 or "*"
 *  @output output  number
 *  @error initialize throws a text that names a field which is out of range
 *  @example
 *  const cron = this.instantiate('cron', 'utilities/Cron');
 *  cron.setDefault('minute', 30);
 *  cron.setDefault('hour', 7); // every day at 7:30
 *  this.connect(cron, 'output', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('minute', { value: 0 });
  this.input('hour', { value: '*' });
  this.input('date', { value: '*' });
  this.input('month', { value: '*' });
  this.input('day', { value: '*' });
  this.output('output', { type: 'number' });
}

export function initialize(this: AccessorContext): void {
  let count = 0;
  const schedule = (now: number): void => {
    const next = nextMatch(patternOf(this), now);
    if (next === undefined) {
      console.log(`${this.getName()}: no time to come matches`);
      return;
    }
    console.log(`${this.getName()}: next event at ${new Date(next)}`);
    const delay = next - now;
    const requested = performance.now();
    timer = setTimeout(() => {
      this.send('output', count++);
      // Under a simulated clock the wait was shorter, and the time of the event has not come on the wall.
      schedule(performance.now() - requested < delay / 2 ? next : Date.now());
    }, delay);
  };
  schedule(Date.now());
}

export function wrapup(this: AccessorContext): void {
  clearTimeout(timer);
}

/** @throws a text that names the input that is neither a whole number of its range nor `*` */
function patternOf(accessor: AccessorContext): Pattern {
  return new Map(
    fields.map((field): [Field, number | '*'] => {
      const value = accessor.get(field.name);
      if (value === '*') return [field, value];
      if (Number.isInteger(value) && Number(value) >= field.min && Number(value) <= field.max) return [field, Number(value)];
      throw `${accessor.getName()}: ${field.name} should be '*' or a whole number from ${field.min} to ${field.max}, got ${value}`;
    }),
  );
}

/** The first full minute at least `CLOSE_MS` after `now` that matches, in ms since 1970; undefined if there is none. */
function nextMatch(pattern: Pattern, now: number): number | undefined {
  const matches = (field: Field, time: Date): boolean => pattern.get(field) === '*' || pattern.get(field) === field.of(time);
  const fixed = fields.every((field) => pattern.get(field) !== '*');
  const lastYear = new Date(now).getFullYear() + (fixed ? 0 : CALENDAR_YEARS);
  let time = new Date(Math.ceil((now + CLOSE_MS) / MINUTE_MS) * MINUTE_MS);
  while (time.getFullYear() <= lastYear) {
    if (!matches(month, time)) time = new Date(time.getFullYear(), time.getMonth() + 1, 1);
    else if (!matches(date, time) || !matches(day, time)) time = new Date(time.getFullYear(), time.getMonth(), time.getDate() + 1);
    // In steps of real time: where clocks change, an hour is left out or comes twice.
    else if (!matches(hour, time)) time = new Date(time.getTime() + (60 - time.getMinutes()) * MINUTE_MS);
    else if (!matches(minute, time)) time = new Date(time.getTime() + MINUTE_MS);
    else return time.getTime();
  }
  return undefined;
}
