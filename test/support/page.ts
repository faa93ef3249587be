import { join } from 'node:path';
import { packageRoot } from '../../hosts/node/index.ts';
import { adminRoutes } from '../../src/admin-routes.ts';
import { AdminServer, Feed, type PageEvents } from '../../src/dashboard/index.ts';
import type { Box } from '../../src/discovery/index.ts';
import { ServicePage } from '../../src/page-box.ts';
import { ServiceMetrics } from '../../src/service-metrics.ts';
import { openBox, type TestBox } from './service.ts';

export interface TestPage {
  readonly box: TestBox;
  readonly admin: AdminServer;
  readonly token: string;
  /** Asks below `/api/`, as the page does. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** The events of a stream as they come. */
  events(query?: string): Promise<EventReader>;
  close(): Promise<void>;
}

/** A test box and what it shows over HTTP. */
/** A box beside it. */
const peers: readonly Box[] = [
  {
    id: undefined,
    name: 'lab-546',
    ambiguous: false,
    urls: ['ws://192.0.2.7:7927/v1'],
    labels: { room: '546' },
    version: '0.1.0',
    adminPort: undefined,
    sources: ['static'],
    lastSeen: undefined,
    problem: 'it does not answer',
  },
];

export async function openPage(given: Parameters<typeof openBox>[0] = {}, host = '127.0.0.1', port = 0): Promise<TestPage> {
  const box = await openBox(given);
  const page = new ServicePage(box.service, () => peers);
  const defect = (error: unknown): void => {
    throw error;
  };
  const feed = new Feed(() => page, defect);
  const routes = adminRoutes(
    () => box.service,
    () => peers,
    { box: () => page, feed },
    () => metrics,
  );
  const admin = await AdminServer.open({ host, port, names: [], routes, defect, closing: () => feed.close() });
  const metrics = new ServiceMetrics(box.service, undefined);
  const html = await (await fetch(`${admin.url}/`)).text();
  const token = /<meta name="token" content="([\w-]+)">/.exec(html)?.[1] ?? '';
  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${admin.url}/api/${path}`, { ...init, headers: { ...init.headers, 'X-Page-Token': token } });
  const readers: EventReader[] = [];
  return {
    box,
    admin,
    token,
    ask,
    async events(query = '') {
      const abort = new AbortController();
      const response = await ask(`events?${query}`, { signal: abort.signal });
      const reader = new EventReader(response, () => abort.abort());
      readers.push(reader);
      return reader;
    },
    async close() {
      for (const reader of readers) reader.close();
      metrics.close();
      await admin.close();
      await box.close();
    },
  };
}

/** Where the build puts the page. */
export const pageFolder = join(packageRoot, 'dist/page');

const LIMIT_MS = 5000;

export class EventReader {
  readonly all: { readonly event: string; readonly data: unknown }[] = [];
  readonly close: () => void;
  readonly #waiting = new Set<() => void>();

  constructor(response: Response, close: () => void) {
    this.close = close;
    void this.#read(response);
  }

  async #read({ body }: Response): Promise<void> {
    let rest = '';
    try {
      for await (const text of (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
        const parts = (rest + text).split('\n\n');
        rest = parts.pop() ?? '';
        for (const part of parts) {
          const [, event = '', data = 'null'] = /^event: (\w+)\ndata: (.*)$/s.exec(part) ?? [];
          if (event !== '') this.all.push({ event, data: JSON.parse(data) });
        }
        for (const look of this.#waiting) look();
      }
    } catch (error) {
      if ((error as Error).name !== 'AbortError') throw error;
    }
  }

  /** The first event of this kind that fits, also of those that came already. */
  next<Event extends keyof PageEvents>(event: Event, fits: (data: PageEvents[Event]) => boolean = () => true): Promise<PageEvents[Event]> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const seen = JSON.stringify(this.all).slice(-2000);
        reject(new Error(`${event} did not come; there was ${seen}`));
      }, LIMIT_MS);
      const look = (): void => {
        const found = this.all.find((one) => one.event === event && fits(one.data as PageEvents[Event]));
        if (!found) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found.data as PageEvents[Event]);
      };
      this.#waiting.add(look);
      look();
    });
  }
}
