import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** The weather at an address, from local servers that answer as the services do.
 */
export function setup(this: AccessorContext): void {
  const once = this.instantiate('TestSpontaneousOnce', 'test/TestSpontaneousOnce');
  const test = this.instantiate('TrainableTest', 'test/TrainableTest');
  const stop = this.instantiate('Stop', 'utilities/Stop');
  const geoCoder = this.instantiate('GeoCoder', 'services/GeoCoder');
  const weather = this.instantiate('Weather', 'services/Weather');
  const temperature = this.instantiateFromCode('Temperature', temperatureCode);
  once.setParameter('value', 'Berkeley, CA');
  weather.setParameter('temperature', 'Celsius');
  for (const [service, answer] of [
    [geoCoder, coordinates],
    [weather, sunny],
  ] as const) {
    const server = this.instantiateFromCode(`${service.getName()}Server`, serverCode);
    const answers = this.instantiateFromCode(`${service.getName()}Answer`, answerCode(answer));
    server.setParameter('port', 0);
    this.connect(server, 'request', answers, 'request');
    this.connect(answers, 'response', server, 'response');
    server.on('output', (name, port) => {
      if (name === 'listening') service.setDefault('options', { url: { host: 'localhost', port } });
    });
  }
  test.setParameter('correctValues', [17]);
  this.connect(once, 'output', geoCoder, 'address');
  this.connect(geoCoder, 'location', weather, 'location');
  this.connect(weather, 'weather', temperature, 'weather');
  this.connect(temperature, 'temperature', test, 'input');
  this.connect(test, 'output', stop, 'stop');
}

export function initialize(this: AccessorContext): void {
  this.stopAt(5000); // in case a value is missing
}

const coordinates = { status: 'OK', results: [{ geometry: { location: { lat: 37.87, lng: -122.27 } } }] };
const sunny = { main: { temp: 290.15, temp_min: 290.15, temp_max: 290.15, pressure: 1013, humidity: 60 } };

const serverCode = "exports.setup = function () { this.extend('net/WebServer'); };";

/** An accessor that answers each request with the same. */
function answerCode(answer: object): string {
  return `
    exports.setup = function () {
      this.input('request');
      this.output('response');
    };
    exports.initialize = function () {
      this.addInputHandler('request', () => this.send('response', { requestID: this.get('request').requestID, response: ${JSON.stringify(answer)} }));
    };`;
}

const temperatureCode = `
  exports.setup = function () {
    this.input('weather');
    this.output('temperature');
  };
  exports.initialize = function () {
    this.addInputHandler('weather', () => this.send('temperature', this.get('weather').temperature));
  };`;
