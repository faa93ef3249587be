import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** Numbers that come back from a looped serial port as characters of that code. */
export function setup(this: AccessorContext): void {
  const serial = this.instantiate('SerialPort', 'net/SerialPort');
  const clock = this.instantiate('TestSpontaneous', 'test/TestSpontaneous');
  const test = this.instantiate('TrainableTest', 'test/TrainableTest');
  const stop = this.instantiate('Stop', 'utilities/Stop');
  serial.setParameter('port', 'loopback');
  serial.setParameter('receiveType', 'string');
  clock.setParameter('interval', 100);
  test.setParameter('correctValues', ['\u0000', '\u0001', '\u0002']);
  this.connect(clock, 'output', serial, 'toSend');
  this.connect(serial, 'received', test, 'input');
  this.connect(test, 'output', stop, 'stop');
}

export function initialize(this: AccessorContext): void {
  this.stopAt(5000); // in case a value is missing
}
