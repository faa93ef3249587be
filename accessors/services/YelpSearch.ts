import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const exports: AccessorExports;

const SERVICE = 'https://api.yelp.com/v3/businesses/search';

interface Message {
  readonly statusCode: number;
  readonly body: unknown;
}

let key: string | undefined;

/** Searches Yelp's directory of businesses near coordinates. The key is in the file $KEYSTORE/yelpKey.
 *  @input options                         JSON, default ""; as in net/REST, when another service than Yelp's, or another key, is meant
 *  @input command                         string, default ""; path below the URL
 *  @input arguments                       JSON, default ""; fields of the query
 *  @input trigger                         any; searches
 *  @input body                            any; of the request
 *  @input searchTerm                      string, default ""; such as coffee
 *  @input latitude                        number, default 37.86906; degrees
 *  @input longitude                       number, default -122.27046; degrees
 *  @output response                       any; the businesses found, as the service describes them
 *  @output status                         string; such as 200: OK
 *  @output headers                        any; by names in lower case
 *  @output ready                          boolean, spontaneous; true when the key is there
 *  @parameter timeout                     int, default 5000; ms without a sign of the server; 0: any time
 *  @parameter outputCompleteResponseOnly  boolean, default true; false: send every part as it comes
 *  @parameter getAPIKeySynchronously      boolean, default true; false: read the key while the swarmlet runs on
 *  @error failures, a missing key, and what the service refuses, are reported
 *  @example
 *  const search = this.instantiate('search', 'services/YelpSearch');
 *  search.setDefault('searchTerm', 'coffee');
 *  this.connect(search, 'ready', search, 'trigger');
 *  this.connect(search, 'response', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('net/REST');
  this.input('options', { visibility: 'expert' });
  this.input('command', { visibility: 'expert' });
  this.input('arguments', { visibility: 'expert' });
  this.input('body', { visibility: 'expert' });
  this.input('searchTerm', { type: 'string', value: '' });
  this.input('latitude', { type: 'number', value: 37.86906 });
  this.input('longitude', { type: 'number', value: -122.27046 });
  this.output('status', { visibility: 'expert' });
  this.output('headers', { visibility: 'expert' });
  this.output('ready', { type: 'boolean', spontaneous: true });
  this.parameter('outputCompleteResponseOnly', { visibility: 'expert' });
  this.parameter('getAPIKeySynchronously', { type: 'boolean', value: true });
}

export function initialize(this: AccessorContext): void {
  exports.ssuper?.initialize?.call(this);
  if (this.get('options') !== '') return; // whoever says where also says how he is known there
  if (this.getParameter('getAPIKeySynchronously')) {
    let read: unknown;
    try {
      read = this.getResource('$KEYSTORE/yelpKey');
    } catch (error) {
      this.error(`There is no key of the directory: ${(error as Error).message}`);
      return;
    }
    haveKey.call(this, read);
  } else {
    this.getResource('$KEYSTORE/yelpKey', {}, (status: string | null, read: unknown) => {
      if (status !== null) this.error(`There is no key of the directory: ${status}`);
      else haveKey.call(this, read);
    });
  }
}

function haveKey(this: AccessorContext, read: unknown): void {
  key = String(read).trim();
  this.setTimeoutDeterministic(() => this.send('ready', true), 0);
}

/** Asks for the businesses at the present place. */
export function issueCommand(this: AccessorContext, callback: unknown): void {
  const [term, latitude, longitude] = ['searchTerm', 'latitude', 'longitude'].map((name) => this.get(name));
  if (this.get('options') === '') this.setDefault('options', { url: SERVICE, headers: { authorization: `Bearer ${key ?? ''}` } });
  this.setDefault('arguments', { term, latitude, longitude });
  exports.ssuper?.issueCommand.call(this, callback);
}

/** Sends the businesses of an answer. */
export function handleResponse(this: AccessorContext, message: Message | null): void {
  if (!message) return;
  let answer: { readonly businesses?: unknown; readonly error?: { readonly description?: string } };
  try {
    answer = JSON.parse(String(message.body));
  } catch {
    answer = {};
  }
  if (message.statusCode < 300 && Array.isArray(answer.businesses))
    exports.ssuper?.handleResponse.call(this, { ...message, body: answer.businesses });
  else this.error(`The directory answers ${message.statusCode}: ${answer.error?.description ?? String(message.body).slice(0, 100)}`);
}
