import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Socket {
  on(event: 'data' | 'close' | 'error', listener: (value: unknown) => void): void;
  send(data: unknown): void;
  remoteHost(): string;
  remotePort(): number;
}
interface Server {
  on(event: string, listener: (value: never) => void): void;
  start(): void;
  stop(): void;
}
const { SocketServer } = require('@accessors-modules/socket') as { SocketServer: new (options: object) => Server };
const { inspect } = require('util') as typeof import('node:util');

const receiveTypes = ['byte', 'double', 'float', 'image', 'int', 'json', 'number', 'short', 'string', 'unsignedbyte', 'unsignedshort'];
const sendTypes = [...receiveTypes, 'bmp', 'gif', 'jpeg', 'jpg', 'png', 'wbmp'];

let server: Server | undefined;
let sockets = new Map<number, Socket>();

/** A server of TCP connections. Errors are reported. Types and lengths are those of net/TCPSocketClient.
 *  @input toSend                          any
 *  @input toSendID                        int, default 0; id of a connection; 0: all
 *  @output listening                      int; port
 *  @output connection                     any, spontaneous; {id, remoteHost, remotePort, status}; status is open or closed, ids count from 1
 *  @output received                       any, spontaneous
 *  @output receivedID                     any, spontaneous; of the connection, right after each `received`
 *  @parameter clientAuth                  string, default "none"; with TLS: whether clients must show a certificate: none, request, required
 *  @parameter discardSendToUnopenedSocket boolean, default false; a note instead of an error report
 *  @parameter hostInterface               string, default "0.0.0.0"; that is all
 *  @parameter idleTimeout                 int, default 0; s without data, after which a connection is closed; 0: any time
 *  @parameter keepAlive                   boolean, default true; the system asks a silent peer whether it is still there
 *  @parameter noDelay                     boolean, default true; do not keep small data back to send them together
 *  @parameter pfxKeyCertPassword          string, default ""
 *  @parameter pfxKeyCertPath              string, default ""; PKCS #12 file of the own certificate
 *  @parameter port                        int, default 4000; 0: any that is free
 *  @parameter rawBytes                    boolean, default false; no lengths: what arrives comes out as it comes
 *  @parameter receiveBufferSize           int, default 65536; without effect: the system measures what the line needs
 *  @parameter receiveType                 string, default "string"
 *  @parameter sendBufferSize              int, default 65536; without effect: the system measures what the line needs
 *  @parameter sendType                    string, default "string"
 *  @parameter sslTls                      boolean, default false
 *  @parameter trustedCACertPath           string, default ""; PEM file of who signs the clients' certificates
 *  @error a port that cannot be had, data that are not of sendType, and a client that is not there are reported
 *  @example
 *  const server = this.instantiate('server', 'net/TCPSocketServer');
 *  server.setParameter('port', 0); // any that is free
 *  this.connect(server, 'received', server, 'toSend'); // to all clients */
export function setup(this: AccessorContext): void {
  this.input('toSend');
  this.input('toSendID', { type: 'int', value: 0 });
  this.output('listening', { type: 'int' });
  this.output('connection', { spontaneous: true });
  this.output('received', { spontaneous: true });
  this.output('receivedID', { spontaneous: true });
  this.parameter('clientAuth', { type: 'string', value: 'none' });
  this.parameter('discardSendToUnopenedSocket', { type: 'boolean', value: false });
  this.parameter('hostInterface', { type: 'string', value: '0.0.0.0' });
  this.parameter('idleTimeout', { value: 0, type: 'int' });
  this.parameter('keepAlive', { type: 'boolean', value: true });
  this.parameter('noDelay', { type: 'boolean', value: true });
  this.parameter('pfxKeyCertPassword', { type: 'string', value: '' });
  this.parameter('pfxKeyCertPath', { type: 'string', value: '' });
  this.parameter('port', { type: 'int', value: 4000 });
  this.parameter('rawBytes', { type: 'boolean', value: false });
  this.parameter('receiveBufferSize', { value: 65536, type: 'int' });
  this.parameter('receiveType', { type: 'string', value: 'string', options: receiveTypes });
  this.parameter('sendBufferSize', { value: 65536, type: 'int' });
  this.parameter('sendType', { type: 'string', value: 'string', options: sendTypes });
  this.parameter('sslTls', { type: 'boolean', value: false });
  this.parameter('trustedCACertPath', { type: 'string', value: '' });
}

export function initialize(this: AccessorContext): void {
  const { root } = this;
  const started = new SocketServer(Object.fromEntries(this.parameterList.map((name) => [name, this.getParameter(name)])));
  server = started;
  sockets = new Map();
  let nextID = 1;
  started.on('listening', (port) => this.send('listening', port));
  started.on('error', (error: unknown) => this.error(error));
  started.on('connection', (socket: Socket) => {
    if (server === started) connected.call(this, socket, nextID++);
  });
  this.addInputHandler('toSend', () => root.exports.toSendInputHandler.call(root));
  started.start();
}

export function wrapup(this: AccessorContext): void {
  const stopping = server;
  server = undefined;
  sockets = new Map();
  stopping?.stop();
}

function connected(this: AccessorContext, socket: Socket, id: number): void {
  const open = sockets;
  const peer = { id, remoteHost: socket.remoteHost(), remotePort: socket.remotePort() };
  open.set(id, socket);
  this.send('connection', { ...peer, status: 'open' });
  socket.on('data', (data) => {
    if (open !== sockets) return;
    this.send('received', data);
    this.send('receivedID', id);
  });
  socket.on('close', () => {
    if (open !== sockets) return;
    open.delete(id);
    this.send('connection', { ...peer, status: 'closed' });
  });
  socket.on('error', (error) => this.error(error));
}

/** Called for each value at `toSend`. */
export function toSendInputHandler(this: AccessorContext): void {
  const data = this.get('toSend');
  const id = Number(this.get('toSendID'));
  if (id === 0) {
    for (const socket of sockets.values()) socket.send(data);
    return;
  }
  const socket = sockets.get(id);
  if (socket) {
    socket.send(data);
    return;
  }
  const message = `There is no open socket with ID ${id} to send ${inspect(data)} to.`;
  if (this.getParameter('discardSendToUnopenedSocket')) console.log(`${this.getName()}: ${message}`);
  else this.error(message);
}
