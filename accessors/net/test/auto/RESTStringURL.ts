import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** The HTTP client asks a local web server whose URL is plain text.
 */
export function setup(this: AccessorContext): void {
  const once = this.instantiate('TestSpontaneousOnce', 'test/TestSpontaneousOnce');
  const rest = this.instantiate('REST', 'net/REST');
  const test = this.instantiate('TrainableTest', 'test/TrainableTest');
  const stop = this.instantiate('Stop', 'utilities/Stop');
  const server = this.instantiateFromCode('WebServer', "exports.setup = function () { this.extend('net/WebServer'); };");
  server.setParameter('port', 0);
  this.connect(server, 'request', server, 'response'); // answers with the request itself
  test.setParameter('correctValues', ['200: OK']);
  this.connect(once, 'output', rest, 'trigger');
  this.connect(rest, 'status', test, 'input');
  this.connect(test, 'output', stop, 'stop');
}

export function initialize(this: AccessorContext): void {
  const find = (name: string): AccessorContext | undefined => this.containedAccessors.find((inner) => inner.accessorName.endsWith(name));
  find('WebServer')?.on('output', (name, port) => {
    if (name === 'listening') find('REST')?.setDefault('options', `http://localhost:${port}`);
  });
  this.stopAt(5000); // in case a value is missing
}
