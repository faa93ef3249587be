import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { supervisorDefaults } from '../../../src/supervisor/options.ts';
import { afterEnd, type RestartHistory, type RunPolicy } from '../../../src/supervisor/restart.ts';

const pace = { ...supervisorDefaults, restarts: 5 };
const it = suite('starting again');
const fresh: RestartHistory = { attempt: 0, restartedAt: [] };

const rows: readonly (readonly [RunPolicy['restart'], RunPolicy['for'], 'completed' | 'failed', 'rest' | 'restart'])[] = [
  ['never', 'forever', 'failed', 'rest'],
  ['never', 'forever', 'completed', 'rest'],
  ['on-failure', 'forever', 'failed', 'restart'],
  ['on-failure', 'forever', 'completed', 'rest'],
  ['always', 'forever', 'failed', 'restart'],
  ['always', 'forever', 'completed', 'restart'],
  ['always', 'once', 'completed', 'rest'],
  ['always', 'once', 'failed', 'restart'],
  ['on-failure', { ms: 5000 }, 'failed', 'restart'],
];
for (const [restart, length, end, verdict] of rows) {
  it(`with restart ${restart}, for ${JSON.stringify(length)}, what ${end} means ${verdict}`, () => {
    assert.is(afterEnd(end, { restart, for: length }, fresh, 0, 0, pace).kind, verdict);
  });
}

it('waits half a second, then twice as long each time, and gives up at the sixth failure in a minute', () => {
  let history = fresh;
  let now = 0;
  const waits: number[] = [];
  for (;;) {
    const verdict = afterEnd('failed', { restart: 'on-failure', for: 'forever' }, history, 10, now, pace);
    if (verdict.kind !== 'restart') {
      assert.is(verdict.kind, 'crash-loop');
      break;
    }
    waits.push(verdict.delayMs);
    history = verdict.history;
    now += verdict.delayMs + 10;
  }
  assert.equal(waits, [500, 1000, 2000, 4000, 8000]);
});

it('waits a minute at most when failures are far apart, and half a second again after a good minute', () => {
  let history = fresh;
  let now = 0;
  const waits: number[] = [];
  const ran = [20_000, 20_000, 20_000, 20_000, 20_000, 20_000, 20_000, 20_000, 20_000, 70_000];
  for (const ranMs of ran) {
    const verdict = afterEnd('failed', { restart: 'on-failure', for: 'forever' }, history, ranMs, now, pace);
    if (verdict.kind !== 'restart') throw new Error(verdict.kind);
    waits.push(verdict.delayMs);
    history = verdict.history;
    now += verdict.delayMs + 20_000;
  }
  assert.equal(waits, [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 500]);
});

it.run();
