import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** JSON over a looped serial port: an object, then numbers. */
export function setup(this: AccessorContext): void {
  const serial = this.instantiate('SerialPort', 'net/SerialPort');
  const clock = this.instantiate('TestSpontaneous', 'test/TestSpontaneous');
  const test = this.instantiate('TrainableTest', 'test/TrainableTest');
  const stop = this.instantiate('Stop', 'utilities/Stop');
  serial.setParameter('port', 'loopback');
  serial.setParameter('receiveType', 'json');
  clock.setParameter('interval', 100);
  test.setParameter('correctValues', [{ lamp: 1 }, 0, 1]);
  this.connect(clock, 'output', serial, 'toSend');
  this.connect(serial, 'received', test, 'input');
  this.connect(test, 'output', stop, 'stop');
}

export function initialize(this: AccessorContext): void {
  const [serial] = this.containedAccessors;
  serial?.provideInput('toSend', { lamp: 1 });
  this.stopAt(5000); // in case a value is missing
}
