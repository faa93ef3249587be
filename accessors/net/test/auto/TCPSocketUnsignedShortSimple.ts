import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** An array of 16-bit numbers over a local TCP connection arrives number by number. */
export function setup(this: AccessorContext): void {
  const client = this.instantiate('TCPSocketClient', 'net/TCPSocketClient');
  const server = this.instantiate('TCPSocketServer', 'net/TCPSocketServer');
  const test = this.instantiate('TrainableTest', 'test/TrainableTest');

  const stop = this.instantiate('Stop', 'utilities/Stop');
  for (const end of [client, server]) {
    end.setParameter('sendType', 'unsignedshort');
    end.setParameter('receiveType', 'unsignedshort');
    end.setParameter('rawBytes', true);
  }
  server.setParameter('hostInterface', 'localhost');
  server.setParameter('port', 0);
  test.setParameter('correctValues', [0, 1, 256, 65535]);
  this.connect(server, 'listening', client, 'port');
  this.connect(server, 'received', test, 'input');

  this.connect(test, 'output', stop, 'stop');
}

export function initialize(this: AccessorContext): void {
  const [client] = this.containedAccessors;
  client?.provideInput('toSend', [0, 1, 256, 65535]); // waits for the connection
  this.stopAt(5000); // in case a value is missing
}
