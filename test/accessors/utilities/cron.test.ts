import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { library, printed, sent } from '../../support/library.ts';

process.env.TZ = 'Europe/Berlin'; // which changes its clocks on 2024-03-31 and 2024-10-27

const it = suite('Cron');
const { now } = Date;

it.after.each(() => {
  Date.now = now;
  Reflect.deleteProperty(performance, 'now'); // the one of the prototype again
});

type Fields = Readonly<Record<string, unknown>>;

interface Events {
  /** Local times, `YYYY-MM-DD hh:mm:ss`. */
  readonly times: string[];
  readonly counts: unknown[];
  readonly lines: readonly string[];
}

function local(ms: number): string {
  return new Date(ms).toLocaleString('sv');
}

/**
 * Runs on simulated time, with the wall standing still at `start`, local time.
 * @param days  how much time passes
 */
async function run(fields: Fields, start: string, days: number): Promise<Events> {
  const wall = new Date(start).getTime();
  Date.now = () => wall;
  const { clock, node } = library();
  const cron = node.instantiate('cron', 'utilities/Cron');
  for (const [name, value] of Object.entries(fields)) cron.setDefault(name, value);
  const times: string[] = [];
  const counts: unknown[] = [];
  cron.on('output', (_name, value) => {
    times.push(local(wall + clock.now()));
    counts.push(value);
  });
  const { out } = await printed(async () => {
    cron.initialize();
    await clock.advance(days * 86_400_000);
  });
  return { times, counts, lines: out };
}

const cases: readonly (readonly [title: string, fields: Fields, start: string, days: number, times: readonly string[]])[] = [
  ['every full hour by default', {}, '2024-05-10T11:20', 0.1, ['2024-05-10 12:00:00', '2024-05-10 13:00:00']],
  ['every minute', { minute: '*' }, '2024-05-10T23:58:30', 0.0015, ['2024-05-10 23:59:00', '2024-05-11 00:00:00']],
  ['once a day', { minute: 30, hour: 6 }, '2024-05-10T06:31', 2, ['2024-05-11 06:30:00', '2024-05-12 06:30:00']],
  ['on a week day', { hour: 9, day: 1 }, '2024-05-10T12:00', 14, ['2024-05-13 09:00:00', '2024-05-20 09:00:00']],
  ['on a week day that is today', { hour: 9, day: 5 }, '2024-05-10T08:00', 7, ['2024-05-10 09:00:00']],
  ['on Sunday, which is 0', { hour: 0, day: 0 }, '2024-05-10T12:00', 3, ['2024-05-12 00:00:00']],
  ['on a date that only some months have', { hour: 0, date: 31 }, '2024-05-31T12:00', 100, ['2024-07-31 00:00:00', '2024-08-31 00:00:00']],
  ['once a year, 2^31 ms away and more', { hour: 0, date: 1, month: 0 }, '2024-02-01T00:00', 366, ['2025-01-01 00:00:00']],
  ['on Friday the 13th', { hour: 0, date: 13, day: 5 }, '2024-05-10T12:00', 365, ['2024-09-13 00:00:00', '2024-12-13 00:00:00']],
  ['on the 29th of February', { hour: 0, date: 29, month: 1 }, '2024-03-01T00:00', 1500, ['2028-02-29 00:00:00']],
  ['at a time 2 s away', { minute: 21 }, '2024-05-10T11:20:58', 0.01, ['2024-05-10 11:21:00']],
  ['not at a time less than 2 s away', { minute: 21 }, '2024-05-10T11:20:58.001', 0.05, ['2024-05-10 12:21:00']],
  ['where clocks go forward, not in the hour left out', { minute: 30, hour: 2 }, '2024-03-30T12:00', 2, ['2024-04-01 02:30:00']],
  [
    'where clocks go back, in both hours',
    { minute: 30 },
    '2024-10-27T01:00',
    0.17,
    ['2024-10-27 01:30:00', '2024-10-27 02:30:00', '2024-10-27 02:30:00', '2024-10-27 03:30:00'],
  ],
  [
    'with all fields fixed, once, in this year',
    { minute: 0, hour: 12, date: 10, month: 4, day: 5 },
    '2024-05-10T11:00',
    3000,
    ['2024-05-10 12:00:00'],
  ],
  ['never, with all fields fixed and passed', { minute: 0, hour: 12, date: 10, month: 4, day: 5 }, '2024-05-10T12:00', 3000, []],
  ['never on the 30th of February', { date: 30, month: 1 }, '2024-05-10T12:00', 3000, []],
];

for (const [title, fields, start, days, times] of cases) {
  it(`${title}: ${JSON.stringify(fields)} from ${start}`, async () => {
    const events = await run(fields, start, days);
    assert.equal(events.times, times);
    assert.equal(
      events.counts,
      times.map((_, i) => i),
    );
    // One more: what is scheduled when the time is up.
    assert.is(events.lines.length, times.length + 1);
  });
}

for (const [field, value] of [
  ['minute', 60],
  ['minute', -1],
  ['minute', 1.5],
  ['minute', '5'],
  ['hour', 24],
  ['date', 0],
  ['date', 32],
  ['month', 12],
  ['day', 7],
  ['day', 'Monday'],
] as const) {
  it(`refuses ${field} ${JSON.stringify(value)} with a text that names the field`, () => {
    const cron = library().node.instantiate('cron', 'utilities/Cron');
    cron.setDefault(field, value);
    try {
      cron.initialize();
    } catch (thrown) {
      assert.type(thrown, 'string');
      assert.match(thrown as string, field);
      assert.not(cron.initialized);
      return;
    }
    assert.unreachable('it was accepted');
  });
}

it('counts a time once when the timer comes early by the clock on the wall, and follows that clock', async () => {
  const { clock, node } = library();
  const wall = new Date('2024-05-10T11:20:30').getTime();
  performance.now = () => clock.now();
  Date.now = () => wall + clock.now() * 0.999; // goes slower than the timers
  const cron = node.instantiate('cron', 'utilities/Cron');
  cron.setDefault('minute', '*');
  const late: number[] = [];
  cron.on('output', () => late.push((Date.now() % 60_000) - 60_000));
  await printed(async () => {
    cron.initialize();
    await clock.advance(60_000 * 60);
  });
  assert.is(late.length, 60);
  for (const ms of late) assert.ok(ms > -100, `${ms}`);
});

it('reads its inputs again after each event, and is triggered by none', async () => {
  const wall = new Date('2024-05-10T11:20').getTime();
  Date.now = () => wall;
  const { clock, node } = library();
  const cron = node.instantiate('cron', 'utilities/Cron');
  const times: string[] = [];
  cron.on('output', () => times.push(local(wall + clock.now())));
  await printed(async () => {
    cron.initialize();
    cron.setDefault('minute', 45);
    cron.provideInput('minute', 50);
    cron.react();
    await clock.advance(7_200_000);
  });
  assert.equal(times, ['2024-05-10 12:00:00', '2024-05-10 12:45:00']);
});

it('wrapup ends it', async () => {
  const { clock, run } = library();
  await printed(async () => {
    const cron = run('utilities/Cron');
    cron.wrapup();
    const outputs = sent(cron);
    assert.is(await clock.run(), 'idle');
    assert.equal(outputs, []);
  });
});

it.run();
