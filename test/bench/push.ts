import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { BoxConnection } from '../../src/client/index.ts';
import { folderWith } from '../support/folder.ts';
import { BenchBox } from './box.ts';
import { bareReference } from './reference/bare-push.ts';
import { atMost, median, quantile, type Row, spreadOf, type Workload } from './workload.ts';

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
  const [at] = await Promise.all([output, to.deploy(statement)]); // one that is refused has no output
  return at - start;
}

async function pushes(pool: number | undefined, count: number, files: (version: number) => Record<string, string>): Promise<number[]> {
  const box = await BenchBox.start(pool);
  try {
    const connection = await box.connect();
    await connection.subscribe('bench', { outputs: true });
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      await pause(pool === 0 ? 50 : 300);
      times.push(await pushOnce(box, connection, 'bench', files(i)));
    }
    connection.close();
    return times;
  } finally {
    await box.stop();
  }
}

/** Milliseconds that one page and an fsync after it take, where boxes of these benchmarks have their state. */
function fsyncs(count: number): number[] {
  const folder = folderWith({ page: '' });
  const file = openSync(join(folder.path, 'page'), 'a');
  const page = Buffer.alloc(4096);
  const times = Array.from({ length: count }, () => {
    const start = performance.now();
    writeSync(file, page);
    fsyncSync(file);
    return performance.now() - start;
  });
  closeSync(file);
  folder.remove();
  return times;
}

/** A push on an authenticated connection over loopback to a box that writes to disk before it answers. */
export const push: Workload = {
  name: 'push',
  title:
    'Push to first output, process tier; beside a bare server that checks a signature, writes once to disk and hands code to a waiting process',
  async run({ short, wants, step }) {
    const count = (long: number): number => (short ? 5 : long);
    const rows: Row[] = [];
    /** The bare server before it and after it, so that a machine that slows down slows both. */
    const measure = async (
      name: string,
      pool: number | undefined,
      times: number,
      files: (version: number) => Record<string, string>,
    ): Promise<number[]> => {
      step(name);
      const bareCount = short ? 2 : 20;
      const before = await bareReference(bareCount, swarmlet(3000));
      const [, ...own] = await pushes(pool, count(times), files);
      const bare = [...before, ...(await bareReference(bareCount, swarmlet(3000)))];
      const row = (what: string, q: number): Row => ({
        name: `${name}, ${what}`,
        own: quantile(own, q),
        reference: quantile(bare, q),
        unit: 'ms',
        spread: spreadOf(own),
        ...(name === '3 kB' && { target: atMost(q === 0.5 ? 5 : 12) }),
      });
      rows.push(row('p50', 0.5), row('p95', 0.95));
      return own;
    };
    if (wants('3 kB')) {
      const disk = fsyncs(count(50));
      const own = await measure('3 kB', undefined, 100, (version) => ({ 'Bench.js': swarmlet(3000, version) }));
      disk.push(...fsyncs(count(50)));
      const alone = median(disk);
      rows.push({ name: 'an fsync beside it, p50', own: alone, unit: 'ms', spread: spreadOf(disk) });
      // Where the disk alone is slow: what of it is ours.
      if (alone > 1)
        rows.push({ name: '3 kB, p50, less an fsync', own: median(own) - alone, unit: 'ms', spread: spreadOf(own), target: atMost(5) });
    }
    if (wants('100 kB')) await measure('100 kB', undefined, 40, (version) => ({ 'Bench.js': swarmlet(100_000, version) }));
    if (wants('2 MB')) await measure('2 MB, one file changed', undefined, 40, manyFiles);
    if (wants('no pool')) await measure('3 kB, no pool', 0, 20, (version) => ({ 'Bench.js': swarmlet(3000, version) }));
    if (wants('the very first')) {
      step('the very first');
      const firsts: number[] = [];
      for (let i = 0; i < (short ? 1 : 7); i++) firsts.push(...(await pushes(undefined, 1, () => ({ 'Bench.js': swarmlet(3000) }))));
      rows.push({
        name: 'the very first after the start',
        own: quantile(firsts, 0.5),
        unit: 'ms',
        spread: spreadOf(firsts),
        target: atMost(25),
      });
    }
    return rows;
  },
};
