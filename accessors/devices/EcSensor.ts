import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const exports: AccessorExports;

/** Reads the conductivity sensor of a garden controller over HTTP.
 *  @input options                          JSON, default "\"http://192.168.1.247:8080\""; URL of the controller, or as in net/REST
 *  @input command                          string, default "ec"; path below the URL
 *  @input arguments                        JSON, default ""; fields of the query
 *  @input trigger                          any; reads the sensor
 *  @input body                             any; of the request
 *  @output response                        any; as ec
 *  @output status                          string; such as 200: OK
 *  @output headers                         any; by names in lower case
 *  @output ec                              number; mS/cm, as the controller measures it
 *  @parameter timeout                      int, default 5000; ms without a sign of the server; 0: any time
 *  @parameter outputCompleteResponseOnly   boolean, default true; false: send every part as it comes
 *  @parameter outputCompleteResponsesOnly  any; without effect; see outputCompleteResponseOnly
 *  @error failures, and answers that are no number, are reported
 *  @example
 *  const sensor = this.instantiate('sensor', 'devices/EcSensor');
 *  sensor.setDefault('options', 'http://garden.local:8080');
 *  this.connect(clock, 'output', sensor, 'trigger');
 *  this.connect(sensor, 'ec', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('net/REST');
  this.input('options', { value: '"http://192.168.1.247:8080"', visibility: 'expert' });
  this.input('command', { value: 'ec', visibility: 'expert' });
  this.input('arguments', { visibility: 'expert' });
  this.input('body', { visibility: 'expert' });
  this.output('status', { visibility: 'expert' });
  this.output('headers', { visibility: 'expert' });
  this.output('ec', { type: 'number' });
  this.parameter('outputCompleteResponsesOnly', { visibility: 'expert' });
}

export function initialize(this: AccessorContext): void {
  exports.ssuper?.initialize?.call(this);
}

/** Sends the number of an answer: bare, or as {"ec": NUMBER}. */
export function filterResponse(this: AccessorContext, body: unknown): unknown {
  const answer = JSON.parse(String(body)) as number | { readonly ec?: unknown } | null;
  const ec = typeof answer === 'object' ? answer?.ec : answer;
  if (typeof ec !== 'number') throw new Error(`The controller should send a number, got ${String(body).slice(0, 100)}`);
  this.send('ec', ec);
  return ec;
}
