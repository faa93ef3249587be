import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** Imitates a watch by UDP messages, and checks the listener. Its listener is interface only.
 */
export function setup(this: AccessorContext): void {
  const sender = this.instantiate('UDPSocketSender', 'net/UDPSocketSender');
  const once = this.instantiate('TestSpontaneousOnce', 'test/TestSpontaneousOnce');
  const test = this.instantiate('TrainableTest', 'test/TrainableTest');
  const listener = this.instantiate('Moto360SensorListener', 'devices/Moto360SensorListener');
  const stop = this.instantiate('Stop', 'utilities/Stop');
  sender.setDefault('destinationPort', 4568);
  this.connect(once, 'output', sender, 'toSend');
  this.connect(listener, 'accelerometer', test, 'input');
  this.connect(test, 'output', stop, 'stop');
}

export function initialize(this: AccessorContext): void {
  this.stopAt(5000);
}
