import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { errorText } from '../../hosts/common/index.ts';
import { type DiscoveryPlugin, parser, type ThingGroup } from '../plugins/index.ts';
import { parseGroups } from './groups.ts';

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const schema = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: 'expected an http:// or https:// URL' }),
  refresh_interval: z
    .string('expected a time such as 60s')
    .regex(/^\d{1,6}(?:ms|s|m|h)$/, 'expected a time such as 60s')
    .default('60s'),
});

const timeoutMs = 10_000;
const maxBytes = 4 * 1024 * 1024;

/** Boxes from a URL of Prometheus's `http_sd`, such as `/http_sd` of a box: `{url, refresh_interval}`. */
export const httpSd: DiscoveryPlugin<z.infer<typeof schema>> = {
  kind: 'discovery',
  name: 'http_sd',
  parse: parser(schema),
  create: ({ url, refresh_interval }, { log }) => ({
    run: async (signal, publish) => {
      const everyMs = Math.max(10, intervalMs(refresh_interval));
      let count = 0;
      let told = '';
      while (!signal.aborted) {
        try {
          const groups = parseGroups(await textOf(url, signal));
          const empty = Array.from({ length: Math.max(0, count - groups.length) }, () => ({ targets: [], labels: {} }));
          count = groups.length;
          told = '';
          publish([...groups, ...empty].map((group, i): ThingGroup => ({ ...group, source: i === 0 ? url : `${url}#${i}` })));
        } catch (error) {
          if (signal.aborted) return;
          const why = errorText((error as Error).cause ?? error);
          if (why !== told) log('warn', `${url}: ${why}; what it said before stays`);
          told = why;
          if (count === 0) publish([]);
        }
        await pause(everyMs, undefined, { signal }).catch(() => {}); // aborted: the loop ends
      }
    },
  }),
};

function intervalMs(text: string): number {
  const [, number, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) as unknown as [string, string, keyof typeof units];
  return Number(number) * units[unit];
}

async function textOf(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, {
    headers: { Accept: 'application/json', 'X-Prometheus-Refresh-Interval-Seconds': '60' },
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  if (response.status !== 200) throw new Error(`answers ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`sends more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
