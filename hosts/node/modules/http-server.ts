import { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import type { EdgeScope } from '../edge/index.ts';
import { HttpListener } from './shared/index.ts';

interface Options {
  readonly hostInterface?: string;
  readonly port?: number;
  /** ms until a request that nobody answers gets status 500. */
  readonly timeout?: number;
}

const defaults = { hostInterface: 'localhost', port: 80, timeout: 10_000 };

/** A longer body gets status 413. */
const MAX_BODY = 64 * 2 ** 20;
const UNANSWERED = 'Error: Server timed out waiting for response to be generated.';

export function create(edge: EdgeScope): unknown {
  return {
    HttpServer: class extends HttpServer {
      constructor(options?: Options) {
        super(edge, options);
      }
    },
  };
}

interface Pending {
  readonly response: ServerResponse;
  readonly timer: NodeJS.Timeout;
}

/**
 * Takes requests of any method and path. Emits `listening` with the port, `request` with
 * `{requestID, method, path, headers, params, body}` (params: those of the query; body: left out if there is none), and `error`.
 */
class HttpServer extends EventEmitter {
  readonly #edge: EdgeScope;
  readonly #options: typeof defaults;
  readonly #pending = new Map<number, Pending>();
  #lastID = 0;
  #stop: (() => void) | undefined;

  constructor(edge: EdgeScope, options: Options = {}) {
    super();
    this.#edge = edge;
    this.#options = { ...defaults, ...options };
  }

  start(): void {
    if (this.#stop) return;
    const { hostInterface: host, port } = this.#options;
    const server = createServer((request, response) => this.#receive(request, response));
    const listener = new HttpListener(this.#edge, { host, port: Number(port), noDelay: true }, server, {
      listening: (at) => this.emit('listening', at),
      failed: (error) => this.emit('error', error),
    });
    const closed = this.#edge.own({ drain: () => listener.drain(), close: () => this.stop() });
    this.#stop = () => {
      closed();
      listener.close();
    };
  }

  /** Closes all connections; who waits for a response gets none. */
  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
  }

  /** Answers a request; false if none of that id waits. Text is HTML in UTF-8. */
  respond(requestID: unknown, body: unknown, responseCode = 200): boolean {
    const pending = this.#pending.get(Number(requestID));
    if (!pending) return false;
    this.#pending.delete(Number(requestID));
    clearTimeout(pending.timer);
    const data = body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : (JSON.stringify(body) ?? ''));
    const type = body instanceof Uint8Array ? 'application/octet-stream' : 'text/html; charset=utf-8';
    pending.response.writeHead(validCode(responseCode), { 'content-type': type, 'content-length': data.length });
    pending.response.end(data);
    return true;
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= MAX_BODY) parts.push(part);
      else if (!response.headersSent) response.writeHead(413, { connection: 'close' }).end();
    });
    request.on('end', () => {
      if (size <= MAX_BODY) this.#take(request, response, Buffer.concat(parts).toString());
    });
  }

  #take(request: IncomingMessage, response: ServerResponse, body: string): void {
    const requestID = ++this.#lastID;
    const { timeout } = this.#options;
    const timer = setTimeout(() => this.respond(requestID, UNANSWERED, 500), timeout);
    this.#pending.set(requestID, { response, timer });
    response.on('close', () => {
      clearTimeout(timer);
      this.#pending.delete(requestID); // whoever asked has gone
    });
    const { method, url = '/', headers } = request;
    const [path, query = ''] = splitOnce(url, '?');
    this.emit('request', { requestID, method, path, headers, params: { ...parse(query) }, ...(body === '' ? {} : { body }) });
  }
}

function splitOnce(text: string, at: string): [string, string?] {
  const index = text.indexOf(at);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + at.length)];
}

function validCode(code: unknown): number {
  const number = Number(code);
  return Number.isInteger(number) && number >= 200 && number <= 599 ? number : 500;
}
