import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { EdgeScope } from '../edge/index.ts';
import { HttpListener } from './shared/index.ts';
import { page } from './user-interface/page.ts';

interface Options {
  readonly port: number;
  readonly hostInterface?: string;
}

interface Resource {
  readonly data: Uint8Array;
  readonly contentType: string;
}

/** What is told to open pages. */
type Change =
  | { readonly kind: 'display'; readonly html: string }
  | { readonly kind: 'update'; readonly id: string; readonly property: string; readonly content: unknown };

/** A longer body gets status 413. */
const MAX_BODY = 16 * 2 ** 20;
/** Bytes that may wait for a page that reads nothing; then it has to ask again. */
const MAX_WAITING = 2 ** 20;

export function create(edge: EdgeScope): unknown {
  return {
    UserInterface: class extends UserInterface {
      constructor(options: Options, header?: unknown, content?: unknown) {
        super(edge, options, header, content);
      }
    },
  };
}

/** A web page that follows what the swarmlet shows. Listeners have a path, `listening` (called with the port) or `error`. */
export class UserInterface {
  readonly #header: string;
  readonly #resources = new Map<string, Resource>();
  readonly #listeners = new Map<string, (value: unknown) => void>();
  readonly #pages = new Set<ServerResponse>();
  /** What a page that is opened now must show. */
  #content: string;
  #updates = new Map<string, Change>();
  readonly #stop: () => void;

  /** @param edge  listens at once */
  constructor(edge: EdgeScope, { port, hostInterface = 'localhost' }: Options, header: unknown = '', content: unknown = '') {
    this.#header = String(header);
    this.#content = String(content);
    const server = createServer((request, response) => this.#serve(request, response));
    const listener = new HttpListener(edge, { host: hostInterface, port: Number(port), noDelay: true }, server, {
      listening: (at) => this.#listeners.get('listening')?.(at),
      failed: (error) => {
        const told = this.#listeners.get('error');
        if (!told) throw error;
        told(error);
      },
    });
    const closed = edge.own({
      drain: () => {
        for (const open of this.#pages) open.end(); // a page asks again
        return listener.drain();
      },
      close: () => {
        this.#listeners.clear();
        this.stop();
      },
    });
    this.#stop = () => {
      closed();
      listener.close();
    };
  }

  /** Replaces the content of the page. */
  display(html: unknown): void {
    this.#content = String(html);
    this.#updates = new Map();
    this.#tell({ kind: 'display', html: this.#content });
  }

  /** Sets a property of an element, such as `innerHTML`, `value` or `src`; an attribute if it has no such property. */
  update(id: unknown, property: unknown, content: unknown): void {
    const change: Change = { kind: 'update', id: String(id), property: String(property), content };
    this.#updates.set(JSON.stringify([change.id, change.property]), change);
    this.#tell(change);
  }

  /** A file that the page may load by its name. */
  addResource(name: unknown, data: unknown, contentType: unknown): void {
    const bytes = data instanceof Uint8Array ? data : Buffer.from(String(data));
    this.#resources.set(`/${String(name).replace(/^\/+/, '')}`, { data: bytes, contentType: String(contentType) });
  }

  /** Calls back with each text that is posted to that path. */
  addListener(path: string, callback: (value: never) => void): this {
    this.#listeners.set(path, callback as (value: unknown) => void);
    return this;
  }

  stop(): void {
    this.#stop();
  }

  #tell(change: Change): void {
    for (const open of this.#pages) {
      if (open.writableLength > MAX_WAITING)
        open.destroy(); // it asks again, and then gets all of it
      else open.write(eventOf(change));
    }
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOf(request.url ?? '/');
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cache-control', 'no-store');
    if (request.method === 'POST') this.#post(path, request, response);
    else if (request.method !== 'GET') response.writeHead(405).end();
    else if (path === '/') answer(response, 'text/html; charset=utf-8', page(this.#header, this.#content));
    else if (path === '/events') this.#follow(response);
    else {
      const resource = this.#resources.get(path);
      if (resource) answer(response, resource.contentType, resource.data);
      else response.writeHead(404, { 'content-type': 'text/plain' }).end(`There is no ${path}`);
    }
  }

  /** A page of another site must not post here in the name of who looks at it. */
  #post(path: string, request: IncomingMessage, response: ServerResponse): void {
    const { origin, host } = request.headers;
    const callback = path.startsWith('/') ? this.#listeners.get(path) : undefined;
    if (origin !== undefined && origin.replace(/^https?:\/\//, '') !== host) {
      response.writeHead(403).end('From another site');
      return;
    }
    if (!callback) {
      response.writeHead(404).end(`Nobody listens at ${path}`);
      return;
    }
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= MAX_BODY) parts.push(part);
      else if (!response.headersSent) response.writeHead(413, { connection: 'close' }).end();
    });
    request.on('end', () => {
      if (size > MAX_BODY) return;
      response.writeHead(204).end();
      callback(Buffer.concat(parts).toString());
    });
  }

  #follow(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.#pages.add(response);
    response.on('close', () => this.#pages.delete(response));
    const changes: Change[] = [{ kind: 'display', html: this.#content }, ...this.#updates.values()];
    for (const change of changes) response.write(eventOf(change));
  }
}

/** As resources are named; what cannot be decoded names nothing. */
function pathOf(url: string): string {
  const path = url.replace(/\?.*$/, '');
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

function eventOf(change: Change): string {
  return `data: ${JSON.stringify(change)}\n\n`;
}

function answer(response: ServerResponse, type: string, data: string | Uint8Array): void {
  response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(data) }).end(data);
}
