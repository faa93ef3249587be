import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const exports: AccessorExports;

/** Asks a positioning server of the FIND project (its call `track`) for the place that fits a WiFi fingerprint.
 *  @input options                         JSON, default ""; URL, or {url, method, headers, body, keepAlive, timeout, trustAll}
 *  @input command                         string, default "track"; path below the URL
 *  @input arguments                       JSON, default ""; fields of the query
 *  @input trigger                         any; sends the request
 *  @input body                            any; of the request
 *  @input server                          string, default "terra.eecs.berkeley.edu"; host name
 *  @input port                            int, default 8091
 *  @input wifiFingerprint                 JSON; [{mac, rssi in dBm}, ...]; sends it
 *  @input group                           string; of the places that were learned
 *  @input username                        string; whose place it is
 *  @output response                       any; what the server sent, parsed
 *  @output status                         string; such as 200: OK
 *  @output headers                        any; by names in lower case
 *  @output location                       string; name of the place
 *  @parameter timeout                     int, default 5000; ms without a sign of the server; 0: any time
 *  @parameter outputCompleteResponseOnly  boolean, default true; false: send every part as it comes
 *  @error failures, and what the server refuses, are reported
 *  @example
 *  const find = this.instantiate('find', 'services/FINDLocation');
 *  find.setDefault('server', 'find.local');
 *  find.setDefault('group', 'lab');
 *  find.setDefault('username', 'alice');
 *  this.connect(scanner, 'output', find, 'wifiFingerprint');
 *  this.connect(find, 'location', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('net/REST');
  this.input('options', { visibility: 'expert' });
  this.input('command', { value: 'track', visibility: 'expert' });
  this.input('arguments', { visibility: 'expert' });
  this.input('trigger', { visibility: 'expert' });
  this.input('body', { visibility: 'expert' });
  this.input('server', { type: 'string', value: 'terra.eecs.berkeley.edu' });
  this.input('port', { type: 'int', value: 8091 });
  this.input('wifiFingerprint', { type: 'JSON' });
  this.input('group', { type: 'string' });
  this.input('username', { type: 'string' });
  this.output('status', { visibility: 'expert' });
  this.output('headers', { visibility: 'expert' });
  this.output('location', { type: 'string' });
  this.parameter('outputCompleteResponseOnly', { visibility: 'expert' });
}

export function initialize(this: AccessorContext): void {
  exports.ssuper?.initialize?.call(this);
  this.addInputHandler('wifiFingerprint', () => {
    const { group, username } = { group: this.get('group'), username: this.get('username') };
    const body = { group, username, time: Date.now(), 'wifi-fingerprint': this.get('wifiFingerprint') };
    const headers = { 'content-type': 'application/json' };
    this.send('options', { url: `http://${this.get('server')}:${this.get('port')}`, method: 'POST', headers });
    this.send('body', JSON.stringify(body));
    this.send('trigger', true);
  });
}

/** Sends the place of an answer. */
export function filterResponse(this: AccessorContext, body: unknown): unknown {
  const answer = JSON.parse(String(body)) as { readonly success?: boolean; readonly message?: string; readonly location?: string };
  if (answer.success === false || answer.location === undefined)
    throw new Error(`The positioning server knows no place: ${answer.message ?? String(body).slice(0, 100)}`);
  this.send('location', answer.location);
  return answer;
}
