import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { library } from '../../support/library.ts';

const it = suite('Schedule');
const { now } = Date;

it.after.each(() => {
  Date.now = now;
});

/** The times that come due in some days of simulated time, while the wall stands still at `start`, both in UTC. */
async function run(parameters: Readonly<Record<string, string>>, start: string, days: number) {
  const wall = Date.parse(start);
  Date.now = () => wall;
  const { clock, node } = library();
  const schedule = node.instantiate('schedule', 'utilities/Schedule');
  for (const [name, value] of Object.entries(parameters)) schedule.setParameter(name, value);
  const times: string[] = [];
  const next: unknown[] = [];
  schedule.on('output', (name, value) => {
    if (name === 'next') next.push(value === null ? null : new Date(value as number).toISOString().slice(0, 16));
    else {
      assert.is(value, wall + clock.now(), 'it comes at its time');
      times.push(new Date(value as number).toISOString().slice(0, 16));
    }
  });
  schedule.initialize();
  await clock.advance(days * 86_400_000);
  schedule.wrapup();
  return { times, next };
}

const berlin = { timeZone: 'Europe/Berlin' };
for (const [title, parameters, start, days, expected] of [
  ['every full hour by default', {}, '2024-05-10T11:20Z', 0.1, ['2024-05-10T12:00', '2024-05-10T13:00']],
  [
    'on week days by name',
    { expression: '0 9 * * MON-TUE', timeZone: 'UTC' },
    '2024-05-10T12:00Z',
    7,
    ['2024-05-13T09:00', '2024-05-14T09:00'],
  ],
  [
    'by the clocks of a time zone',
    { expression: '30 7 * * *', ...berlin },
    '2024-05-10T12:00Z',
    2,
    ['2024-05-11T05:30', '2024-05-12T05:30'],
  ],
  [
    'on both sides of a change of clocks',
    { expression: '30 7 * * *', ...berlin },
    '2024-03-30T00:00Z',
    3,
    ['2024-03-30T06:30', '2024-03-31T05:30', '2024-04-01T05:30'],
  ],
  [
    'on the last day of a month',
    { expression: '0 0 L * *', timeZone: 'UTC' },
    '2024-02-01T00:00Z',
    61,
    ['2024-02-29T00:00', '2024-03-31T00:00'],
  ],
  ['by a short name', { expression: '@weekly', timeZone: 'UTC' }, '2024-05-10T12:00Z', 7, ['2024-05-12T00:00']],
] as const) {
  it(title, async () => {
    const { times, next } = await run(parameters, start, days);
    assert.equal(times, [...expected]);
    assert.equal(next.slice(0, times.length), times);
  });
}

it('takes seconds in front of five fields', async () => {
  const { times } = await run({ expression: '*/20 * * * * *', timeZone: 'UTC' }, '2024-05-10T12:00:01Z', 60 / 86_400);
  assert.is(times.length, 3);
});

it('tells that there is no time to come', async () => {
  const { times, next } = await run({ expression: '0 0 30 2 *' }, '2024-05-10T12:00Z', 1);
  assert.equal([times, next], [[], [null]]);
});

for (const [parameters, message] of [
  [{ expression: 'tomorrow' }, /"tomorrow" is no schedule: /],
  [{ expression: '61 * * * *' }, /"61 \* \* \* \*" is no schedule: /],
  [{ timeZone: 'Mars/Base' }, /in time zone "Mars\/Base" is no schedule: /],
] as const) {
  it(`refuses ${JSON.stringify(parameters)} at initialization`, async () => {
    try {
      await run(parameters, '2024-05-10T12:00Z', 1);
    } catch (error) {
      assert.match((error as Error).message, message);
      return;
    }
    assert.unreachable();
  });
}

it.run();
