import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** Messages to a web socket server and back, shown. */
export function setup(this: AccessorContext): void {
  const test = this.instantiate('TrainableTest', 'test/TrainableTest');
  const client = this.instantiate('WebSocketClient', 'net/WebSocketClient');
  const server = this.instantiate('WebSocketServer', 'net/WebSocketServer');
  const display = this.instantiate('TextDisplay', 'utilities/TextDisplay');
  const stop = this.instantiate('Stop', 'utilities/Stop');
  server.setParameter('port', 0);
  this.connect(server, 'listening', client, 'port');
  this.connect(server, 'received', server, 'toSend'); // back to whom it came from

  test.setParameter('correctValues', ['ping']);
  this.connect(client, 'received', test, 'input');
  this.connect(client, 'received', display, 'input');
  this.connect(test, 'output', stop, 'stop');
}

export function initialize(this: AccessorContext): void {
  const [, client] = this.containedAccessors;
  client?.provideInput('toSend', 'ping');
  this.stopAt(5000); // in case a value is missing
}
