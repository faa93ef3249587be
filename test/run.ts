/**
 * Runs the tests: every `*.test.ts` below this folder in a process of its own, then the conformance cases of the
 * specification where they are. Ends with `N passed, N failed`. With arguments, only files whose path contains one.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const spec = join(root, '../shared/spec');
/** A file that takes longer is stuck. */
const LIMIT_MS = 240_000;

/** A box of a test keeps few spares: the tests beside it need the processors. */
const env = { ...process.env, SWARMBOX_POOL: '2' };

interface Job {
  readonly name: string;
  readonly args: readonly string[];
  /** Counts from the output; undefined when it did not get to its summary. */
  count(output: string): Counts | undefined;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

function testFile(path: string): Job {
  const number = (output: string, what: string): number =>
    Number(new RegExp(`^\\s*${what}:\\s+(\\d+)`, 'm').exec(output)?.[1] ?? Number.NaN);
  return {
    name: relative(root, path),
    args: ['--expose-gc', '--import', 'tsx', path],
    count(output) {
      const [total, passed, skipped] = [number(output, 'Total'), number(output, 'Passed'), number(output, 'Skipped')];
      return Number.isNaN(total) ? undefined : { passed, failed: total - passed, skipped };
    },
  };
}

function conformance(name: string, entry: string, cases: readonly string[]): Job {
  return {
    name,
    args: [join(spec, 'run-conformance.cjs'), join(root, 'test/support', entry), ...cases],
    count(output) {
      const match = /^(\d+) passed, (\d+) failed$/m.exec(output);
      return match ? { passed: Number(match[1]), failed: Number(match[2]), skipped: 0 } : undefined;
    },
  };
}

function conformanceJobs(): Job[] {
  if (!existsSync(spec)) {
    console.log('skipped: the conformance cases of the specification: there is no ../shared/spec');
    return [];
  }
  const cases = JSON.parse(readFileSync(join(spec, 'conformance.json'), 'utf8')) as {
    id: string;
    timing?: boolean;
    steps: { op: string }[];
  }[];
  const simulated = cases.filter((c) => !c.timing && c.steps.every((step) => step.op !== 'cli')).map((c) => c.id);
  return [
    conformance('conformance', 'conformance-entry.cjs', []),
    conformance('conformance, simulated clock', 'conformance-simulated.cjs', simulated),
  ];
}

function run(job: Job): Promise<{ output: string; code: number | null; late: boolean }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, job.args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, LIMIT_MS);
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ output, code, late });
    });
  });
}

const only = process.argv.slice(2);
const chosen = (name: string): boolean => only.length === 0 || only.some((part) => name.includes(part));
const files = (readdirSync(join(root, 'test'), { recursive: true }) as string[]).filter((file) => file.endsWith('.test.ts')).sort();
const queue = [...conformanceJobs(), ...files.map((file) => testFile(join(root, 'test', file)))].filter((job) => chosen(job.name));

const totals = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
async function lane(): Promise<void> {
  for (let job = queue.shift(); job; job = queue.shift()) {
    const started = Date.now();
    const { output, code, late } = await run(job);
    const counts = job.count(output);
    const failed = counts?.failed ?? 0;
    // What ran no test, did not reach its summary, or ended badly with all tests passed, has failed as well.
    const broken = !counts || counts.passed + failed + counts.skipped === 0 || late || (code !== 0 && failed === 0);
    totals.passed += counts?.passed ?? 0;
    totals.failed += failed + (broken ? 1 : 0);
    totals.skipped += counts?.skipped ?? 0;
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    const summary = counts ? `${counts.passed} passed${failed ? `, ${failed} failed` : ''}` : 'no summary';
    console.log(`${failed || broken ? 'FAIL' : ' ok '} ${job.name}: ${summary} (${seconds} s)`);
    if (failed || broken) {
      failures.push(`${job.name}: ${summary}`);
      console.log(output.replace(/^/gm, '     '));
    }
    if (late) console.log(`     stopped after ${LIMIT_MS} ms`);
    else if (broken) console.log(`     exit code ${code}; a file must run tests and end with .run()`);
    else for (const line of output.split('\n')) if (line.startsWith('skipped: ')) console.log(`     ${line}`);
  }
}

// One more than there are processors: a third of the time of these tests is waiting.
await Promise.all(Array.from({ length: availableParallelism() + 1 }, lane));
for (const name of failures) console.log(`failed: ${name}`); // once more, where it is seen
if (totals.skipped > 0) console.log(`${totals.skipped} skipped`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
