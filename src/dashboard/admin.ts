import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errors, isServiceError } from '../errors.ts';
import { isLoopback, reachable } from '../listen-address.ts';
import { type Answer, text } from './answer.ts';
import { isOurName, isOurOrigin } from './names.ts';
import { type AdminRequest, type Route, Router } from './router.ts';

export interface AdminOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Names by which it may be asked besides its addresses and `localhost`. */
  readonly names: readonly string[];
  readonly routes: readonly Route[];
  /** Called when it closes, before its connections do. */
  closing?(): void;
  /** Told of what a route throws; the client learns nothing of it. */
  defect(error: unknown): void;
}

/** On every answer unless the route says otherwise: nothing is kept, guessed, framed or run. */
const usualHeaders: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};
/** For a client that stopped reading. */
const SEND_MS = 10_000;

/** What a box shows and takes over HTTP, for those on this machine. */
export class AdminServer {
  readonly #server: Server;
  readonly #options: AdminOptions;
  readonly #names: readonly string[];
  readonly #router: Router;

  /** @throws Error of Node, with `code`, when it cannot listen there */
  static async open(options: AdminOptions): Promise<AdminServer> {
    const admin = new AdminServer(options);
    await new Promise<void>((resolve, reject) => {
      admin.#server.once('error', reject);
      admin.#server.listen(options.port, options.host, resolve);
    });
    return admin;
  }

  private constructor(options: AdminOptions) {
    this.#options = options;
    this.#names = [options.host, ...options.names].map((name) => name.toLowerCase());
    this.#router = new Router(options.routes);
    this.#server = createServer({ headersTimeout: 5000, requestTimeout: 5000 }, (request, response) => {
      void this.#serve(request, response);
    });
    this.#server.maxConnections = 64;
  }

  get address(): { readonly host: string; readonly port: number } {
    const { address, port } = this.#server.address() as AddressInfo;
    return { host: address, port };
  }

  get url(): string {
    return `http://${reachable(this.address)}`;
  }

  async close(): Promise<void> {
    this.#options.closing?.();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let answer: Answer;
    try {
      answer = await this.#answer(request);
    } catch (error) {
      if (request.socket.destroyed) return; // gone in the middle of its body
      if (isServiceError(error) && error.code === 'TOO_LARGE') answer = text(413, error.message);
      else {
        this.#options.defect(error);
        answer = text(500, 'A defect of the box; its log says more');
      }
    }
    const status = answer.kind === 'whole' ? answer.status : 200;
    // Of a body that is not wanted nothing more is read.
    const last = request.complete ? {} : { Connection: 'close' };
    response.writeHead(status, { ...usualHeaders, 'Content-Type': answer.type, ...last, ...answer.headers });
    if (request.method === 'HEAD') response.end();
    else if (answer.kind === 'stream') answer.begin(response);
    else response.setTimeout(SEND_MS, () => response.destroy()).end(answer.body);
  }

  #answer(request: IncomingMessage): Answer | Promise<Answer> {
    const { method = '', headers } = request;
    if (!isOurName(headers.host, request.socket.localAddress, this.#names)) {
      return text(421, 'Ask by the address of this server, or start the box with --admin-name NAME');
    }
    if (!isOurOrigin(headers.origin, headers.host)) return text(403, 'Pages of others may not ask here');
    const target = /^(\/[^?#]*)(?:\?([^#]*))?$/.exec(request.url ?? '');
    if (!target) return text(400, 'Not a path');
    const [, path = '', query] = target;
    const found = this.#router.find(method, path);
    switch (found.kind) {
      case 'nothing':
        return text(404, 'There is nothing here');
      case 'other method':
        return { ...text(405, `Only ${found.allowed.join(', ')}`), headers: { Allow: found.allowed.join(', ') } };
      case 'route': {
        const body = (limit: number): Promise<Uint8Array> => bodyOf(request, limit);
        const { remoteAddress = '' } = request.socket;
        const isLocal = isLoopback(remoteAddress.replace(/^::ffff:/, ''));
        const asked: AdminRequest = { path, rest: found.rest, query: new URLSearchParams(query), headers, isLocal, body };
        return found.route.answer(asked);
      }
    }
  }
}

/** @throws TOO_LARGE */
async function bodyOf(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > limit) throw errors.TOO_LARGE('the body', limit, size);
  }
  return Buffer.concat(chunks);
}
