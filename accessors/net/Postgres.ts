import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Client {
  on(event: 'connect' | 'close', listener: () => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'notification', listener: (channel: string, text: string) => void): void;
  start(): void;
  end(): void;
  query(text: string, values: readonly unknown[], done: (error: Error | null, rows?: readonly unknown[]) => void): void;
  listen(channel: string): void;
}
const { createClient } = require('@accessors-modules/postgres') as { createClient(options: object): Client };

let client: Client | undefined;

/** Sends queries to a PostgreSQL server, and hears what is notified there. A connection that is lost is made again, and queries wait for it.
 *  @input query                  any; SQL, or {text, values} with $1, $2, ... in the text; values from outside belong only there
 *  @input listen                 string, default ""; channel of NOTIFY
 *  @output rows                  any; array of the rows of each query, in their order; 8-byte integers and numeric are text, times are Dates
 *  @output notification          any, spontaneous; {channel, payload}
 *  @output connected             boolean, spontaneous
 *  @parameter host               string, default "localhost"
 *  @parameter port               int, default 5432
 *  @parameter database           string, default "postgres"
 *  @parameter user               string, default "postgres"
 *  @parameter password           string, default ""
 *  @parameter sslTls             boolean, default false
 *  @parameter trustAll           boolean, default false; accept any certificate
 *  @parameter trustedCACertPath  string, default ""; file of the authorities to trust instead of the usual ones
 *  @parameter timeout            int, default 60000; ms that a query may take, then it is reported and the connection made again
 *  @error failures of the connection, queries that the server refuses, and more than 1,000 queries without an answer are reported
 *  @example
 *  const postgres = this.instantiate('postgres', 'net/Postgres');
 *  postgres.setParameter('database', 'home');
 *  postgres.setDefault('listen', 'lamps');
 *  this.connect(source, 'output', postgres, 'query'); // {text: 'INSERT INTO climate (celsius) VALUES ($1)', values: [21.5]}
 *  this.connect(postgres, 'notification', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('query');
  this.input('listen', { type: 'string', value: '' });
  this.output('rows');
  this.output('notification', { spontaneous: true });
  this.output('connected', { type: 'boolean', spontaneous: true });
  this.parameter('host', { type: 'string', value: 'localhost' });
  this.parameter('port', { type: 'int', value: 5432 });
  this.parameter('database', { type: 'string', value: 'postgres' });
  this.parameter('user', { type: 'string', value: 'postgres' });
  this.parameter('password', { type: 'string', value: '' });
  this.parameter('sslTls', { type: 'boolean', value: false });
  this.parameter('trustAll', { type: 'boolean', value: false });
  this.parameter('trustedCACertPath', { type: 'string', value: '' });
  this.parameter('timeout', { type: 'int', value: 60_000 });
}

const parameters = ['host', 'port', 'database', 'user', 'password', 'sslTls', 'trustAll', 'trustedCACertPath', 'timeout'];

export function initialize(this: AccessorContext): void {
  const started = createClient(Object.fromEntries(parameters.map((name) => [name, this.getParameter(name)])));
  client = started;
  started.on('connect', () => this.send('connected', true));
  started.on('close', () => this.send('connected', false));
  started.on('error', (error) => this.error(error.message));
  started.on('notification', (channel, payload) => this.send('notification', { channel, payload }));
  this.addInputHandler('query', () => query(this, started, this.get('query')));
  const listen = (): void => {
    if (this.get('listen') !== '') started.listen(String(this.get('listen')));
  };
  this.addInputHandler('listen', listen);
  started.start();
  listen();
}

export function wrapup(this: AccessorContext): void {
  client?.end();
  client = undefined;
}

function query(accessor: AccessorContext, to: Client, asked: unknown): void {
  const { text, values = [] } = (typeof asked === 'string' ? { text: asked } : (asked ?? {})) as { text?: unknown; values?: unknown };
  const report = (error: unknown): void => accessor.error(`${String(text).slice(0, 200)}: ${(error as Error).message}`);
  try {
    if (typeof text !== 'string' || !Array.isArray(values)) throw new Error('a query is SQL, or {text, values} with an array of values');
    to.query(text, values, (error, rows) => {
      if (error) report(error);
      else accessor.send('rows', rows);
    });
  } catch (error) {
    report(error);
  }
}
