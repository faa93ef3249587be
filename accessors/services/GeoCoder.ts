import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const exports: AccessorExports;

interface Answer {
  readonly status?: string;
  readonly error_message?: string;
  readonly results?: readonly { readonly geometry?: { readonly location?: { readonly lat: number; readonly lng: number } } }[];
}

/** Turns an address into coordinates with Google's geocoding service, or another one with its answers.
 *  @input options                         JSON, default "{\"url\": \"https://maps.googleapis.com\"}"; where the service is
 *  @input command                         string, default "maps/api/geocode/json"; path below the URL
 *  @input arguments                       JSON, default {"address": "Berkeley, CA", "key": "Enter Key Here"}; key is yours; address is asked for by trigger
 *  @input trigger                         any; asks for the address in arguments
 *  @input body                            any; of the request
 *  @input address                         any; asks for this address, with the key in arguments
 *  @output response                       any; what the service sent, parsed
 *  @output status                         string; such as 200: OK
 *  @output headers                        any; by names in lower case
 *  @output location                       any; {latitude, longitude} in degrees of the first result
 *  @parameter timeout                     int, default 5000; ms without a sign of the server; 0: any time
 *  @parameter outputCompleteResponseOnly  boolean, default true; false: send every part as it comes
 *  @error failures, and what the service refuses or does not find, are reported
 *  @example
 *  const geoCoder = this.instantiate('geoCoder', 'services/GeoCoder');
 *  geoCoder.setDefault('arguments', { address: '', key: 'your key' });
 *  this.connect(form, 'output', geoCoder, 'address');
 *  this.connect(geoCoder, 'location', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('net/REST');
  this.input('options', { value: '{"url": "https://maps.googleapis.com"}', visibility: 'expert' });
  this.input('command', { value: 'maps/api/geocode/json', visibility: 'expert' });
  this.input('arguments', { value: { address: 'Berkeley, CA', key: 'Enter Key Here' }, visibility: 'expert' });
  this.input('trigger', { visibility: 'expert' });
  this.input('body', { visibility: 'expert' });
  this.input('address');
  this.output('status', { visibility: 'expert' });
  this.output('headers', { visibility: 'expert' });
  this.output('location');
  this.parameter('outputCompleteResponseOnly', { visibility: 'expert' });
}

export function initialize(this: AccessorContext): void {
  exports.ssuper?.initialize?.call(this);
  this.addInputHandler('address', () => {
    this.send('arguments', { ...(this.get('arguments') as object), address: this.get('address') });
    this.send('trigger', true);
  });
}

/** Sends the coordinates of an answer. */
export function filterResponse(this: AccessorContext, body: unknown): unknown {
  const answer = JSON.parse(String(body)) as Answer;
  const location = answer.results?.[0]?.geometry?.location;
  if (!location) throw new Error(`No coordinates: ${answer.error_message ?? answer.status ?? String(body).slice(0, 100)}`);
  this.send('location', { latitude: location.lat, longitude: location.lng });
  return answer;
}
