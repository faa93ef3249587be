import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Client {
  on(event: 'connect' | 'close', listener: () => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'message', listener: (channel: string, text: string) => void): void;
  start(): void;
  end(): void;
  command(words: readonly string[], done: (error: Error | null, reply: unknown) => void): void;
  subscribe(channel: string): void;
}
const { createClient } = require('@accessors-modules/redis') as { createClient(options: object): Client };

let client: Client | undefined;

/** Sends commands to a Redis server, and hears what is published there. A connection that is lost is made again, and commands wait for it.
 *  @input command                any; array of a command and its arguments, such as ["SET", "lamp", "on"]; what is no text goes as JSON
 *  @input subscribe              string, default ""; channel, or a pattern with * or ?
 *  @output reply                 any; of each command, in their order: text, number, null or an array
 *  @output received              string, spontaneous; what was published
 *  @output channel               string, spontaneous; where, after each
 *  @output connected             boolean, spontaneous
 *  @parameter host               string, default "localhost"
 *  @parameter port               int, default 6379
 *  @parameter database           int, default 0
 *  @parameter username           string, default ""
 *  @parameter password           string, default ""
 *  @parameter sslTls             boolean, default false
 *  @parameter trustAll           boolean, default false; accept any certificate
 *  @parameter trustedCACertPath  string, default ""; file of the authorities to trust instead of the usual ones
 *  @error failures of the connection, commands that the server refuses, and more than 10,000 commands without an answer are reported
 *  @example
 *  const redis = this.instantiate('redis', 'net/Redis');
 *  redis.setDefault('subscribe', 'lamps:*');
 *  this.connect(redis, 'received', display, 'input');
 *  this.connect(source, 'output', redis, 'command'); // ['PUBLISH', 'lamps:kitchen', 'on'] */
export function setup(this: AccessorContext): void {
  this.input('command');
  this.input('subscribe', { type: 'string', value: '' });
  this.output('reply');
  this.output('received', { type: 'string', spontaneous: true });
  this.output('channel', { type: 'string', spontaneous: true });
  this.output('connected', { type: 'boolean', spontaneous: true });
  this.parameter('host', { type: 'string', value: 'localhost' });
  this.parameter('port', { type: 'int', value: 6379 });
  this.parameter('database', { type: 'int', value: 0 });
  this.parameter('username', { type: 'string', value: '' });
  this.parameter('password', { type: 'string', value: '' });
  this.parameter('sslTls', { type: 'boolean', value: false });
  this.parameter('trustAll', { type: 'boolean', value: false });
  this.parameter('trustedCACertPath', { type: 'string', value: '' });
}

const parameters = ['host', 'port', 'database', 'username', 'password', 'sslTls', 'trustAll', 'trustedCACertPath'];

export function initialize(this: AccessorContext): void {
  const started = createClient(Object.fromEntries(parameters.map((name) => [name, this.getParameter(name)])));
  client = started;
  started.on('connect', () => this.send('connected', true));
  started.on('close', () => this.send('connected', false));
  started.on('error', (error) => this.error(error.message));
  started.on('message', (channel, text) => {
    this.send('received', text);
    this.send('channel', channel);
  });
  this.addInputHandler('command', () => command(this, started, this.get('command')));
  const subscribe = (): void => {
    if (this.get('subscribe') !== '') started.subscribe(String(this.get('subscribe')));
  };
  this.addInputHandler('subscribe', subscribe);
  started.start();
  subscribe();
}

export function wrapup(this: AccessorContext): void {
  client?.end();
  client = undefined;
}

function command(accessor: AccessorContext, to: Client, words: unknown): void {
  const report = (error: unknown): void => accessor.error(`${JSON.stringify(words)?.slice(0, 200)}: ${(error as Error).message}`);
  try {
    if (!Array.isArray(words) || words.length === 0) throw new Error('a command is an array of words, as ["GET", "lamp"]');
    to.command(
      words.map((word: unknown) => (typeof word === 'string' ? word : JSON.stringify(word))),
      (error, reply) => {
        if (error) report(error);
        else accessor.send('reply', reply);
      },
    );
  } catch (error) {
    report(error);
  }
}
