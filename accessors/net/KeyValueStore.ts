import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Message {
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly body: unknown;
}
interface Request {
  on(event: 'error', listener: (error: Error) => void): void;
  end(): void;
  stop(): void;
}
const http = require('@accessors-modules/http-client') as {
  request(options: object, callback: (message: Message) => void): Request;
};

let pending = new Set<Request>();

/** Sets, reads, lists and deletes values of a key-value server, one action for each trigger: remove, else set, else get,
 *  else list.
 *  @input storeLocation  string, default "http://localhost:8077/keyvalue"; URL of the server
 *  @input key            string, default ""
 *  @input remove         boolean, default false; delete the key and send the value it had
 *  @input value          string; store this under the key and send it
 *  @input trigger        any
 *  @output result        string, spontaneous
 *  @error failures, statuses of 300 and more, and a value without a key are reported
 *  @example
 *  const store = this.instantiate('store', 'net/KeyValueStore');
 *  store.setDefault('storeLocation', 'http://store.local/keyvalue');
 *  store.setDefault('key', 'lamp');
 *  this.connect(source, 'output', store, 'value');
 *  this.connect(source, 'output', store, 'trigger'); */
export function setup(this: AccessorContext): void {
  this.input('storeLocation', { type: 'string', value: 'http://localhost:8077/keyvalue' });
  this.input('key', { type: 'string', value: '' });
  this.input('remove', { type: 'boolean', value: false });
  this.input('value', { type: 'string' });
  this.input('trigger');
  this.output('result', { type: 'string', spontaneous: true });
}

export function initialize(this: AccessorContext): void {
  this.addInputHandler('trigger', () => act.call(this));
}

export function wrapup(this: AccessorContext): void {
  for (const request of pending) request.stop();
  pending = new Set();
}

function act(this: AccessorContext): void {
  const key = String(this.get('key') ?? '');
  const value = this.get('value') as string | null;
  const location = String(this.get('storeLocation')).replace(/\/$/, '');
  const query = `?id=${encodeURIComponent(key)}`;
  const send = (result: unknown): void => this.send('result', result);
  const removing = Boolean(this.get('remove'));
  const storing = value !== null && value !== '';
  if ((removing || storing) && key === '') {
    this.error(`There is no key to ${removing ? 'remove' : 'store the value under'}.`);
  } else if (removing) {
    exchange.call(this, { url: `${location}/get${query}` }, (body) => {
      const former = decoded(body);
      exchange.call(this, { url: `${location}/delete${query}` }, () => send(former));
    });
  } else if (storing) {
    exchange.call(this, { url: `${location}/set${query}`, method: 'POST', body: value }, () => send(value));
  } else {
    exchange.call(this, { url: key === '' ? `${location}/list` : `${location}/get${query}` }, (body) => send(decoded(body)));
  }
}

/** @param done  called with the body of a response that is no error; others are reported */
function exchange(this: AccessorContext, options: { readonly url: string }, done: (body: unknown) => void): void {
  const all = pending;
  const request = http.request(options, ({ statusCode, statusMessage, body }) => {
    all.delete(request);
    if (statusCode >= 300) this.error(`${options.url}: ${statusCode} ${statusMessage}`);
    else done(body);
  });
  all.add(request);
  request.on('error', (error) => {
    all.delete(request);
    this.error(`${options.url}: ${error.message}`);
  });
  request.end();
}

function decoded(body: unknown): string {
  const text = String(body);
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that encodes nothing
  }
}
