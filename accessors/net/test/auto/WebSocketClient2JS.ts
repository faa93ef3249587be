import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** Two web socket clients: what the server sends to all comes to both. */
export function setup(this: AccessorContext): void {
  const client = this.instantiate('WebSocketClient', 'net/WebSocketClient');
  const second = this.instantiate('WebSocketClient2', 'net/WebSocketClient');
  const server = this.instantiate('WebSocketServer', 'net/WebSocketServer');
  const test = this.instantiate('TrainableTest', 'test/TrainableTest');
  const stop = this.instantiate('Stop', 'utilities/Stop');
  server.setParameter('port', 0);
  test.setParameter('correctValues', ['both', 'both']);
  this.connect(server, 'listening', client, 'port');
  this.connect(server, 'listening', second, 'port');
  this.connect(client, 'received', test, 'input');
  this.connect(second, 'received', test, 'input');
  this.connect(test, 'output', stop, 'stop');
}

export function initialize(this: AccessorContext): void {
  const [, , server] = this.containedAccessors;
  let connected = 0;
  server?.on('output', (name) => {
    if (name === 'connection' && ++connected === 2) server.provideInput('toSend', 'both');
  });
  this.stopAt(5000); // in case a value is missing
}
