import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { BoxConnection } from '../../src/client/index.ts';
import { BenchBox } from './box.ts';
import { bareReference } from './reference/bare-push.ts';
import { atMost, quantile, type Row, spreadOf, type Target, type Workload } from './workload.ts';

const comment = '// a line of a swarmlet that is as long as most swarmlets are\n';

/** A swarmlet that sends at once, `bytes` long: what people push is mostly code that does not run at the start. */
export function swarmlet(bytes: number, version = 0): string {
  const code = `
exports.setup = function () { this.output('out'); };
exports.initialize = function () { this.send('out', ${version}); };
`;
  return code + comment.repeat(Math.max(0, Math.ceil((bytes - code.length) / comment.length)));
}

/** Two megabytes in twenty files, of which one, the first, is another one at each push. */
function manyFiles(version: number): Record<string, string> {
  const files: Record<string, string> = { 'Bench.js': swarmlet(100_000, version) };
  for (let i = 1; i < 20; i++) files[`part${i}.js`] = `// ${i}\n${swarmlet(100_000)}`;
  return files;
}

/** Milliseconds from the first byte of a signed `deploy` frame to the first output of that version. */
export async function pushOnce(box: BenchBox, to: BoxConnection, name: string, files: Readonly<Record<string, string>>): Promise<number> {
  const statement = await box.signed(to, name, files);
  const output = new Promise<number>((resolve) => to.once('output', () => resolve(performance.now())));
  const start = performance.now();
  const deployed = to.deploy(statement);
  const ms = (await output) - start;
  await deployed;
  return ms;
}

async function pushes(pool: number, count: number, files: (version: number) => Record<string, string>): Promise<number[]> {
  const box = await BenchBox.start(pool);
  try {
    const connection = await box.connect();
    await connection.subscribe('bench', { outputs: true });
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      await pause(pool > 0 ? 300 : 50); // a spare is made meanwhile
      times.push(await pushOnce(box, connection, 'bench', files(i)));
    }
    connection.close();
    return times;
  } finally {
    await box.stop();
  }
}

/** A push on an authenticated connection over loopback to a box that writes to disk before it answers. */
export const push: Workload = {
  name: 'push',
  title: 'Push to first output, process tier, durable; beside a bare server that hands code to a waiting process',
  async run({ short, step }) {
    const count = (long: number): number => (short ? 5 : long);
    step('the reference');
    const bare = await bareReference(count(60), swarmlet(3000));
    const rows: Row[] = [];
    const add = (name: string, [, ...times]: number[], p50?: Target, p95?: Target): void => {
      const row = (what: string, q: number, target: Target | undefined): Row => ({
        name: `${name}, ${what}`,
        own: quantile(times, q),
        reference: quantile(bare, q),
        unit: 'ms',
        spread: spreadOf(times),
        ...(target && { target }),
      });
      rows.push(row('p50', 0.5, p50), row('p95', 0.95, p95));
    };
    step('3 kB');
    const small = await pushes(2, count(100), (version) => ({ 'Bench.js': swarmlet(3000, version) }));
    add('3 kB', small, atMost(5), atMost(12));
    step('100 kB');
    add('100 kB', await pushes(2, count(40), (version) => ({ 'Bench.js': swarmlet(100_000, version) })));
    step('2 MB');
    add('2 MB, one file changed', await pushes(2, count(40), manyFiles));
    step('without a pool');
    add('3 kB, no pool', await pushes(0, count(20), (version) => ({ 'Bench.js': swarmlet(3000, version) })));
    step('the very first');
    const firsts: number[] = [];
    for (let i = 0; i < (short ? 1 : 5); i++) firsts.push(...(await pushes(2, 1, () => ({ 'Bench.js': swarmlet(3000) }))));
    rows.push({
      name: 'the very first after the start',
      own: quantile(firsts, 0.5),
      unit: 'ms',
      spread: spreadOf(firsts),
      target: atMost(25),
    });
    return rows;
  },
};
