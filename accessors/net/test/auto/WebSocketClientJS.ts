import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** A web socket client gets back what it sends, in order. */
export function setup(this: AccessorContext): void {
  const client = this.instantiate('WebSocketClient', 'net/WebSocketClient');
  const server = this.instantiate('WebSocketServer', 'net/WebSocketServer');
  const test = this.instantiate('TrainableTest', 'test/TrainableTest');
  const stop = this.instantiate('Stop', 'utilities/Stop');
  server.setParameter('port', 0);
  this.connect(server, 'listening', client, 'port');
  this.connect(server, 'received', server, 'toSend'); // back to whom it came from

  test.setParameter('correctValues', [1, 'two', { three: 3 }]);
  this.connect(client, 'received', test, 'input');
  this.connect(test, 'output', stop, 'stop');
}

export function initialize(this: AccessorContext): void {
  const [client] = this.containedAccessors;
  for (const message of [1, 'two', { three: 3 }]) client?.provideInput('toSend', message);
  this.stopAt(5000); // in case a value is missing
}
