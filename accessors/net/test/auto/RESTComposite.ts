import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** A composite around the HTTP client asks a local web server.
 */
export function setup(this: AccessorContext): void {
  const once = this.instantiate('TestSpontaneousOnce', 'test/TestSpontaneousOnce');
  const code = `
    exports.setup = function () {
      this.input('trigger');
      this.input('port');
      this.output('status');
      const client = this.instantiateFromCode('client', "exports.setup = function () { this.extend('net/REST'); };");
      this.connect('trigger', client, 'trigger');
      this.connect(client, 'status', 'status');
    };
    exports.initialize = function () {
      const [client] = this.containedAccessors;
      this.addInputHandler('port', () => client.setDefault('options', 'http://localhost:' + this.get('port')));
    };`;
  const rest = this.instantiateFromCode('REST', code);
  const test = this.instantiate('TrainableTest', 'test/TrainableTest');
  const stop = this.instantiate('Stop', 'utilities/Stop');
  const server = this.instantiateFromCode('WebServer', "exports.setup = function () { this.extend('net/WebServer'); };");
  server.setParameter('port', 0);
  this.connect(server, 'request', server, 'response'); // answers with the request itself
  test.setParameter('correctValues', ['200: OK']);
  this.connect(server, 'listening', rest, 'port');
  this.connect(once, 'output', rest, 'trigger');
  this.connect(rest, 'status', test, 'input');
  this.connect(test, 'output', stop, 'stop');
}

export function initialize(this: AccessorContext): void {
  this.stopAt(5000); // in case a value is missing
}
