import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Server {
  on(event: string, listener: (value: never) => void): void;
  start(): void;
  stop(): void;
  /** False if no request of that id waits. */
  respond(requestID: unknown, body: unknown, responseCode?: unknown): boolean;
}
const { HttpServer } = require('@accessors-modules/http-server') as { HttpServer: new (options: object) => Server };
const { inspect } = require('util') as typeof import('node:util');

let server: Server | undefined;

/** A web server: requests of any method and path come out of an output, responses go into an input. A request that is
 *  not answered in 10 s gets status 500.
 *  @input response           any; {requestID, response, responseCode}, or JSON text of it; what is no text is sent as JSON
 *  @output listening         int; port
 *  @output request           any, spontaneous; {requestID, method, path, headers, params, body}
 *  @parameter hostInterface  string, default "localhost"; 0.0.0.0 for all
 *  @parameter port           int, default 80; 0: any that is free
 *  @error a port that cannot be had, and a response without or with an unknown requestID, are reported; a request that nobody answers in 10 s gets status 500
 *  @example
 *  const server = this.instantiate('server', 'net/WebServer');
 *  server.setParameter('port', 0); // any that is free
 *  this.connect(server, 'request', server, 'response'); // answers with the request itself */
export function setup(this: AccessorContext): void {
  this.input('response');
  this.output('listening', { type: 'int' });
  this.output('request', { spontaneous: true });
  this.parameter('hostInterface', { value: 'localhost', type: 'string' });
  this.parameter('port', { value: 80, type: 'int' });
}

export function initialize(this: AccessorContext): void {
  const { root } = this;
  const started = new HttpServer({ hostInterface: this.getParameter('hostInterface'), port: this.getParameter('port') });
  server = started;
  started.on('listening', (port) => root.exports.onListening.call(root, port));
  started.on('request', (request) => root.exports.request.call(root, request));
  started.on('error', (error: Error) => this.error(error.message));
  this.addInputHandler('response', () => respond.call(this, started, this.get('response')));
  started.start();
}

export function wrapup(this: AccessorContext): void {
  server?.stop();
  server = undefined;
}

/** Called with the port. */
export function onListening(this: AccessorContext, port: number): void {
  this.send('listening', port);
}

/** Called with each request. */
export function request(this: AccessorContext, received: unknown): void {
  this.send('request', received);
}

function respond(this: AccessorContext, server: Server, given: unknown): void {
  const answer = parsed(given) as { requestID?: unknown; response?: unknown; responseCode?: unknown } | null;
  const requestID = answer?.requestID;
  if (requestID === undefined || requestID === null) {
    this.error(`Response has no requestID property: ${inspect(given)}`);
    return;
  }
  const response = answer !== null && 'response' in answer ? answer.response : answer;
  const body = typeof response === 'string' || response instanceof Uint8Array ? response : JSON.stringify(response);
  if (!server.respond(requestID, body, answer?.responseCode ?? undefined)) this.error(`No pending request with ID ${requestID}`);
}

function parsed(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  try {
    return JSON.parse(given);
  } catch {
    return null; // reported as what has no requestID
  }
}
