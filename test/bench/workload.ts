/** What a figure has to reach. */
export interface Target {
  /** The host's own figure in the unit of the row, or the host's figure divided by the reference's. */
  readonly of: 'own' | 'ratio';
  readonly bound: 'at least' | 'at most';
  readonly value: number;
}

/** One line of the table: what was measured, beside its reference in the same run. */
export interface Row {
  readonly name: string;
  /** Median of the host's own measurements, in `unit`. */
  readonly own: number;
  /** Median of the reference, in the same unit; undefined where a measurement stands alone. */
  readonly reference?: number;
  readonly unit: string;
  /** Half the distance between the quartiles of the host's measurements, in parts of the median. */
  readonly spread: number;
  readonly target?: Target;
}

export interface Bench {
  /** As few repetitions as still show that it works. */
  readonly short: boolean;
  /** Says what is measured now. */
  step(what: string): void;
  /** Whether this part of a workload was asked for; all are, unless some were named. */
  wants(part: string): boolean;
}

export interface Workload {
  readonly name: string;
  /** For the title of the plot: what is compared. */
  readonly title: string;
  run(bench: Bench): Promise<Row[]>;
}

export const ratioAtLeast = (value: number): Target => ({ of: 'ratio', bound: 'at least', value });
export const ratioAtMost = (value: number): Target => ({ of: 'ratio', bound: 'at most', value });
export const atLeast = (value: number): Target => ({ of: 'own', bound: 'at least', value });
export const atMost = (value: number): Target => ({ of: 'own', bound: 'at most', value });

/** Undefined for a row without a target. */
export function isMet({ own, reference, target }: Row): boolean | undefined {
  if (!target) return undefined;
  const figure = target.of === 'own' ? own : own / (reference as number);
  return target.bound === 'at least' ? figure >= target.value : figure <= target.value;
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function spreadOf(values: readonly number[]): number {
  const middle = median(values);
  return middle === 0 ? 0 : (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / middle;
}

/** Measures two things in turns, so that a machine that slows down slows both. */
export async function inTurns(
  repetitions: number,
  own: () => number | Promise<number>,
  reference: () => number | Promise<number>,
): Promise<{ own: number; reference: number; spread: number }> {
  const owns: number[] = [];
  const references: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    owns.push(await own());
    references.push(await reference());
  }
  return { own: median(owns), reference: median(references), spread: spreadOf(owns) };
}

/** How often `work` does its `count` things in a second of processor time, which others on the machine disturb less than time. */
export function perSecond(count: number, work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (count / (user + system)) * 1e6;
}
