import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Client {
  on(event: 'open' | 'close' | 'data' | 'error', listener: (value: unknown) => void): void;
  open(): void;
  /** Throws when too many messages wait for the connection. */
  send(data: unknown): void;
  close(): void;
}
const { SocketClient } = require('@accessors-modules/socket') as {
  SocketClient: new (port: unknown, host: unknown, options: object) => Client;
};

const receiveTypes = ['byte', 'double', 'float', 'image', 'int', 'json', 'number', 'short', 'string', 'unsignedbyte', 'unsignedshort'];
const sendTypes = [...receiveTypes, 'bmp', 'gif', 'jpeg', 'jpg', 'png', 'wbmp'];

interface Place {
  readonly host: unknown;
  readonly port: unknown;
}
let client: Client | undefined;
let opened = false;
/** Where to connect, and where the client connects or is connected. */
let wanted: Place | undefined;
let place: Place | undefined;
/** Data from before there was a place to send them to. */
let waiting: unknown[] = [];

/** A client of a TCP connection: connects at initialization and whenever it gets another host or port. Errors are
 *  reported. Numbers travel big-endian; unless rawBytes, each message has its length ahead of it.
 *  @input host                           string, default "localhost"
 *  @input port                           int, default -1; negative: not connected
 *  @input toSend                         any; of sendType, or an array of numbers; before the connection is open, it waits
 *  @output connected                     boolean
 *  @output received                      any; of receiveType; without rawBytes, several numbers of one message as an array
 *  @parameter connectTimeout             int, default 6000; ms for an attempt
 *  @parameter discardMessagesBeforeOpen  boolean, default false
 *  @parameter idleTimeout                int, default 0; s without data, after which the connection is closed; 0: any time
 *  @parameter keepAlive                  boolean, default true; the system asks a silent peer whether it is still there
 *  @parameter maxUnsentMessages          int, default 100; may wait for the connection; 0: any number
 *  @parameter noDelay                    boolean, default true; do not keep small data back to send them together
 *  @parameter pfxKeyCertPassword         string, default ""
 *  @parameter pfxKeyCertPath             string, default ""; PKCS #12 file of an own certificate
 *  @parameter rawBytes                   boolean, default false; no lengths: what arrives comes out as it comes
 *  @parameter receiveBufferSize          int, default 65536; without effect: the system measures what the line needs
 *  @parameter receiveType                string, default "string"
 *  @parameter reconnectAttempts          int, default 10; after the first attempt
 *  @parameter reconnectInterval          int, default 1000; ms
 *  @parameter sendBufferSize             int, default 65536; without effect: the system measures what the line needs
 *  @parameter sendType                   string, default "string"
 *  @parameter sslTls                     boolean, default false
 *  @parameter trustAll                   boolean, default false; accept any certificate
 *  @parameter trustedCACertPath          string, default ""; PEM file of who signs the server's certificate
 *  @error a peer that is absent or slow or has a wrong certificate is reported with each attempt; data that are not of sendType, or too many before the connection is open, too
 *  @example
 *  const client = this.instantiate('client', 'net/TCPSocketClient');
 *  client.setDefault('host', 'plant.local');
 *  client.setDefault('port', 4000);
 *  this.connect(source, 'output', client, 'toSend');
 *  this.connect(client, 'received', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('host', { type: 'string', value: 'localhost' });
  this.input('port', { type: 'int', value: -1 });
  this.input('toSend');
  this.output('connected', { type: 'boolean' });
  this.output('received');
  this.parameter('connectTimeout', { value: 6000, type: 'int' });
  this.parameter('discardMessagesBeforeOpen', { type: 'boolean', value: false });
  this.parameter('idleTimeout', { value: 0, type: 'int' });
  this.parameter('keepAlive', { type: 'boolean', value: true });
  this.parameter('maxUnsentMessages', { value: 100, type: 'int' });
  this.parameter('noDelay', { type: 'boolean', value: true });
  this.parameter('pfxKeyCertPassword', { type: 'string', value: '' });
  this.parameter('pfxKeyCertPath', { type: 'string', value: '' });
  this.parameter('rawBytes', { type: 'boolean', value: false });
  this.parameter('receiveBufferSize', { value: 65536, type: 'int' });
  this.parameter('receiveType', { type: 'string', value: 'string', options: receiveTypes });
  this.parameter('reconnectAttempts', { type: 'int', value: 10 });
  this.parameter('reconnectInterval', { type: 'int', value: 1000 });
  this.parameter('sendBufferSize', { value: 65536, type: 'int' });
  this.parameter('sendType', { type: 'string', value: 'string', options: sendTypes });
  this.parameter('sslTls', { type: 'boolean', value: false });
  this.parameter('trustAll', { type: 'boolean', value: false });
  this.parameter('trustedCACertPath', { type: 'string', value: '' });
}

export function initialize(this: AccessorContext): void {
  const { root } = this;
  wanted = { host: this.get('host'), port: this.get('port') };
  for (const name of ['host', 'port'] as const) {
    this.addInputHandler(name, () => {
      wanted = { ...wanted, [name]: this.get(name) } as Place;
    });
  }
  const follow = (): void => {
    if (wanted?.host === place?.host && wanted?.port === place?.port) return;
    place = wanted;
    root.exports.connect.call(root);
  };
  this.addInputHandler('toSend', () => {
    follow(); // a host and a port that came with the data
    root.exports.toSendInputHandler.call(root);
  });
  this.addInputHandler(follow);
  follow();
}

export function wrapup(this: AccessorContext): void {
  const closing = client;
  client = undefined;
  opened = false;
  place = undefined;
  waiting = [];
  closing?.close();
}

/** Connects to the present host and port, in place of another. */
export function connect(this: AccessorContext): void {
  const before = client;
  client = undefined;
  before?.close();
  if (opened) {
    opened = false;
    this.send('connected', false);
  }
  const { host, port } = place ?? { host: this.get('host'), port: this.get('port') };
  if (Number(port) < 0) {
    if (before) console.log(`${this.getName()}: no connection, since the port is negative.`);
    return;
  }
  const { root } = this;
  const made = new SocketClient(port, host, Object.fromEntries(this.parameterList.map((name) => [name, this.getParameter(name)])));
  client = made;
  const whenCurrent = (call: (value: unknown) => void) => (value: unknown) => {
    if (client === made) call(value);
  };
  const tell = (state: boolean) =>
    whenCurrent(() => {
      opened = state;
      this.send('connected', state);
    });
  made.on('open', tell(true));
  made.on('close', tell(false));
  made.on(
    'data',
    whenCurrent((data) => root.exports.dataReceivedHandler.call(root, data)),
  );
  made.on(
    'error',
    whenCurrent((message) => this.error(message)),
  );
  const first = waiting;
  waiting = [];
  for (const data of first) root.exports.send.call(root, data);
  made.open();
}

/** Called for each value at `toSend`. */
export function toSendInputHandler(this: AccessorContext): void {
  this.root.exports.send.call(this.root, this.get('toSend'));
}

/** Sends data, or keeps them until the connection is open. */
export function send(this: AccessorContext, data: unknown): void {
  if (client) {
    try {
      client.send(data);
    } catch (error) {
      this.error((error as Error).message);
    }
    return;
  }
  const limit = Number(this.getParameter('maxUnsentMessages'));
  if (this.getParameter('discardMessagesBeforeOpen')) console.log(`${this.getName()}: not connected; data discarded.`);
  else if (limit > 0 && waiting.length >= limit)
    this.error(`${limit} messages (maxUnsentMessages) wait for a connection. Message dropped.`);
  else waiting.push(data);
}

/** Called with each value that arrives. */
export function dataReceivedHandler(this: AccessorContext, data: unknown): void {
  this.send('received', data);
}

export function isOpen(this: AccessorContext): boolean {
  return opened;
}
