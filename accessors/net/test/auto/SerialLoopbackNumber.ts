import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** Numbers over a looped serial port. */
export function setup(this: AccessorContext): void {
  const serial = this.instantiate('SerialPort', 'net/SerialPort');
  const clock = this.instantiate('TestSpontaneous', 'test/TestSpontaneous');
  const test = this.instantiate('TrainableTest', 'test/TrainableTest');
  const stop = this.instantiate('Stop', 'utilities/Stop');
  serial.setParameter('port', 'loopback');
  serial.setParameter('receiveType', 'number');
  clock.setParameter('interval', 100);
  test.setParameter('correctValues', [0.5, 0, 1, 2]);
  this.connect(clock, 'output', serial, 'toSend');
  this.connect(serial, 'received', test, 'input');
  this.connect(test, 'output', stop, 'stop');
}

export function initialize(this: AccessorContext): void {
  const [serial] = this.containedAccessors;
  serial?.provideInput('toSend', 0.5);
  this.stopAt(5000); // in case a value is missing
}
