import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Client {
  on(event: 'open' | 'close' | 'message' | 'error', listener: (value: unknown) => void): void;
  open(): void;
  send(data: unknown): void;
  close(): void;
}
const { Client } = require('@accessors-modules/web-socket-client') as { Client: new (options: object) => Client };

interface Place {
  readonly server: unknown;
  readonly port: unknown;
}
let client: Client | undefined;
let isOpen = false;
/** Where to connect, and where the client connects or is connected. */
let wanted: Place | undefined;
let place: Place | undefined;
/** Messages from before there was a place to send them to. */
let waiting: unknown[] = [];

const passedOn = [
  'receiveType',
  'sendType',
  'connectTimeout',
  'numberOfRetries',
  'timeBetweenRetries',
  'trustAll',
  'trustedCACertPath',
  'sslTls',
  'discardMessagesBeforeOpen',
];

/** A client of a web socket: connects at initialization and whenever it gets another server or port. Errors are reported.
 *  @input server                         string, default "localhost"
 *  @input port                           int, default -1; negative: not connected
 *  @input toSend                         any; before the connection is open, messages wait
 *  @output connected                     boolean
 *  @output received                      any
 *  @parameter receiveType                string, default "application/json"; text/plain for text, anything else as it comes
 *  @parameter sendType                   string, default "application/json"
 *  @parameter connectTimeout             int, default 1000; ms for an attempt
 *  @parameter numberOfRetries            int, default 5; after the first attempt
 *  @parameter timeBetweenRetries         int, default 500; ms
 *  @parameter trustAll                   boolean, default false; accept any certificate
 *  @parameter trustedCACertPath          string, default ""; PEM file of who signs the server's certificate
 *  @parameter sslTls                     boolean, default false
 *  @parameter discardMessagesBeforeOpen  boolean, default false
 *  @parameter throttleFactor             int, default 100; without effect: a host cannot make the sender of a message wait
 *  @error a peer that is absent or slow or has a wrong certificate is reported with each attempt; messages that are not of the type too
 *  @example
 *  const client = this.instantiate('client', 'net/WebSocketClient');
 *  client.setDefault('server', 'plant.local');
 *  client.setDefault('port', 8080);
 *  this.connect(source, 'output', client, 'toSend');
 *  this.connect(client, 'received', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('server', { type: 'string', value: 'localhost' });
  this.input('port', { type: 'int', value: -1 });
  this.input('toSend');
  this.output('connected', { type: 'boolean' });
  this.output('received');
  this.parameter('receiveType', { type: 'string', value: 'application/json' });
  this.parameter('sendType', { type: 'string', value: 'application/json' });
  this.parameter('connectTimeout', { value: 1000, type: 'int' });
  this.parameter('numberOfRetries', { type: 'int', value: 5 });
  this.parameter('timeBetweenRetries', { type: 'int', value: 500 });
  this.parameter('trustAll', { type: 'boolean', value: false });
  this.parameter('trustedCACertPath', { type: 'string', value: '' });
  this.parameter('sslTls', { type: 'boolean', value: false });
  this.parameter('discardMessagesBeforeOpen', { type: 'boolean', value: false });
  this.parameter('throttleFactor', { type: 'int', value: 100 });
}

export function initialize(this: AccessorContext): void {
  const { root } = this;
  wanted = { server: this.get('server'), port: this.get('port') };
  for (const name of ['server', 'port'] as const) {
    this.addInputHandler(name, () => {
      wanted = { ...wanted, [name]: this.get(name) } as Place;
    });
  }
  const follow = (): void => {
    if (wanted?.server === place?.server && wanted?.port === place?.port) return;
    place = wanted;
    root.exports.connect.call(root);
  };
  this.addInputHandler('toSend', () => {
    follow(); // a server and a port that came with the message
    root.exports.toSendInputHandler.call(root);
  });
  this.addInputHandler(follow);
  follow();
}

export function wrapup(this: AccessorContext): void {
  const closing = client;
  client = undefined;
  isOpen = false;
  place = undefined;
  waiting = [];
  closing?.close();
}

/** Connects to the present server and port, in place of another. */
export function connect(this: AccessorContext): void {
  const before = client;
  client = undefined;
  before?.close();
  if (isOpen) {
    isOpen = false;
    this.root.exports.onClose.call(this.root);
  }
  const { server: host, port } = place ?? { server: this.get('server'), port: this.get('port') };
  if (Number(port) < 0) {
    if (before) console.log(`${this.getName()}: no connection, since the port is negative.`);
    return;
  }
  const options: Record<string, unknown> = { host, port };
  for (const name of passedOn) options[name] = this.getParameter(name);
  const opened = new Client(options);
  client = opened;
  const { root } = this;
  const whenCurrent = (call: (value: unknown) => void) => (value: unknown) => {
    if (client === opened) call(value);
  };
  opened.on(
    'open',
    whenCurrent(() => {
      isOpen = true;
      root.exports.onOpen.call(root);
    }),
  );
  opened.on(
    'close',
    whenCurrent(() => {
      isOpen = false;
      root.exports.onClose.call(root);
    }),
  );
  opened.on(
    'message',
    whenCurrent((message) => root.exports.onMessage.call(root, message)),
  );
  opened.on(
    'error',
    whenCurrent((message) => this.error(message)),
  );
  const first = waiting;
  waiting = [];
  for (const message of first) opened.send(message);
  opened.open();
}

/** Called for each value at `toSend`. */
export function toSendInputHandler(this: AccessorContext): void {
  this.root.exports.sendToWebSocket.call(this.root, this.get('toSend'));
}

export function sendToWebSocket(this: AccessorContext, data: unknown): void {
  if (client) client.send(data);
  else if (this.getParameter('discardMessagesBeforeOpen')) console.log(`${this.getName()}: not connected; message discarded.`);
  else waiting.push(data);
}

export function onOpen(this: AccessorContext): void {
  this.send('connected', true);
}

export function onClose(this: AccessorContext): void {
  this.send('connected', false);
}

/** Called with each message, converted. */
export function onMessage(this: AccessorContext, message: unknown): void {
  this.send('received', message);
}
