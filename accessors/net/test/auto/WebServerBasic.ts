import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** The web server answers requests of the HTTP client with the request itself. */
export function setup(this: AccessorContext): void {
  const server = this.instantiate('WebServer', 'net/WebServer');
  const rest = this.instantiate('REST', 'net/REST');
  const once = this.instantiate('TestSpontaneousOnce', 'test/TestSpontaneousOnce');

  const test = this.instantiate('TrainableTest', 'test/TrainableTest');
  const stop = this.instantiate('Stop', 'utilities/Stop');
  server.setParameter('port', 0);

  test.setParameter('correctValues', ['200: OK']);
  this.connect(once, 'output', rest, 'trigger');
  this.connect(server, 'request', server, 'response');
  this.connect(rest, 'status', test, 'input');
  this.connect(test, 'output', stop, 'stop');
}

export function initialize(this: AccessorContext): void {
  const [server, rest] = this.containedAccessors;
  server?.on('output', (name, port) => {
    if (name === 'listening') rest?.setDefault('options', { url: { host: 'localhost', port } });
  });
  this.stopAt(5000); // in case a value is missing
}
