import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Message {
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}
interface Request {
  on(event: 'error', listener: (error: Error) => void): void;
  end(): void;
  stop(): void;
}
type Callback = (message: Message) => void;
/** What http-client takes. */
type Options = Readonly<Record<string, unknown>>;
const { request } = require('@accessors-modules/http-client') as { request(options: Options, callback: Callback): Request };
const { stringify } = require('querystring') as { stringify(fields: object): string };

const MAX_REDIRECTS = 20;

/** A request under way, or the chain of them that redirections make. */
interface Exchange {
  readonly options: Options;
  readonly callback: Callback;
  readonly redirections: number;
  request?: Request;
}
let pending = new Set<Exchange>();
/** Which request a message answers. */
const answered = new WeakMap<Message, Exchange>();

/** Sends the HTTP request that its inputs describe, and the response. Base of accessors of web services: they override
 *  `encodePath`, `filterResponse` or `handleResponse`. Failures are reported; nothing is sent then.
 *  @input options                        JSON, default ""; URL, or {url, method, headers, body, keepAlive, timeout, trustAll}
 *  @input command                        string, default ""; path below the URL
 *  @input arguments                      JSON, default ""; fields of the query
 *  @input trigger                        any; sends the request
 *  @input body                           any; of the request
 *  @output response                      any; body of the response: text, or a Buffer if its type is binary
 *  @output status                        string; such as 200: OK
 *  @output headers                       any; by names in lower case
 *  @parameter timeout                    int, default 5000; ms without a sign of the server; 0: any time
 *  @parameter outputCompleteResponseOnly boolean, default true; false: send every part as it comes
 *  @error a peer that is absent or slow, closes early or has a wrong certificate, a URL that is none and more than 20 redirections are reported, and nothing is sent; error codes of the server are no errors
 *  @example
 *  const rest = this.instantiate('rest', 'net/REST');
 *  rest.setDefault('options', 'http://lamp.local');
 *  rest.setDefault('command', 'state');
 *  this.connect(clock, 'output', rest, 'trigger');
 *  this.connect(rest, 'response', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('options', { type: 'JSON', value: '' });
  this.input('command', { type: 'string', value: '' });
  this.input('arguments', { type: 'JSON', value: '' });
  this.input('trigger');
  this.input('body');
  this.output('response');
  this.output('status', { type: 'string' });
  this.output('headers');
  this.parameter('timeout', { value: 5000, type: 'int' });
  this.parameter('outputCompleteResponseOnly', { value: true, type: 'boolean' });
}

export function initialize(this: AccessorContext): void {
  const { root } = this;
  this.addInputHandler('trigger', () => {
    root.exports.issueCommand.call(root, (message: Message) => root.exports.handleResponse.call(root, message));
  });
}

export function wrapup(this: AccessorContext): void {
  this.root.exports.stopPendingRequest.call(this.root);
}

/** The path with the query, without a slash in front. */
export function encodePath(this: AccessorContext): string {
  const command = String(this.get('command') ?? '').replace(/^\//, '');
  const fields = this.get('arguments');
  return fields === '' || fields === null ? command : `${command}?${stringify(fields as object)}`;
}

/** What is sent as response for a body. */
export function filterResponse(this: AccessorContext, body: unknown): unknown {
  return body;
}

/** Aborts all requests under way; nothing more comes of them. */
export function stopPendingRequest(this: AccessorContext): void {
  for (const { request } of pending) request?.stop();
  pending = new Set();
}

/** Sends the request of the present inputs, and calls back with its response, or with each part of it. */
export function issueCommand(this: AccessorContext, callback: Callback): void {
  const path = String(this.root.exports.encodePath.call(this.root));
  const given = this.get('options');
  const options: Record<string, unknown> = typeof given === 'object' && given !== null ? { ...given } : { url: given };
  options.url = located(options.url, path);
  const body = this.get('body');
  if (body !== null) options.body = body;
  options.timeout ??= this.getParameter('timeout');
  options.outputCompleteResponseOnly ??= this.getParameter('outputCompleteResponseOnly');
  exchange.call(this, { options, callback, redirections: 0 });
}

function located(url: unknown, path: string): unknown {
  if (typeof url === 'object' || url === undefined) return { ...url, path: path === '' ? '' : `/${path}` };
  return path === '' ? url : `${String(url).replace(/\/$/, '')}/${path}`;
}

function exchange(this: AccessorContext, started: Exchange): void {
  const { root } = this;
  const all = pending;
  const over = (): void => {
    all.delete(started);
  };
  started.request = request(started.options, (message) => {
    if (started.options.outputCompleteResponseOnly) over();
    answered.set(message, started);
    started.callback(message);
  });
  started.request.on('error', (error) => {
    over();
    root.exports.handleError.call(root, error);
  });
  all.add(started);
  started.request.end();
}

/** Reports a failure. */
export function handleError(this: AccessorContext, message: unknown): void {
  this.error(message instanceof Error ? message.message : message);
}

/** Sends a response, or repeats the request where it says that the resource is. */
export function handleResponse(this: AccessorContext, message: Message | null): void {
  if (!message) return;
  const { statusCode, statusMessage, headers, body } = message;
  const { root } = this;
  if (statusCode >= 300 && statusCode <= 308 && statusCode !== 306 && headers.location !== undefined) {
    redirect.call(this, message, headers.location);
    return;
  }
  let response: unknown;
  try {
    response = isEmpty(body) ? '' : root.exports.filterResponse.call(root, body);
  } catch (error) {
    root.exports.handleError.call(root, error);
    return;
  }
  this.send('response', response);
  this.send('status', `${statusCode}: ${statusMessage}`);
  this.send('headers', headers);
}

function isEmpty(body: unknown): boolean {
  return body === null || body === undefined || (body as { length?: number }).length === 0;
}

function redirect(this: AccessorContext, message: Message, location: string): void {
  const from = answered.get(message);
  if (!from) return; // a derived accessor made the message up
  from.request?.stop(); // what else comes of it, in parts
  pending.delete(from);
  const { root } = this;
  if (from.redirections >= MAX_REDIRECTS) {
    root.exports.handleError.call(root, `There are more than ${MAX_REDIRECTS} redirections in a row, the last to ${location}`);
    return;
  }
  const before = addressOf(from.options.url);
  if (!URL.canParse(location, before)) {
    root.exports.handleError.call(root, `The server redirects to ${location}, which is no URL`);
    return;
  }
  const url = new URL(location, before);
  const headers = { ...(from.options.headers as Record<string, unknown> | undefined) };
  if (url.origin !== new URL(before).origin) {
    for (const name of Object.keys(headers)) if (/^(?:authorization|cookie|host)$/i.test(name)) delete headers[name];
  }
  const options = { ...from.options, url: url.href, headers };
  exchange.call(this, { options, callback: from.callback, redirections: from.redirections + 1 });
}

/** The URL of what http-client takes as one; it worked, so it is one. */
function addressOf(url: unknown): string {
  if (typeof url === 'string') return url;
  const { protocol = 'http', host = 'localhost', port, path = '' } = url as Record<string, unknown>;
  return `${String(protocol).replace(/:$/, '')}://${host}${port === undefined ? '' : `:${port}`}${path}`;
}
