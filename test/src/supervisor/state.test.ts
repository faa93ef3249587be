import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { next, type Signal, type SwarmletState } from '../../../src/supervisor/state.ts';

const it = suite('the states of a version');

const starting: SwarmletState = { status: 'starting', attempt: 2 };
const running: SwarmletState = { status: 'running', attempt: 2, isolate: 7 };
const failed: SwarmletState = { status: 'failed', attempt: 2, reason: 'memory' };
const backoff: SwarmletState = { status: 'backoff', attempt: 2, retryAt: 99, reason: 'memory' };
const stopping: SwarmletState = { status: 'stopping', to: 'stopped', killAt: 50 };
const states: readonly SwarmletState[] = [
  { status: 'staged' },
  starting,
  running,
  failed,
  backoff,
  stopping,
  { status: 'stopping', to: 'superseded', killAt: 50 },
  { status: 'stopped' },
  { status: 'completed' },
  { status: 'expired' },
  { status: 'superseded' },
];
const stop = (to: 'stopped' | 'expired' | 'superseded'): Signal => ({ type: 'stop', to, killAt: 50 });

/** Every change there is; a pair of state and signal that is not listed leaves the state as it is. */
const changes: readonly (readonly [SwarmletState, Signal, SwarmletState])[] = [
  [{ status: 'staged' }, { type: 'spawn' }, { status: 'starting', attempt: 1 }],
  [backoff, { type: 'spawn' }, { status: 'starting', attempt: 3 }],
  [{ status: 'stopped' }, { type: 'revive' }, { status: 'starting', attempt: 1 }],
  [{ status: 'completed' }, { type: 'revive' }, { status: 'starting', attempt: 1 }],
  [{ status: 'expired' }, { type: 'revive' }, { status: 'starting', attempt: 1 }],
  [{ status: 'superseded' }, { type: 'revive' }, { status: 'starting', attempt: 1 }],
  [failed, { type: 'revive' }, { status: 'starting', attempt: 1 }],
  [starting, { type: 'ready', isolate: 7 }, running],
  [starting, { type: 'completed' }, { status: 'completed' }],
  [running, { type: 'completed' }, { status: 'completed' }],
  [starting, { type: 'failed', reason: 'memory' }, failed],
  [running, { type: 'failed', reason: 'memory' }, failed],
  [failed, { type: 'retry', retryAt: 99, attempt: 2 }, backoff],
  [{ status: 'completed' }, { type: 'retry', retryAt: 99, attempt: 2 }, { status: 'backoff', attempt: 2, retryAt: 99 }],
  [failed, { type: 'giveUp' }, { status: 'failed', attempt: 2, reason: 'crash-loop' }],
  [{ status: 'completed' }, { type: 'giveUp' }, { status: 'failed', attempt: 1, reason: 'crash-loop' }],
  [{ status: 'staged' }, stop('stopped'), { status: 'stopped' }],
  [{ status: 'staged' }, stop('superseded'), { status: 'superseded' }],
  [{ status: 'staged' }, stop('expired'), { status: 'expired' }],
  [starting, stop('stopped'), stopping],
  [starting, stop('superseded'), { status: 'stopping', to: 'superseded', killAt: 50 }],
  [starting, stop('expired'), { status: 'stopping', to: 'expired', killAt: 50 }],
  [running, stop('stopped'), stopping],
  [running, stop('superseded'), { status: 'stopping', to: 'superseded', killAt: 50 }],
  [running, stop('expired'), { status: 'stopping', to: 'expired', killAt: 50 }],
  [backoff, stop('stopped'), { status: 'stopped' }],
  [backoff, stop('superseded'), { status: 'superseded' }],
  [backoff, stop('expired'), { status: 'expired' }],
  [failed, stop('stopped'), { status: 'stopped' }],
  [{ status: 'completed' }, stop('stopped'), { status: 'stopped' }],
  [{ status: 'expired' }, stop('stopped'), { status: 'stopped' }],
  [stopping, { type: 'gone' }, { status: 'stopped' }],
  [{ status: 'stopping', to: 'superseded', killAt: 50 }, { type: 'gone' }, { status: 'superseded' }],
];

const signals: readonly Signal[] = [
  { type: 'spawn' },
  { type: 'revive' },
  { type: 'ready', isolate: 7 },
  { type: 'completed' },
  { type: 'failed', reason: 'memory' },
  { type: 'gone' },
  stop('stopped'),
  stop('expired'),
  stop('superseded'),
  { type: 'retry', retryAt: 99, attempt: 2 },
  { type: 'giveUp' },
];

const text = (value: unknown): string => JSON.stringify(value);

for (const state of states) {
  for (const signal of signals) {
    const listed = changes.find(([from, by]) => text(from) === text(state) && text(by) === text(signal));
    const to = listed?.[2] ?? state;
    const says = listed ? `becomes ${to.status}` : 'stays';
    it(`${text(state)} ${says} at ${text(signal)}`, () => {
      assert.equal(next(state, signal), to);
      if (!listed) assert.is(next(state, signal), state, 'the very same object, so that nobody is told of a change');
    });
  }
}

it('keeps the reason of a stop, and of a wrapup that had to be cut short', () => {
  const revoked = next(running, { type: 'stop', to: 'stopped', killAt: 50, reason: 'revoked' });
  assert.equal(next(revoked, { type: 'gone' }), { status: 'stopped', reason: 'revoked' });
  assert.equal(next(stopping, { type: 'gone', reason: 'wrapup-timeout' }), { status: 'stopped', reason: 'wrapup-timeout' });
});

it.run();
