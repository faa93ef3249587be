import { EventEmitter } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { EdgeScope } from '../edge/index.ts';
import { optionsOf, type Request, type RequestOptions } from './http-client/options.ts';
import { problem, type SecureDone, secure } from './shared/index.ts';

/** What the callback gets: the response, or with `outputCompleteResponseOnly` false a part of it. */
export interface Message {
  readonly statusCode: number;
  readonly statusMessage: string;
  /** By names in lower case. */
  readonly headers: http.IncomingHttpHeaders;
  /** Text; a Buffer if the type of the content is an image, sound or other binary one. */
  readonly body: string | Buffer;
  readonly httpVersion: string;
}

type Callback = (message: Message | null) => void;

/** A longer body is refused. */
const MAX_BODY = 256 * 2 ** 20;

export function create(edge: EdgeScope): unknown {
  const agents = new Agents(edge);
  const request = (options: RequestOptions, callback?: Callback): ClientRequest => new ClientRequest(edge, agents, options, callback);
  const sent = (method: string) => (options: RequestOptions, callback?: Callback) => {
    const made = request({ ...(typeof options === 'string' ? { url: options } : options), method }, callback);
    made.end();
    return made;
  };
  return { request, get: sent('GET'), post: sent('POST'), put: sent('PUT'), ClientRequest };
}

/** Connections that are kept for the next request to the same server. */
class Agents {
  readonly #edge: EdgeScope;
  readonly #agents = new Map<string, http.Agent>();

  constructor(edge: EdgeScope) {
    this.#edge = edge;
  }

  for(request: Request): http.Agent {
    const key = `${request.protocol} ${request.rejectUnauthorized}`;
    const known = this.#agents.get(key);
    if (known) return known;
    const agent = request.protocol === 'https' ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
    const { createConnection } = connecting(this.#edge, request.protocol, request.rejectUnauthorized);
    // Not what Node's own sockets have beyond a stream: keeping alive by the system, and not keeping the process alive.
    const reuseSocket = (_: unknown, reusing: http.ClientRequest): void => {
      reusing.reusedSocket = true;
    };
    Object.assign(agent, { createConnection, keepSocketAlive: () => true, reuseSocket });
    const closed = this.#edge.own({
      close: () => {
        closed();
        this.#agents.delete(key);
        agent.destroy();
      },
    });
    this.#agents.set(key, agent);
    return agent;
  }
}

/** What a request gives to whoever opens its connection. */
type Connecting = http.ClientRequestArgs & { readonly abandoned: AbortSignal };

/** How Node's client opens its connections: through the edge. */
function connecting(edge: EdgeScope, protocol: Request['protocol'], rejectUnauthorized: boolean) {
  return {
    createConnection(options: Connecting, created: SecureDone): Duplex | undefined {
      const host = options.host ?? 'localhost';
      const stream = edge.connect({ host, port: Number(options.port), noDelay: true });
      if (protocol === 'http') return stream;
      // Until the handshake is over the request does not have the connection, so cannot end it.
      const leave = (): unknown => stream.destroy();
      options.abandoned.addEventListener('abort', leave);
      secure(stream, host, { rejectUnauthorized, ALPNProtocols: ['http/1.1'] }, (error, secured) => {
        options.abandoned.removeEventListener('abort', leave);
        created(error, secured);
      });
      return undefined;
    },
  };
}

/** A request: nothing is sent before its `end()`. Emits `error`; without a listener for it the callback gets null. */
class ClientRequest extends EventEmitter {
  readonly #edge: EdgeScope;
  readonly #agents: Agents;
  readonly #callback: Callback;
  readonly #parsed: Request | Error;
  readonly #written: (string | Uint8Array)[] = [];
  readonly #abandoned = new AbortController();
  #request: http.ClientRequest | undefined;
  #timer: NodeJS.Timeout | undefined;
  #state: 'new' | 'sent' | 'over' = 'new';
  #answered = false;
  #over = (): void => {};

  constructor(edge: EdgeScope, agents: Agents, options: RequestOptions, callback: Callback = () => {}) {
    super();
    this.#edge = edge;
    this.#agents = agents;
    this.#callback = callback;
    try {
      this.#parsed = optionsOf(options);
    } catch (error) {
      this.#parsed = error as Error; // told when it is sent, when somebody listens
    }
  }

