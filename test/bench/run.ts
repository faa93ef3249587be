/**
 * Runs the benchmarks, each beside its references, and prints one table: `npm run bench -- [--short] [--only NAME]... [--part TEXT]... [--compare OLD.json]`.
 * Figures go to `results/`, plots to `plots/`, but for those of a short run, which shows only that everything works, and of one of some parts.
 */
import { fork } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Asked, Said } from './alone.ts';
import { plot } from './plot.ts';
import { comparison, type Results, report } from './report.ts';
import type { Row, Workload } from './workload.ts';
import { workloads } from './workloads.ts';

const folder = join(import.meta.dirname, 'results');
/** Kept in the repository: the README shows them. */
const plots = join(import.meta.dirname, 'plots');
const file = join(folder, 'results.json');

function usage(message: string): never {
  console.error(`bench: ${message}\nworkloads: ${workloads.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

function readResults(path: string): Results {
  return JSON.parse(readFileSync(path, 'utf8')) as Results;
}

function readOld(path: string): { readonly path: string; readonly results: Results } {
  try {
    return { path, results: readResults(path) };
  } catch (error) {
    throw new Error(`--compare takes the results.json of an earlier run; ${path}: ${(error as Error).message}`);
  }
}

interface Options {
  readonly short: boolean;
  readonly chosen: readonly Workload[];
  readonly parts: readonly string[];
  readonly old: ReturnType<typeof readOld> | undefined;
}

function options(): Options {
  try {
    const { values } = parseArgs({
      options: {
        short: { type: 'boolean' },
        only: { type: 'string', multiple: true },
        part: { type: 'string', multiple: true },
        compare: { type: 'string' },
      },
    });
    const unknown = values.only?.find((name) => !workloads.some((one) => one.name === name));
    if (unknown !== undefined) usage(`there is no workload ${unknown}`);
    return {
      short: values.short ?? false,
      chosen: workloads.filter(({ name }) => values.only?.includes(name) ?? true),
      parts: values.part ?? [],
      old: values.compare === undefined ? undefined : readOld(values.compare),
    };
  } catch (error) {
    usage((error as Error).message);
  }
}

/** One line on a terminal that tells how far it is; nothing in a pipe. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

function keep(results: Results): void {
  for (const made of [folder, plots]) mkdirSync(made, { recursive: true });
  let known: Results = {};
  try {
    known = readResults(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  writeFileSync(file, `${JSON.stringify({ ...known, ...results }, null, 1)}\n`);
  for (const [name, { title, rows }] of Object.entries(results)) {
    writeFileSync(join(plots, `${name.replaceAll(' ', '-')}.svg`), plot(title, rows));
  }
}

/** Rows of one workload, in a process of its own: it finds neither the heap nor the compiled code of another. */
function measure({ name }: Workload, asked: Asked, step: (what: string) => void): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    let rows: Row[] | undefined;
    const child = fork(join(import.meta.dirname, 'alone.ts'), [name, JSON.stringify(asked)]);
    child.on('message', (said: Said) => {
      if (said.kind === 'step') step(said.what);
      else rows = said.rows;
    });
    child.on('error', reject);
    child.on('exit', (code) => (rows && code === 0 ? resolve(rows) : reject(new Error(`${name} ended with ${code}, and without figures`))));
  });
}

const { short, chosen, parts, old } = options();
const results: Record<string, Results[string]> = {};
for (const [i, workload] of chosen.entries()) {
  const { name, title } = workload;
  const rows = await measure(workload, { short, parts }, (what) => progress(`${i + 1} of ${chosen.length}: ${name}, ${what}`));
  results[name] = { title, rows };
}
progress('');
console.log(report(results));
if (old) console.log(`\nBeside ${old.path}:\n${comparison(old.results, results)}`);
if (!short && parts.length === 0) keep(results);
