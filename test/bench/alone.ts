/** Runs one workload for run.ts and ends: `alone.ts NAME ASKED`. */
import type { Row } from './workload.ts';
import { workloads } from './workloads.ts';

/** What is asked of a workload. */
export interface Asked {
  readonly short: boolean;
  /** Only parts whose name has one of these; none: all. */
  readonly parts: readonly string[];
}

export type Said = { readonly kind: 'step'; readonly what: string } | { readonly kind: 'rows'; readonly rows: Row[] };

const say = (said: Said, then: () => void = () => {}): unknown => process.send?.(said, then);
const [name, asked] = process.argv.slice(2);
const { short, parts } = JSON.parse(String(asked)) as Asked;
const workload = workloads.find((one) => one.name === name);
if (!workload) throw new Error(`there is no workload ${name}`);
const wants = (part: string): boolean => parts.length === 0 || parts.some((text) => part.includes(text));
const rows = await workload.run({ short, wants, step: (what) => say({ kind: 'step', what }) });
say({ kind: 'rows', rows }, () => process.exit()); // only then is it sent