  /** Adds to the body; before `end()`. */
  write(data: string | Uint8Array): void {
    if (this.#state === 'new') this.#written.push(data);
  }

  end(): void {
    if (this.#state !== 'new') return;
    this.#state = 'sent';
    const parsed = this.#parsed;
    const operationOver = this.#edge.operation();
    const finishes = !(parsed instanceof Error) && parsed.finishAtWrapup;
    const closed = this.#edge.own({ close: () => (finishes ? this.removeAllListeners() : this.stop()) });
    this.#over = () => {
      clearTimeout(this.#timer);
      operationOver();
      closed();
    };
    if (parsed instanceof Error) process.nextTick(() => this.#fail(parsed));
    else this.#send(parsed);
  }

  /** Aborts: neither callback nor `error` follow. */
  stop(): void {
    if (!this.#finish()) return;
    this.#abandon();
  }

  #abandon(): void {
    this.#abandoned.abort();
    this.#request?.destroy();
  }

  #send(options: Request): void {
    const { protocol, method, host, port, path, headers, keepAlive, rejectUnauthorized } = options;
    const body = this.#written.length === 0 ? options.body : Buffer.concat([options.body ?? '', ...this.#written].map(bytes));
    const length = body !== null && !('content-length' in headers) ? { 'content-length': Buffer.byteLength(body) } : {};
    const connections = keepAlive ? { agent: this.#agents.for(options) } : connecting(this.#edge, protocol, rejectUnauthorized);
    try {
      this.#request = (protocol === 'https' ? https : http).request({
        ...connections,
        method,
        host,
        port,
        path,
        headers: { ...headers, ...length },
        abandoned: this.#abandoned.signal,
      } as Connecting);
    } catch (error) {
      process.nextTick(() => this.#fail(error as Error)); // a path or header with characters that none may have
      return;
    }
    this.#wait(options.timeout);
    this.#request.on('response', (response) => this.#receive(response, options));
    this.#request.on('error', (error) => this.#failOrRepeat(error, options));
    if (body === null) this.#request.end();
    else this.#request.end(body);
  }

  /** A kept connection may have been closed by the server before the request came there: then it goes by another one. */
  #failOrRepeat(error: Error, options: Request): void {
    const closedBefore = this.#request?.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET' && !this.#answered;
    if (this.#state === 'sent' && closedBefore) this.#send(options);
    else this.#fail(error);
  }

  /** From now on, and anew from each part that arrives. */
  #wait(ms: number): void {
    clearTimeout(this.#timer);
    if (ms <= 0) return;
    this.#timer = setTimeout(() => {
      const error = new Error(`The timeout period of ${ms}ms has been exceeded.`);
      this.#abandon();
      this.#fail(Object.assign(error, { code: 'ETIMEDOUT' }));
    }, ms);
  }

  #receive(response: http.IncomingMessage, { outputCompleteResponseOnly: whole, timeout, bytes: asBytes }: Request): void {
    const binary = asBytes || isBinary(response.headers['content-type']);
    const decoder = new StringDecoder('utf8');
    const parts: Buffer[] = [];
    let size = 0;
    let given = 0;
    this.#answered = true;
    const give = (body: string | Buffer): void => {
      given++;
      const { statusCode = 0, statusMessage = '', headers, httpVersion } = response;
      this.#callback({ statusCode, statusMessage, headers, body, httpVersion });
    };
    this.#wait(timeout);
    response.on('data', (part: Buffer) => {
      if (this.#state === 'over') return;
      this.#wait(timeout);
      if (!whole) {
        give(binary ? part : decoder.write(part));
        response.pause();
        this.#edge.afterReactions(() => response.resume());
        return;
      }
      size += part.length;
      if (size > MAX_BODY) {
        this.#abandon();
        this.#fail(new Error(`The response is longer than ${MAX_BODY} bytes`));
      } else parts.push(part);
    });
    response.on('end', () => {
      if (!this.#finish()) return;
      if (whole) {
        const body = Buffer.concat(parts);
        give(binary ? body : body.toString());
        return;
      }
      const rest = decoder.end();
      if (rest !== '' || given === 0) give(rest);
    });
    response.on('error', (error) => {
      const early = (error as NodeJS.ErrnoException).code === 'ECONNRESET';
      this.#fail(early ? new Error('The server closed the connection before the response was complete', { cause: error }) : error);
    });
  }

  /** False if it was over before. */
  #finish(): boolean {
    if (this.#state === 'over') return false;
    this.#state = 'over';
    this.#over();
    return true;
  }

  #fail(error: Error): void {
    if (!this.#finish()) return;
    if (this.listenerCount('error') === 0) this.#callback(null);
    else this.emit('error', Object.assign(error, { message: problem(error) }));
  }
}

function bytes(part: string | Uint8Array): Uint8Array {
  return typeof part === 'string' ? Buffer.from(part) : part;
}

function isBinary(contentType = ''): boolean {
  return (
    /^(?:image\/(?!svg)|audio\/|video\/|font\/|multipart\/)/i.test(contentType) ||
    /^application\/(?:octet-stream|pdf|zip|gzip|x-tar|cbor|msgpack|protobuf|wasm)/i.test(contentType)
  );
}
