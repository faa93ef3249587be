import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { folderWith } from '../support/folder.ts';
import { root } from '../support/run.ts';
import { inTurns, ratioAtMost, type Workload } from './workload.ts';

const first = "exports.setup = function () {}; exports.initialize = function () { console.log('first'); this.stop(); };";

/** Loaded in front of both: tells on descriptor 3 how much memory was in use at most, in kB. */
const peak = "process.on('exit', () => require('fs').writeSync(3, String(process.resourceUsage().maxRSS)));";

interface Started {
  /** Milliseconds from the start of a process to the first byte that it prints. */
  readonly ms: number;
  /** Zero unless the program tells. */
  readonly peakMiB: number;
}

function startOf(args: readonly string[]): Promise<Started> {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
    let ms: number | undefined;
    let told = '';
    child.stdout?.once('data', () => {
      ms = performance.now() - begun;
    });
    child.stdio[3]?.on('data', (data) => {
      told += data;
    });
    child.on('error', reject);
    child.on('close', () => {
      if (ms === undefined) reject(new Error(`${args.join(' ')} printed nothing`));
      else resolve({ ms, peakMiB: Number(told) / 1024 });
    });
  });
}

/** `node invoke.js` of a swarmlet that prints a line, beside `node` printing one. */
export const start: Workload = {
  name: 'start',
  title: 'node invoke.js of a swarmlet that prints a line, beside node that prints one',
  async run({ short, step }) {
    const folder = folderWith({
      'First.js': first,
      'invoke.js': `require(${JSON.stringify(join(root, 'dist/index.cjs'))});invoke(process.argv);`,
      'line.js': "console.log('first');",
      'peak.js': peak,
    });
    try {
      step('in turns');
      const file = (name: string): string => join(folder.path, name);
      const own = [file('invoke.js'), file('First.js')];
      const reference = [file('line.js')];
      const time = await inTurns(
        short ? 5 : 61,
        async () => (await startOf(own)).ms,
        async () => (await startOf(reference)).ms,
      );
      const memory = await inTurns(
        short ? 3 : 15,
        async () => (await startOf(['-r', file('peak.js'), ...own])).peakMiB,
        async () => (await startOf(['-r', file('peak.js'), ...reference])).peakMiB,
      );
      return [
        { name: 'to the first output', unit: 'ms', ...time, target: ratioAtMost(1.08) },
        { name: 'peak memory', unit: 'MiB', ...memory, target: ratioAtMost(1.08) },
      ];
    } finally {
      folder.remove();
    }
  },
};
