import type { AccessorContext } from '../../hosts/common/index.ts';

/** Sends dosing commands (acid, base, nutrient) to a garden controller. Interface only: what this controller understands was
 *  never published.
 *  @input options                          JSON, default "\"http://192.168.1.247:8080\""; URL, or {url, method, headers, body, keepAlive, timeout, trustAll}
 *  @input command                          string, default ""; path below the URL
 *  @input arguments                        JSON, default ""; fields of the query
 *  @input trigger                          any; sends the request
 *  @input body                             any; of the request
 *  @input "Acid Duration"                  number, default 0; s
 *  @input "Base Duration"                  number, default 0; s
 *  @input "Nutrient Duration"              number, default 0; s
 *  @output response                        any; body of the response: text, or a Buffer if its type is binary
 *  @output status                          string; such as 200: OK
 *  @output headers                         any; by names in lower case
 *  @parameter timeout                      int, default 5000; ms without a sign of the server; 0: any time
 *  @parameter outputCompleteResponseOnly   boolean, default true; false: send every part as it comes
 *  @parameter outputCompleteResponsesOnly  any
 *  @error initialize throws: send what your controller understands with net/REST
 *  @example
 *  const garden = this.instantiate('garden', 'devices/DrDose');
 *  this.connect(button, 'output', garden, 'trigger'); */
export function setup(this: AccessorContext): void {
  this.extend('net/REST');
  this.input('options', { value: '"http://192.168.1.247:8080"', visibility: 'expert' });
  this.input('command', { visibility: 'expert' });
  this.input('arguments', { visibility: 'expert' });
  this.input('trigger', { visibility: 'expert' });
  this.input('body', { visibility: 'expert' });
  this.input('Acid Duration', { value: 0, type: 'number' });
  this.input('Base Duration', { value: 0, type: 'number' });
  this.input('Nutrient Duration', { value: 0, type: 'number' });
  this.output('status', { visibility: 'expert' });
  this.output('headers', { visibility: 'expert' });
  this.parameter('outputCompleteResponsesOnly', { visibility: 'expert' });
}

export function initialize(this: AccessorContext): void {
  throw new Error(
    `${this.getName()}: what the dosing controller understands was never published. Send what yours understands with net/REST.`,
  );
}
