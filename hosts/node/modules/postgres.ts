import { EventEmitter } from 'node:events';
import { Client as PgClient } from 'pg';
import type { EdgeScope } from '../edge/index.ts';
import { asSocket, problem, type ServerOptions, tlsOptions } from './shared/index.ts';

/** ms until a lost or refused connection is tried again. */
const RECONNECT_MS = 1000;
const CONNECT_MS = 10_000;
/** Queries without an answer; one more is an error. */
const MOST_WAITING = 1000;

interface Options extends ServerOptions {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** ms that a query may take; then it is an error, and the connection, which waits for it still, is made again. */
  readonly timeout: number;
}

type Done = (error: Error | null, rows?: readonly unknown[]) => void;

interface Query {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly done: Done;
}

export function create(edge: EdgeScope): unknown {
  return { createClient: (options: Options) => new Client(edge, options) };
}

/** Emits `connect`, `notification` with channel and text, `close`, and `error`. A connection that is lost is made again. */
class Client extends EventEmitter {
  readonly #edge: EdgeScope;
  readonly #options: Options;
  readonly #channels = new Set<string>();
  /** Those that wait for the connection. */
  #queries: Query[] = [];
  #waiting = 0;
  #running = false;
  #client: PgClient | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed: (() => unknown) | undefined;

  constructor(edge: EdgeScope, options: Options) {
    super();
    this.#edge = edge;
    this.#options = options;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#closed = this.#edge.own({ close: () => this.end() });
    void this.#connect();
  }

  /** Nothing is emitted or answered any more. */
  end(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    this.removeAllListeners();
    this.#closed?.();
    this.#queries = [];
    const client = this.#client;
    this.#client = undefined;
    client?.end().catch(() => {}); // it had gone already
  }

  /**
   * Waits for the connection, if there is none.
   * @param values  for $1, $2, ...
   * @param done    called in the order of the queries
   * @throws Error when too many wait
   */
  query(text: string, values: readonly unknown[], done: Done): void {
    if (this.#waiting >= MOST_WAITING)
      throw new Error(`${MOST_WAITING} queries wait for an answer of ${this.#options.host}:${this.#options.port}`);
    this.#waiting++;
    const over = this.#edge.operation();
    const query = {
      text,
      values,
      done: (error: Error | null, rows?: readonly unknown[]) => {
        this.#waiting--;
        over();
        if (this.#running) done(error, rows);
      },
    };
    if (this.#client) this.#ask(this.#client, query);
    else this.#queries.push(query);
  }

  listen(channel: string): void {
    this.#channels.add(channel);
    if (this.#client) this.#listen(this.#client, channel);
  }

  #ask(client: PgClient, { text, values, done }: Query): void {
    client.query(text, [...values]).then(
      ({ rows }) => done(null, rows),
      (error: Error) => {
        if (error.message === 'Query read timeout') {
          this.#lost(client); // what comes next waits for another connection
          client.end().catch(() => {}); // cut off, as a query is under way
        }
        done(error);
      },
    );
  }

  #listen(client: PgClient, channel: string): void {
    client.query(`LISTEN ${client.escapeIdentifier(channel)}`).catch((error: Error) => this.emit('error', error));
  }

  async #connect(): Promise<void> {
    const { host, port, user, password, database } = this.#options;
    const over = this.#edge.operation();
    let client: PgClient | undefined;
    try {
      client = new PgClient({
        ...{ host, port, user, password, database },
        ssl: (await tlsOptions(this.#edge, this.#options)) ?? false,
        connectionTimeoutMillis: CONNECT_MS,
        query_timeout: this.#options.timeout,
        stream: () => asSocket(this.#edge.connect({ host, port, noDelay: true, keepAlive: true })) as never,
      });
      client.on('error', () => {}); // `end` follows
      await client.connect();
    } catch (error) {
      client?.end().catch(() => {}); // it may not have begun
      if (!this.#running) return;
      this.emit('error', new Error(`Cannot connect to ${host}:${port}: ${problem(error as Error)}`, { cause: error }));
      this.#again();
      return;
    } finally {
      over();
    }
    if (this.#running) this.#connected(client);
    else client.end().catch(() => {});
  }

  #connected(client: PgClient): void {
    this.#client = client;
    client.on('notification', ({ channel, payload = '' }) => this.emit('notification', channel, payload));
    client.on('end', () => this.#lost(client));
    for (const channel of this.#channels) this.#listen(client, channel);
    for (const query of this.#queries.splice(0)) this.#ask(client, query);
    this.emit('connect');
  }

  #lost(client: PgClient): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.emit('close');
    this.#again();
  }

  #again(): void {
    this.#timer = setTimeout(() => void this.#connect(), RECONNECT_MS);
  }
}
