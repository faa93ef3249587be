import type { Histogram } from './histogram.ts';
import type { Reading } from './reading.ts';

/** One series: its value, undefined where nobody can tell, and the values of the labels in their order. */
export type Series<Value = number | undefined> = readonly [value: Value, ...labels: string[]];

interface Named {
  /** Base unit last, and `_total` behind that of a counter. */
  readonly name: string;
  /** One sentence, without quotes, backslashes and line breaks. */
  readonly help: string;
  readonly labels: readonly string[];
}

/** One metric: its name, and how its series are had from what was read. No series outlives what it tells of. */
export type Family =
  | (Named & { readonly type: 'counter' | 'gauge'; readonly series: (reading: Reading) => Iterable<Series> })
  | (Named & { readonly type: 'histogram'; readonly series: (reading: Reading) => Iterable<Series<Histogram>> });

/** What nobody can tell stays so. */
export function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

type SeriesOf<Value = number | undefined> = (reading: Reading) => Iterable<Series<Value>>;

export function counter(name: string, help: string, labels: readonly string[], series: SeriesOf): Family {
  return { type: 'counter', name, help, labels, series };
}

export function gauge(name: string, help: string, labels: readonly string[], series: SeriesOf): Family {
  return { type: 'gauge', name, help, labels, series };
}

export function histogram(name: string, help: string, labels: readonly string[], series: SeriesOf<Histogram>): Family {
  return { type: 'histogram', name, help, labels, series };
}
