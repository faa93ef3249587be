import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const exports: AccessorExports;

interface Answer {
  readonly status?: string;
  readonly error_message?: string;
  readonly results?: readonly { readonly formatted_address?: string }[];
}

/** Turns coordinates into an address with Google's geocoding service, or another one with its answers.
 *  @input options                         JSON, default "{\"url\": \"https://maps.googleapis.com\"}"; where the service is
 *  @input command                         string, default "maps/api/geocode/json"; path below the URL
 *  @input arguments                       JSON, default ""; such as {"key": "your key", "language": "de"}
 *  @input trigger                         any; asks for what is in arguments
 *  @input body                            any; of the request
 *  @input location                        JSON; {latitude, longitude} in degrees; asks for its address
 *  @output response                       any; what the service sent, parsed
 *  @output status                         string; such as 200: OK
 *  @output headers                        any; by names in lower case
 *  @output address                        string; of the first result
 *  @parameter timeout                     int, default 5000; ms without a sign of the server; 0: any time
 *  @parameter outputCompleteResponseOnly  boolean, default true; false: send every part as it comes
 *  @error failures, and what the service refuses or does not find, are reported; a location that is none too
 *  @example
 *  const geoCoder = this.instantiate('geoCoder', 'services/ReverseGeoCoder');
 *  geoCoder.setDefault('arguments', { key: 'your key' });
 *  this.connect(receiver, 'output', geoCoder, 'location');
 *  this.connect(geoCoder, 'address', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('net/REST');
  this.input('options', { value: '{"url": "https://maps.googleapis.com"}', visibility: 'expert' });
  this.input('command', { value: 'maps/api/geocode/json', visibility: 'expert' });
  this.input('arguments', { visibility: 'expert' });
  this.input('trigger', { visibility: 'expert' });
  this.input('body', { visibility: 'expert' });
  this.input('location', { type: 'JSON' });
  this.output('status', { visibility: 'expert' });
  this.output('headers', { visibility: 'expert' });
  this.output('address', { type: 'string' });
  this.parameter('outputCompleteResponseOnly', { visibility: 'expert' });
}

export function initialize(this: AccessorContext): void {
  exports.ssuper?.initialize?.call(this);
  this.addInputHandler('location', () => {
    const { latitude, longitude } = (this.get('location') ?? {}) as { readonly latitude?: unknown; readonly longitude?: unknown };
    if (typeof latitude !== 'number' || typeof longitude !== 'number') {
      this.error(`A location should have latitude and longitude, got ${JSON.stringify(this.get('location'))}`);
      return;
    }
    const given = this.get('arguments');
    this.send('arguments', { ...(typeof given === 'object' ? given : {}), latlng: `${latitude},${longitude}` });
    this.send('trigger', true);
  });
}

/** Sends the address of an answer. */
export function filterResponse(this: AccessorContext, body: unknown): unknown {
  const answer = JSON.parse(String(body)) as Answer;
  const address = answer.results?.[0]?.formatted_address;
  if (address === undefined) throw new Error(`No address: ${answer.error_message ?? answer.status ?? String(body).slice(0, 100)}`);
  this.send('address', address);
  return answer;
}
