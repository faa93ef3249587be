import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** A UDP message to itself: that it listens. */
export function setup(this: AccessorContext): void {
  const listener = this.instantiate('UDPSocketListener', 'net/UDPSocketListener');
  const display = this.instantiate('TextDisplay', 'utilities/TextDisplay');
  const sender = this.instantiate('UDPSocketSender', 'net/UDPSocketSender');
  const test = this.instantiate('TrainableTest', 'test/TrainableTest');
  const stop = this.instantiate('Stop', 'utilities/Stop');
  const port = 20_000 + Math.floor(Math.random() * 10_000); // below those that the system gives to others
  listener.setDefault('listeningAddress', '127.0.0.1');
  listener.setDefault('listeningPort', port);
  sender.setDefault('destinationPort', port);
  test.setParameter('correctValues', ['true']);
  this.connect(listener, 'listening', sender, 'toSend');
  this.connect(listener, 'message', display, 'input');
  this.connect(listener, 'message', test, 'input');
  this.connect(test, 'output', stop, 'stop');
}

export function initialize(this: AccessorContext): void {
  this.stopAt(5000); // in case a value is missing
}
