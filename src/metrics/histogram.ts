/** Counts values by their size. */
export class Histogram {
  /** Upper bounds, ascending; what is above the last is counted too. */
  readonly bounds: readonly number[];
  /** Values up to each bound that are above the one before it. */
  readonly counts: number[];
  sum = 0;
  count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    const at = this.bounds.findIndex((bound) => value <= bound);
    if (at >= 0) (this.counts[at] as number)++;
    this.sum += value;
    this.count++;
  }
}
