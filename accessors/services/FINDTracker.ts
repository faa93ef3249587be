import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const exports: AccessorExports;

interface Answer {
  readonly success?: boolean;
  readonly message?: string;
  readonly analysis?: { readonly guesses?: readonly { readonly location?: string }[] };
}

/** Asks a positioning server of the FIND project (its call `location`) where a user is.
 *  @input options                         JSON, default ""; URL, or {url, method, headers, body, keepAlive, timeout, trustAll}
 *  @input command                         string, default ""; path below the URL
 *  @input arguments                       JSON, default ""; fields of the query
 *  @input trigger                         any; asks
 *  @input body                            any; of the request
 *  @input server                          string, default "128.32.48.249:8005"; HOST:PORT, or a URL
 *  @input family                          string, default "eal"; of the places that were learned
 *  @input user                            string, default "james"; the device or person to find
 *  @output response                       any; what the server sent, parsed
 *  @output status                         string; such as 200: OK
 *  @output headers                        any; by names in lower case
 *  @output location                       string; name of the likeliest place
 *  @parameter timeout                     int, default 5000; ms without a sign of the server; 0: any time
 *  @parameter outputCompleteResponseOnly  boolean, default true; false: send every part as it comes
 *  @error failures, and what the server refuses, are reported
 *  @example
 *  const tracker = this.instantiate('tracker', 'services/FINDTracker');
 *  tracker.setDefault('server', 'find.local:8005');
 *  tracker.setDefault('family', 'lab');
 *  tracker.setDefault('user', 'alice');
 *  this.connect(clock, 'output', tracker, 'trigger');
 *  this.connect(tracker, 'location', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('net/REST');
  this.input('options', { visibility: 'expert' });
  this.input('command', { visibility: 'expert' });
  this.input('arguments', { visibility: 'expert' });
  this.input('body', { visibility: 'expert' });
  this.input('server', { type: 'string', value: '128.32.48.249:8005' });
  this.input('family', { type: 'string', value: 'eal' });
  this.input('user', { type: 'string', value: 'james' });
  this.output('status', { visibility: 'expert' });
  this.output('headers', { visibility: 'expert' });
  this.output('location', { type: 'string' });
  this.parameter('outputCompleteResponseOnly', { visibility: 'expert' });
}

export function initialize(this: AccessorContext): void {
  exports.ssuper?.initialize?.call(this);
}

/** Asks for the present user. */
export function issueCommand(this: AccessorContext, callback: unknown): void {
  const server = String(this.get('server'));
  const [family, user] = [this.get('family'), this.get('user')].map((name) => encodeURIComponent(String(name)));
  this.setDefault('options', /^https?:/.test(server) ? server : `http://${server}`);
  this.setDefault('command', `api/v1/location/${family}/${user}`);
  exports.ssuper?.issueCommand.call(this, callback);
}

/** Sends the place of an answer. */
export function filterResponse(this: AccessorContext, body: unknown): unknown {
  const answer = JSON.parse(String(body)) as Answer;
  const location = answer.analysis?.guesses?.[0]?.location;
  if (location === undefined) throw new Error(`The positioning server knows no place: ${answer.message ?? String(body).slice(0, 100)}`);
  this.send('location', location);
  return answer;
}
