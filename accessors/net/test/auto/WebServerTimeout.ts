import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** The web server leaves a request unanswered; after ten seconds it says so. */
export function setup(this: AccessorContext): void {
  const server = this.instantiate('WebServer', 'net/WebServer');
  const rest = this.instantiate('REST', 'net/REST');
  const once = this.instantiate('TestSpontaneousOnce', 'test/TestSpontaneousOnce');
  const display = this.instantiate('TextDisplay', 'utilities/TextDisplay');
  const test = this.instantiate('TrainableTest', 'test/TrainableTest');
  const stop = this.instantiate('Stop', 'utilities/Stop');
  server.setParameter('port', 0);

  rest.setParameter('timeout', 20_000);
  test.setParameter('correctValues', ['Error: Server timed out waiting for response to be generated.']);
  this.connect(once, 'output', rest, 'trigger');
  this.connect(rest, 'response', display, 'input');
  this.connect(rest, 'response', test, 'input');
  this.connect(test, 'output', stop, 'stop');
}

export function initialize(this: AccessorContext): void {
  const [server, rest] = this.containedAccessors;
  server?.on('output', (name, port) => {
    if (name === 'listening') rest?.setDefault('options', { url: { host: 'localhost', port } });
  });
  this.stopAt(20_000); // in case a value is missing
}
