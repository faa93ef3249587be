import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Socket {
  on(event: 'message' | 'close' | 'error', listener: (value: unknown) => void): void;
  send(data: unknown): void;
  isOpen(): boolean;
}
interface Server {
  on(event: string, listener: (value: never) => void): void;
  start(): void;
  stop(): void;
}
const { Server } = require('@accessors-modules/web-socket-server') as { Server: new (options: object) => Server };

let server: Server | undefined;
let sockets = new Map<number, Socket>();

/** A server of web sockets. Errors are reported.
 *  @input toSend                  any; {socketID, message} for one client, anything else for all
 *  @output received               any, spontaneous; {message, socketID}
 *  @output listening              int, spontaneous; port
 *  @output connection             any, spontaneous; {socketID, status}; status is open or closed, ids count from 0
 *  @parameter hostInterface       string, default "localhost"; 0.0.0.0 for all
 *  @parameter port                int, default 8080; 0: any that is free
 *  @parameter pfxKeyCertPassword  string, default ""
 *  @parameter pfxKeyCertPath      string, default ""; PKCS #12 file of the own certificate
 *  @parameter receiveType         string, default "application/json"; text/plain for text, anything else as it comes
 *  @parameter sendType            string, default "application/json"
 *  @parameter sslTls              boolean, default false
 *  @error a port that cannot be had, and messages that are not of the type, are reported
 *  @example
 *  const server = this.instantiate('server', 'net/WebSocketServer');
 *  server.setParameter('port', 0); // any that is free
 *  this.connect(server, 'received', display, 'input'); // {message, socketID}
 *  this.connect(source, 'output', server, 'toSend'); // to all clients */
export function setup(this: AccessorContext): void {
  this.input('toSend');
  this.output('received', { spontaneous: true });
  this.output('listening', { type: 'int', spontaneous: true });
  this.output('connection', { spontaneous: true });
  this.parameter('hostInterface', { value: 'localhost', type: 'string' });
  this.parameter('port', { value: 8080, type: 'int' });
  this.parameter('pfxKeyCertPassword', { value: '', type: 'string' });
  this.parameter('pfxKeyCertPath', { value: '', type: 'string' });
  this.parameter('receiveType', { type: 'string', value: 'application/json' });
  this.parameter('sendType', { type: 'string', value: 'application/json' });
  this.parameter('sslTls', { type: 'boolean', value: false });
}

export function initialize(this: AccessorContext): void {
  const { root } = this;
  const options = Object.fromEntries(this.parameterList.map((name) => [name, this.getParameter(name)]));
  const started = new Server(options);
  server = started;
  sockets = new Map();
  let nextID = 0;
  started.on('listening', (port) => root.exports.onListening.call(root, port));
  started.on('error', (error: unknown) => this.error(error));
  started.on('connection', (socket: Socket) => {
    if (server === started) root.exports.onConnection.call(root, socket, nextID++);
  });
  this.addInputHandler('toSend', () => send.call(this, this.get('toSend')));
  started.start();
}

export function wrapup(this: AccessorContext): void {
  const stopping = server;
  server = undefined;
  sockets = new Map();
  stopping?.stop();
}

/** Called with the port. */
export function onListening(this: AccessorContext, port: number): void {
  this.send('listening', port);
}

/** Called with each new connection. */
export function onConnection(this: AccessorContext, socket: Socket, socketID: number): void {
  const { root } = this;
  const open = sockets;
  open.set(socketID, socket);
  this.send('connection', { socketID, status: 'open' });
  socket.on('message', (message) => {
    if (open === sockets) this.send('received', { message: root.exports.filterReceived.call(root, unquoted(message), socketID), socketID });
  });
  socket.on('close', () => {
    if (open !== sockets) return;
    open.delete(socketID);
    this.send('connection', { socketID, status: 'closed' });
    root.exports.notifyClose.call(root, socketID);
  });
  socket.on('error', (error) => this.error(error));
}

/** What comes out for a message. */
export function filterReceived(this: AccessorContext, message: unknown, _socketID: number): unknown {
  return message;
}

/** Called when a connection has been closed. */
export function notifyClose(this: AccessorContext, _socketID: number): void {}

function unquoted(message: unknown): unknown {
  return typeof message === 'string' ? message.replace(/^"([\s\S]*)"$/, '$1') : message;
}

function send(this: AccessorContext, toSend: unknown): void {
  if (toSend === null || toSend === undefined) return;
  const { socketID, message } = toSend as { socketID?: unknown; message?: unknown };
  if (typeof toSend !== 'object' || socketID === undefined || message === undefined) {
    for (const socket of sockets.values()) if (socket.isOpen()) socket.send(toSend);
    return;
  }
  const socket = sockets.get(Number(socketID));
  if (socket?.isOpen()) socket.send(message);
  else console.log(`${this.getName()}: socket ${socketID} is not open; message dropped.`);
}
