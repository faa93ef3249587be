import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const exports: AccessorExports;

/** Reads the acidity sensor of a garden controller over HTTP.
 *  @input options                          JSON, default "\"http://192.168.1.247:8080\""; URL of the controller, or as in net/REST
 *  @input command                          string, default "ph"; path below the URL
 *  @input arguments                        JSON, default ""; fields of the query
 *  @input trigger                          any; reads the sensor
 *  @input body                             any; of the request
 *  @output response                        any; as ph
 *  @output status                          string; such as 200: OK
 *  @output headers                         any; by names in lower case
 *  @output ph                              number; 0 to 14
 *  @parameter timeout                      int, default 5000; ms without a sign of the server; 0: any time
 *  @parameter outputCompleteResponseOnly   boolean, default true; false: send every part as it comes
 *  @parameter outputCompleteResponsesOnly  any; without effect; see outputCompleteResponseOnly
 *  @error failures, and answers that are no number, are reported
 *  @example
 *  const sensor = this.instantiate('sensor', 'devices/PhSensor');
 *  sensor.setDefault('options', 'http://garden.local:8080');
 *  this.connect(clock, 'output', sensor, 'trigger');
 *  this.connect(sensor, 'ph', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('net/REST');
  this.input('options', { value: '"http://192.168.1.247:8080"', visibility: 'expert' });
  this.input('command', { value: 'ph', visibility: 'expert' });
  this.input('arguments', { visibility: 'expert' });
  this.input('body', { visibility: 'expert' });
  this.output('status', { visibility: 'expert' });
  this.output('headers', { visibility: 'expert' });
  this.output('ph', { type: 'number' });
  this.parameter('outputCompleteResponsesOnly', { visibility: 'expert' });
}

export function initialize(this: AccessorContext): void {
  exports.ssuper?.initialize?.call(this);
}

/** Sends the number of an answer: bare, or as {"ph": NUMBER}. */
export function filterResponse(this: AccessorContext, body: unknown): unknown {
  const answer = JSON.parse(String(body)) as number | { readonly ph?: unknown } | null;
  const ph = typeof answer === 'object' ? answer?.ph : answer;
  if (typeof ph !== 'number') throw new Error(`The controller should send a number, got ${String(body).slice(0, 100)}`);
  this.send('ph', ph);
  return ph;
}
