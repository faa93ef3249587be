import { EventEmitter, once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import { Redis } from 'ioredis';
import type { EdgeScope } from '../edge/index.ts';
import { asSocket, pacer, problem, type ServerOptions, secure, tlsOptions } from './shared/index.ts';

/** ms until a lost or refused connection is tried again. */
const RECONNECT_MS = 1000;
const CONNECT_MS = 10_000;
/** A server that answers nothing for so long is given up. */
const ANSWER_MS = 10_000;
/** Commands without an answer; one more is an error. */
const MOST_WAITING = 10_000;

interface Options extends ServerOptions {
  readonly username: string;
  readonly password: string;
  readonly database: number;
}

type Done = (error: Error | null, reply?: unknown) => void;

export function create(edge: EdgeScope): unknown {
  return { createClient: (options: Options) => new Client(edge, options) };
}

/** Emits `connect`, `message` with channel and text, `close`, and `error`. A connection that is lost is made again. */
class Client extends EventEmitter {
  readonly #edge: EdgeScope;
  readonly #options: Options;
  #commands: Redis | undefined;
  /** A connection of its own: one that listens takes no other commands. */
  #listening: Redis | undefined;
  #waiting = 0;
  readonly #ending = new AbortController();
  #closed: (() => unknown) | undefined;

  constructor(edge: EdgeScope, options: Options) {
    super();
    this.#edge = edge;
    this.#options = options;
  }

  start(): void {
    if (this.#commands) return;
    this.#closed = this.#edge.own({ close: () => this.end() });
    const client = this.#connection();
    this.#commands = client;
    client.on('ready', () => this.emit('connect'));
    client.on('close', () => this.emit('close'));
  }

  /** Nothing is emitted or answered any more. */
  end(): void {
    const connections = [this.#commands, this.#listening];
    this.#commands = undefined;
    this.#listening = undefined;
    this.#closed?.();
    this.removeAllListeners().on('error', () => {});
    this.#ending.abort();
    for (const connection of connections) {
      if (!connection) continue;
      for (const event of ['ready', 'close', 'error', 'message', 'pmessage']) connection.removeAllListeners(event);
      connection.on('error', () => {}).disconnect();
    }
  }

  /**
   * Waits for the connection, if there is none.
   * @param done  called in the order of the commands; with text for what is text
   * @throws Error when too many wait
   */
  command([name, ...args]: readonly string[], done: Done): void {
    const client = this.#commands;
    if (!client) throw new Error('No connection. Call start().');
    if (this.#waiting >= MOST_WAITING)
      throw new Error(`${MOST_WAITING} commands wait for an answer of ${this.#options.host}:${this.#options.port}`);
    this.#waiting++;
    const over = this.#edge.operation();
    const finish: Done = (error, reply) => {
      this.#waiting--;
      over();
      if (this.#commands === client) done(error, reply);
    };
    client.call(name as string, [...args]).then(
      (reply) => finish(null, reply),
      (error: Error) => finish(error),
    );
  }

  /** @param channel  with `*` or `?` a pattern */
  subscribe(channel: string): void {
    this.#listening ??= this.#listener();
    const client = this.#listening;
    const failed = (error: Error): void => {
      if (this.#listening === client) this.emit('error', error);
    };
    (/[*?]/.test(channel) ? client.psubscribe(channel) : client.subscribe(channel)).catch(failed);
  }

  #listener(): Redis {
    const client = this.#connection();
    client.on('message', (channel, text) => this.emit('message', channel, text));
    client.on('pmessage', (_pattern, channel, text) => this.emit('message', channel, text));
    return client;
  }

  #connection(): Redis {
    const { username, password, database } = this.#options;
    const connect = (): Promise<Duplex> => this.#connect();
    class Connector {
      #stream: Duplex | undefined;
      async connect(): Promise<Duplex> {
        this.#stream = await connect();
        return this.#stream;
      }
      disconnect(): void {
        this.#stream?.destroy();
      }
      check(): boolean {
        return true;
      }
    }
    const client = new Redis({
      Connector: Connector as never,
      ...(username !== '' && { username }),
      ...(password !== '' && { password }),
      db: database,
      socketTimeout: ANSWER_MS,
      maxRetriesPerRequest: null,
      retryStrategy: () => RECONNECT_MS,
    });
    return client.on('error', (error) => this.emit('error', error));
  }

  /** Tries until it succeeds, since what fails here would end the client for good; `end` rejects it. */
  async #connect(): Promise<Duplex> {
    for (;;) {
      try {
        return await this.#open();
      } catch (error) {
        this.emit('error', error);
      }
      await setTimeout(RECONNECT_MS, undefined, { signal: this.#ending.signal });
    }
  }

  /** @throws Error that names the server */
  async #open(): Promise<Duplex> {
    const { host, port } = this.#options;
    const tls = await tlsOptions(this.#edge, this.#options);
    const stream = this.#edge.connect({ host, port, noDelay: true, keepAlive: true });
    const late = AbortSignal.timeout(CONNECT_MS);
    const tooLate = (): unknown => stream.destroy(new Error(`no answer within ${CONNECT_MS} ms`));
    late.addEventListener('abort', tooLate);
    try {
      const opened = tls ? await secured(stream, host, tls) : await once(stream, 'connect').then(() => stream);
      const arrived = pacer(this.#edge, opened);
      return asSocket(opened.on('data', arrived));
    } catch (error) {
      stream.on('error', () => {}).destroy();
      throw Object.assign(error as Error, { message: `Cannot connect to ${host}:${port}: ${problem(error as Error)}` });
    } finally {
      late.removeEventListener('abort', tooLate);
    }
  }
}

function secured(stream: Duplex, host: string, options: ConnectionOptions): Promise<Duplex> {
  return new Promise((resolve, reject) => secure(stream, host, options, (error, opened) => (opened ? resolve(opened) : reject(error))));
}
