import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Job, Manager } from '../../../src/plugins/index.ts';
import { root, run as runProgram } from '../../support/run.ts';

const it = suite('a manager of plugins');
const times = { firstBackoffMs: 1, lastBackoffMs: 4, steadyMs: 60_000, stopMs: 50 };
let reports: string[] = [];
let manager: Manager;
it.before.each(() => {
  reports = [];
  manager = new Manager((label, message, againMs) => reports.push(`${label} ${message}${againMs ? `; ${againMs} ms` : ''}`), times);
});
it.after.each(() => manager.close());

const untilAborted: Job = (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
const wanted = (key: string, job: Job = untilAborted) => ({ key, label: key, job });

/** Resolves with what the n-th run of a job gives away. */
function runs(count: number, job: (n: number, signal: AbortSignal) => Promise<void>): { job: Job; reached: Promise<void> } {
  let n = 0;
  let reach = (): void => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  return {
    reached,
    job: async (signal) => {
      n++;
      if (n === count) reach();
      await job(n, signal);
    },
  };
}

it('stops what is gone, begins what is new, and leaves alone what stays', async () => {
  const events: string[] = [];
  const tell = (key: string) => ({
    ...wanted(key, async (signal) => {
      events.push(`${key} begins`);
      await untilAborted(signal);
      events.push(`${key} ends`);
    }),
    dropped: () => events.push(`${key} is dropped`),
  });
  await manager.apply([tell('a'), tell('b')]);
  await manager.apply([tell('b'), tell('c'), tell('c')]);
  assert.equal(events, ['a begins', 'b begins', 'c begins', 'a ends', 'a is dropped']);
  assert.equal([...manager.health.keys()], ['b', 'c']);
  await manager.close();
  assert.equal(events.slice(5).sort(), ['b ends', 'b is dropped', 'c ends', 'c is dropped']);
  assert.equal(reports, []);
});

it('begins anew what fails, later each time, and says why', async () => {
  const { job, reached } = runs(4, async (n, signal) => {
    if (n < 4) throw new Error(`no ${n}`);
    await untilAborted(signal);
  });
  await manager.apply([wanted('a', job), wanted('b')]);
  await reached;
  assert.equal(reports, ['a failed: no 1; 1 ms', 'a failed: no 2; 2 ms', 'a failed: no 3; 4 ms']);
  assert.equal([...manager.health.values()], [{ state: 'running' }, { state: 'running' }]);
});

it('takes what is thrown from a timer, a socket or a promise for the failure of whoever began it', async () => {
  const signals: AbortSignal[] = [];
  const { job, reached } = runs(4, async (n, signal) => {
    signals.push(signal);
    const fail = (): never => {
      throw new Error(`uncaught ${n}`);
    };
    if (n === 1) setTimeout(fail, 1);
    if (n === 2) void Promise.reject(new Error('uncaught 2'));
    if (n === 3) process.nextTick(fail);
    await untilAborted(signal);
  });
  await manager.apply([wanted('a', job)]);
  await reached;
  assert.equal(
    reports.map((report) => report.split(';')[0]),
    ['a failed: uncaught 1', 'a failed: uncaught 2', 'a failed: uncaught 3'],
  );
  assert.equal(
    signals.map(({ aborted }) => aborted),
    [true, true, true, false],
  );
});

it('leaves alone what does not end when it is told to', async () => {
  await manager.apply([wanted('a', () => new Promise(() => {}))]);
  await manager.apply([]);
  assert.equal(reports, ['a did not end within 50 ms of being told to, and is left alone']);
});

it('is done with what returns', async () => {
  await manager.apply([wanted('a', async () => {})]);
  await new Promise(setImmediate);
  await manager.apply([wanted('a'), wanted('b')]);
  assert.equal(manager.health.get('a'), { state: 'done' });
  assert.equal(reports, []);
});

it('lets errors of others end the process as they always did', async () => {
  const script = `
    import { Manager } from '${root}/src/plugins/index.ts';
    const manager = new Manager(() => {});
    await manager.apply([{ key: 'a', label: 'a', job: () => new Promise(() => {}) }]);
    setTimeout(() => { throw new Error('not of a plugin'); }, 1);
    setInterval(() => {}, 1000);`;
  const { code, stderr } = await runProgram(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { cwd: root });
  assert.is(code, 1);
  assert.match(stderr, 'Error: not of a plugin');
});

it.run();
