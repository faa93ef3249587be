import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Answer, healthRoutes, json, type PageParts, pageRoutes, type Route, reloadRoute, text } from './dashboard/index.ts';
import { type Box, targetGroups } from './discovery/index.ts';
import { contentTypes, expose, families, formatOf, takesGzip } from './metrics/index.ts';
import { libraryTexts, pageAssets } from './page-files.ts';
import type { BoxFacts } from './plugins/index.ts';
import type { Service } from './service.ts';
import type { ServiceMetrics } from './service-metrics.ts';

/** A disk may be slow, for whoever asks has little patience. */
const pulseMs = 4000;

/**
 * All that a box answers over HTTP.
 * @param service  undefined until it is open: its routes answer while it starts
 * @param peers    the boxes out there
 * @param page     the same box for its page
 * @param metrics  undefined until it is open
 * @param reload   undefined: nobody may ask for that over HTTP
 */
export function adminRoutes(
  service: () => Service | undefined,
  peers: () => readonly Box[],
  page: Pick<PageParts, 'box' | 'feed'>,
  metrics: () => ServiceMetrics | undefined,
  reload?: () => Promise<readonly string[]>,
): Route[] {
  const unready = (): string | undefined => {
    const box = service();
    return box ? box.unready : 'starting';
  };
  const ailment = async (): Promise<string | undefined> => {
    const why = await service()?.pulse.answerWithin(pulseMs);
    return why === undefined ? undefined : `the database of the box: ${why}`;
  };
  return [
    ...healthRoutes(unready, ailment),
    ...(reload ? [reloadRoute(reload)] : []),
    metricsRoute(metrics),
    httpSdRoute(peers, () => service()?.facts(undefined)),
    ...pageRoutes({ ...page, assets: pageAssets, library: libraryTexts }),
  ];
}

/** What Prometheus scrapes. Like the health checks it is for whoever reaches the port: one on another machine too. */
function metricsRoute(metrics: () => ServiceMetrics | undefined): Route {
  return {
    method: 'GET',
    path: '/metrics',
    answer: async ({ headers }): Promise<Answer> => {
      const opened = metrics();
      if (!opened) return text(503, 'starting');
      const format = formatOf(headers.accept);
      const body = await expose(families, await opened.read(), format);
      const whole = { kind: 'whole', status: 200, type: contentTypes[format] } as const;
      if (!takesGzip(headers['accept-encoding'])) return { ...whole, body };
      return { ...whole, body: await promisify(gzip)(body), headers: { 'Content-Encoding': 'gzip' } };
    },
  };
}

/** All boxes, this one too, as Prometheus reads them (`http_sd_configs`), and as other boxes and commands do. */
function httpSdRoute(peers: () => readonly Box[], self: () => BoxFacts | undefined): Route {
  return { method: 'GET', path: '/http_sd', answer: ({ headers }) => json(targetGroups(peers(), self(), headers.host ?? '')) };
}
