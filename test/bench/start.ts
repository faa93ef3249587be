import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { folderWith } from '../support/folder.ts';
import { root } from '../support/run.ts';
import { inTurns, type Workload } from './workload.ts';

const first = "exports.setup = function () {}; exports.initialize = function () { console.log('first'); this.stop(); };";

/** Milliseconds from the start of a process to the first byte that it prints. */
function firstOutput(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let ms: number | undefined;
    child.stdout.once('data', () => {
      ms = performance.now() - start;
    });
    child.on('error', reject);
    child.on('close', () => (ms === undefined ? reject(new Error(`${args.join(' ')} printed nothing`)) : resolve(ms)));
  });
}

/** `node invoke.js` of a swarmlet that prints a line, beside `node` printing one. */
export const start: Workload = {
  name: 'start',
  async run(short) {
    const folder = folderWith({
      'First.js': first,
      'invoke.js': `require(${JSON.stringify(join(root, 'dist/index.cjs'))});invoke(process.argv);`,
      'line.js': "console.log('first');",
    });
    try {
      const measured = await inTurns(
        short ? 5 : 31,
        () => firstOutput([join(folder.path, 'invoke.js'), join(folder.path, 'First.js')]),
        () => firstOutput([join(folder.path, 'line.js')]),
      );
      return [{ name: 'node invoke.js, to the first output', unit: 'ms', ...measured }];
    } finally {
      folder.remove();
    }
  },
};
