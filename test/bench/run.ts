/** Runs the benchmarks and prints a table of medians and ratios. `--short` shows that they work; a name runs only that one. */
import { network } from './network.ts';
import { push } from './push.ts';
import { reactions } from './reactions.ts';
import { start } from './start.ts';
import type { Row, Workload } from './workload.ts';
import { zeroDelay } from './zero-delay.ts';

const workloads: readonly Workload[] = [reactions, zeroDelay, start, push, network];

function number(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

function line({ name, own, reference, unit, spread, remark }: Row): string[] {
  const ratio = reference === undefined ? '' : `${(own / reference).toFixed(3)} x`;
  return [name, number(own), reference === undefined ? '' : number(reference), unit, ratio, `±${Math.round(spread * 100)} %`, remark ?? ''];
}

const args = process.argv.slice(2);
const short = args.includes('--short');
const names = args.filter((arg) => !arg.startsWith('-'));
const table = [['workload', 'here', 'reference', 'unit', 'ratio', 'spread', '']];
for (const workload of workloads.filter(({ name }) => names.length === 0 || names.includes(name))) {
  process.stderr.write(`${workload.name} ...\n`);
  table.push(...(await workload.run(short)).map(line));
}
const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => (row[column] as string).length))) ?? [];
for (const row of table)
  console.log(
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
