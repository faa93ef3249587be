import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const exports: AccessorExports;

/** As dump1090 lists it; newer versions say alt_baro for altitude. */
interface Aircraft {
  readonly lat?: number;
  readonly lon?: number;
  readonly altitude?: number;
  readonly alt_baro?: number | 'ground';
  readonly validposition?: number;
  readonly seen?: number;
}
interface Place {
  readonly lat: number;
  readonly lon: number;
  /** m; undefined: heights do not count. */
  readonly alt: number | undefined;
}

const FOOT = 0.3048;
const EARTH_RADIUS = 6_371_008.8;

/** Reads aircraft positions from the receiver program dump1090, and selects those near a place.
 *  @input options                          JSON, default "\"http://localhost:8080\""; by default made of dump1090Server and port
 *  @input command                          string, default "/dump1090/data.json"; /data/aircraft.json for newer versions of the program
 *  @input arguments                        JSON, default ""; fields of the query
 *  @input trigger                          any; asks the program
 *  @input body                             any; of the request
 *  @input latRef                           double, default null; degrees
 *  @input lonRef                           double, default null; degrees
 *  @input altRef                           double, default null; m; null: heights do not count
 *  @output response                        any; what the program sent, parsed
 *  @output status                          string; such as 200: OK
 *  @output headers                         any; by names in lower case
 *  @output aircrafts                       any; those that are current and have a position, as the program lists them
 *  @output traffic                         any; those of them within threshold of the place; all without a place or a threshold
 *  @parameter timeout                      int, default 5000; ms without a sign of the server; 0: any time
 *  @parameter outputCompleteResponseOnly   boolean, default true; false: send every part as it comes
 *  @parameter dump1090Server               string, default "localhost"
 *  @parameter port                         int, default 8080
 *  @parameter timeToLiveIfNotUpdated       int, default 20000; ms; an aircraft not heard of for longer is left out
 *  @parameter threshold                    double, default null; m
 *  @parameter outputCompleteResponsesOnly  any; without effect; see outputCompleteResponseOnly
 *  @error failures, and answers that are no list of aircraft, are reported
 *  @example
 *  const receiver = this.instantiate('receiver', 'devices/AdsB');
 *  receiver.setParameter('threshold', 20000);
 *  receiver.setDefault('latRef', 37.87);
 *  receiver.setDefault('lonRef', -122.27);
 *  this.connect(clock, 'output', receiver, 'trigger');
 *  this.connect(receiver, 'traffic', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('net/REST');
  this.input('options', { value: '"http://localhost:8080"', visibility: 'expert' });
  this.input('command', { value: '/dump1090/data.json', visibility: 'expert' });
  this.input('arguments', { visibility: 'expert' });
  this.input('body', { visibility: 'expert' });
  this.input('latRef', { type: 'double', value: null });
  this.input('lonRef', { type: 'double', value: null });
  this.input('altRef', { type: 'double', value: null });
  this.output('response', { visibility: 'expert' });
  this.output('status', { visibility: 'expert' });
  this.output('headers', { visibility: 'expert' });
  this.output('aircrafts');
  this.output('traffic');
  this.parameter('dump1090Server', { type: 'string', value: 'localhost' });
  this.parameter('port', { type: 'int', value: 8080 });
  this.parameter('timeToLiveIfNotUpdated', { type: 'int', value: 20000 });
  this.parameter('threshold', { type: 'double', value: null });
  this.parameter('outputCompleteResponsesOnly', { visibility: 'expert' });
}

export function initialize(this: AccessorContext): void {
  this.setDefault('options', `http://${this.getParameter('dump1090Server')}:${this.getParameter('port')}`);
  exports.ssuper?.initialize?.call(this);
}

/** Sends the aircraft of an answer. */
export function filterResponse(this: AccessorContext, body: unknown): unknown {
  const answer = JSON.parse(String(body)) as Aircraft[] | { readonly aircraft?: Aircraft[] };
  const all = Array.isArray(answer) ? answer : answer?.aircraft;
  if (!Array.isArray(all)) throw new Error(`dump1090 should send a list of aircraft, got ${String(body).slice(0, 100)}`);
  const ageMs = Number(this.getParameter('timeToLiveIfNotUpdated'));
  const current = all.filter((aircraft) => hasPosition(aircraft) && (aircraft.seen ?? 0) * 1000 <= ageMs);
  const threshold = this.getParameter('threshold');
  const [lat, lon, alt] = ['latRef', 'lonRef', 'altRef'].map((name) => this.get(name));
  const place =
    lat === null || lon === null ? undefined : { lat: Number(lat), lon: Number(lon), alt: alt === null ? undefined : Number(alt) };
  const near = (aircraft: Aircraft): boolean => threshold === null || place === undefined || distance(aircraft, place) <= Number(threshold);
  this.send('aircrafts', current);
  this.send('traffic', current.filter(near));
  return answer;
}

function hasPosition({ lat, lon, validposition = 1 }: Aircraft): boolean {
  return typeof lat === 'number' && typeof lon === 'number' && validposition === 1;
}

/** m along the great circle, and with the difference of heights if the place has one. */
function distance({ lat = 0, lon = 0, altitude, alt_baro }: Aircraft, place: Place): number {
  const rad = Math.PI / 180;
  const a = Math.sin(((lat - place.lat) * rad) / 2) ** 2;
  const b = Math.sin(((lon - place.lon) * rad) / 2) ** 2 * Math.cos(lat * rad) * Math.cos(place.lat * rad);
  const along = 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(a + b)));
  const feet = altitude ?? (alt_baro === 'ground' ? 0 : alt_baro);
  const up = place.alt === undefined || feet === undefined ? 0 : feet * FOOT - place.alt;
  return Math.hypot(along, up);
}
