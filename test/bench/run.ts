/**
 * Runs the benchmarks, each beside its references, and prints one table: `npm run bench -- [--short] [--only NAME]... [--part TEXT]... [--compare OLD.json]`.
 * Figures go to `results/`, plots to `plots/`, but for those of a short run, which shows only that everything works, and of one of some parts.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { reactions, unyielding } from './chain.ts';
import { edge } from './edge.ts';
import { graphs } from './graphs.ts';
import { hundred } from './hundred.ts';
import { instantiate } from './instantiate.ts';
import { network } from './network.ts';
import { plot } from './plot.ts';
import { push } from './push.ts';
import { refuse } from './refuse.ts';
import { comparison, type Results, report } from './report.ts';
import { start } from './start.ts';
import { streams } from './streams.ts';
import { simulated, timers } from './timers.ts';
import type { Workload } from './workload.ts';
import { zeroDelay } from './zero-delay.ts';

const workloads: readonly Workload[] = [
  reactions,
  unyielding,
  graphs,
  instantiate,
  zeroDelay,
  timers,
  simulated,
  start,
  push,
  hundred,
  edge,
  streams,
  refuse,
  network,
];

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

const { short, chosen, parts, old } = options();
const wants = (part: string): boolean => parts.length === 0 || parts.some((text) => part.includes(text));
const results: Record<string, Results[string]> = {};
for (const [i, { name, title, run }] of chosen.entries()) {
  const rows = await run({ short, wants, step: (what) => progress(`${i + 1} of ${chosen.length}: ${name}, ${what}`) });
  results[name] = { title, rows };
}
progress('');
console.log(report(results));
if (old) console.log(`\nBeside ${old.path}:\n${comparison(old.results, results)}`);
if (!short && parts.length === 0) keep(results);
