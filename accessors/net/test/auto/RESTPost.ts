import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** The HTTP client sends a body to a local web server by POST.
 */
export function setup(this: AccessorContext): void {
  const once = this.instantiate('TestSpontaneousOnce', 'test/TestSpontaneousOnce');
  const rest = this.instantiate('REST', 'net/REST');
  const test = this.instantiate('TrainableTest', 'test/TrainableTest');
  const server = this.instantiateFromCode('WebServer', "exports.setup = function () { this.extend('net/WebServer'); };");
  server.setParameter('port', 0);
  this.connect(server, 'request', server, 'response'); // answers with the request itself
  test.setParameter('correctValues', ['200: OK']);
  rest.setDefaultInput('body', { value: '{"on":true}' });
  this.connect(once, 'output', rest, 'trigger');
  this.connect(rest, 'status', test, 'input');
}

export function initialize(this: AccessorContext): void {
  const find = (name: string): AccessorContext | undefined => this.containedAccessors.find((inner) => inner.accessorName.endsWith(name));
  find('WebServer')?.on('output', (name, port) => {
    if (name === 'listening') find('REST')?.setDefault('options', { url: { host: 'localhost', port }, method: 'POST' });
  });
  this.stopAt(2500); // after the answer
}
