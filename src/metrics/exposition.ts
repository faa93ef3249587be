import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Family, Series } from './family.ts';
import type { Histogram } from './histogram.ts';
import type { Reading } from './reading.ts';

/** The text format of Prometheus 0.0.4, or OpenMetrics 1.0. */
export type Format = 'prometheus' | 'openmetrics';

export const contentTypes: Readonly<Record<Format, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** One metric after the other, each in a turn of its own: what else the event loop has to do is not kept waiting. */
export async function expose(families: readonly Family[], reading: Reading, format: Format): Promise<string> {
  let text = '';
  for (const family of families) {
    text += linesOf(family, reading, format);
    await nextTurn();
  }
  return format === 'openmetrics' ? `${text}# EOF\n` : text;
}

function linesOf(family: Family, reading: Reading, format: Format): string {
  const { name, type, labels } = family;
  const title = type === 'counter' && format === 'openmetrics' ? name.replace(/_total$/, '') : name;
  let text = '';
  if (family.type === 'histogram') for (const series of family.series(reading)) text += bucketsOf(name, labels, series);
  else for (const [value, ...texts] of family.series(reading)) if (value !== undefined) text += line(name, pairs(labels, texts), value);
  return `# HELP ${title} ${family.help}\n# TYPE ${title} ${type}\n${text}`;
}

function bucketsOf(name: string, labels: readonly string[], [{ bounds, counts, sum, count }, ...texts]: Series<Histogram>): string {
  const own = pairs(labels, texts);
  const before = own === '' ? '' : `${own},`;
  let upTo = 0;
  let text = '';
  for (const [i, bound] of bounds.entries()) {
    upTo += counts[i] as number;
    text += line(`${name}_bucket`, `${before}le="${bound}"`, upTo);
  }
  return `${text}${line(`${name}_bucket`, `${before}le="+Inf"`, count)}${line(`${name}_sum`, own, sum)}${line(`${name}_count`, own, count)}`;
}

function line(name: string, labels: string, value: number): string {
  return labels === '' ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`;
}

function pairs(labels: readonly string[], texts: readonly string[]): string {
  return labels.map((label, i) => `${label}="${escaped(texts[i] as string)}"`).join(',');
}

function escaped(text: string): string {
  return text.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}
