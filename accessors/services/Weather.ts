import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const exports: AccessorExports;

/** What api.openweathermap.org/data/2.5/weather sends, in kelvin, metres and seconds. */
interface Answer {
  readonly message?: string;
  readonly name?: string;
  readonly main?: {
    readonly temp: number;
    readonly temp_min: number;
    readonly temp_max: number;
    readonly pressure: number;
    readonly humidity: number;
  };
  readonly wind?: { readonly speed: number; readonly deg?: number };
  readonly clouds?: { readonly all: number };
  readonly weather?: readonly { readonly description: string }[];
}

const scales: Readonly<Record<string, (kelvin: number) => number>> = {
  Fahrenheit: (kelvin) => ((kelvin - 273.15) * 9) / 5 + 32,
  Celsius: (kelvin) => kelvin - 273.15,
  Kelvin: (kelvin) => kelvin,
};

/** Asks OpenWeatherMap, or another service with its answers, for the weather at a place.
 *  @input options                         JSON, default "{ \"url\": \"http://api.openweathermap.org\"}"; where the service is
 *  @input command                         string, default "/data/2.5/weather"; path below the URL
 *  @input arguments                       JSON, default "{\"lat\":37.85, \"lon\":-122.26, \"key\":\"Set ~/.ptkeystore/weatherKey\"}"; key is yours; without one of your own, the file $KEYSTORE/weatherKey is taken
 *  @input trigger                         any; asks for the place in arguments
 *  @input body                            any; of the request
 *  @input location                        any, default {"latitude": 37.85, "longitude": -122.26}; {latitude, longitude} in degrees; asks for its weather
 *  @output response                       any; what the service sent, parsed
 *  @output status                         string; such as 200: OK
 *  @output headers                        any; by names in lower case
 *  @output weather                        any; {place, description, temperature, minimum, maximum, humidity in %, pressure in hPa, windSpeed in m/s, windDirection in degrees, clouds in %}
 *  @parameter timeout                     int, default 5000; ms without a sign of the server; 0: any time
 *  @parameter outputCompleteResponseOnly  boolean, default true; false: send every part as it comes
 *  @parameter temperature                 string, default "Fahrenheit"; unit of the temperatures in weather
 *  @error failures, and what the service refuses or does not know, are reported; a location that is none too
 *  @example
 *  const weather = this.instantiate('weather', 'services/Weather');
 *  weather.setDefault('arguments', { key: 'your key' });
 *  weather.setParameter('temperature', 'Celsius');
 *  this.connect(receiver, 'output', weather, 'location');
 *  this.connect(weather, 'weather', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('net/REST');
  this.input('options', { value: '{ "url": "http://api.openweathermap.org"}', visibility: 'expert' });
  this.input('command', { value: '/data/2.5/weather', visibility: 'expert' });
  this.input('arguments', {
    value: '{"lat":37.85, "lon":-122.26, "key":"Set ~/.ptkeystore/weatherKey"}',
    visibility: 'expert',
    key: 'Enter Key Here',
  });
  this.input('trigger', { visibility: 'expert' });
  this.input('body', { visibility: 'expert' });
  this.input('location', { value: { latitude: 37.85, longitude: -122.26 } });
  this.output('status', { visibility: 'expert' });
  this.output('headers', { visibility: 'expert' });
  this.output('weather');
  this.parameter('outputCompleteResponseOnly', { visibility: 'expert' });
  this.parameter('temperature', { type: 'string', options: ['Fahrenheit', 'Celsius', 'Kelvin'], value: 'Fahrenheit' });
}

export function initialize(this: AccessorContext): void {
  exports.ssuper?.initialize?.call(this);
  this.addInputHandler('location', () => {
    const { latitude, longitude } = (this.get('location') ?? {}) as { readonly latitude?: unknown; readonly longitude?: unknown };
    if (typeof latitude !== 'number' || typeof longitude !== 'number') {
      this.error(`A location should have latitude and longitude, got ${JSON.stringify(this.get('location'))}`);
      return;
    }
    this.send('arguments', { ...(this.get('arguments') as object), lat: latitude, lon: longitude });
    this.send('trigger', true);
  });
}

/** The path with the query, in which the service wants the key by another name. */
export function encodePath(this: AccessorContext): string {
  const { key, ...fields } = this.get('arguments') as Record<string, unknown>;
  const own = typeof key === 'string' && !key.startsWith('Set ') ? key : keystore.call(this);
  const query = new URLSearchParams({ ...(fields as Record<string, string>), appid: own });
  return `${String(this.get('command')).replace(/^\//, '')}?${query}`;
}

/** Empty without a file: the service then says what it thinks of it. */
function keystore(this: AccessorContext): string {
  try {
    return String(this.getResource('$KEYSTORE/weatherKey')).trim();
  } catch {
    return '';
  }
}

/** Sends the weather of an answer. */
export function filterResponse(this: AccessorContext, body: unknown): unknown {
  const answer = JSON.parse(String(body)) as Answer;
  const { main, wind, clouds, weather } = answer;
  if (!main) throw new Error(`No weather: ${answer.message ?? String(body).slice(0, 100)}`);
  const scale = scales[String(this.getParameter('temperature'))] ?? (scales.Fahrenheit as (kelvin: number) => number);
  const degrees = (kelvin: number): number => Math.round(scale(kelvin) * 100) / 100;
  this.send('weather', {
    place: answer.name,
    description: weather?.[0]?.description,
    temperature: degrees(main.temp),
    minimum: degrees(main.temp_min),
    maximum: degrees(main.temp_max),
    humidity: main.humidity,
    pressure: main.pressure,
    windSpeed: wind?.speed,
    windDirection: wind?.deg,
    clouds: clouds?.all,
  });
  return answer;
}
