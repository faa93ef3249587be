/** One line of the table: what was measured, beside its reference in the same run. */
export interface Row {
  readonly name: string;
  /** Median of the host's own measurements, in `unit`. */
  readonly own: number;
  /** Median of the reference, in the same unit; undefined where a measurement stands alone. */
  readonly reference: number | undefined;
  readonly unit: string;
  /** Half the distance between the quartiles of the host's measurements, in parts of the median. */
  readonly spread: number;
  readonly remark?: string;
}

export interface Workload {
  readonly name: string;
  /** @param short  as few repetitions as still show that it works */
  run(short: boolean): Promise<Row[]>;
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
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

export function spreadOf(values: readonly number[]): number {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / median(values);
}
