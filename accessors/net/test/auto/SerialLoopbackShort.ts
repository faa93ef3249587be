import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** 16-bit numbers over a looped serial port: those above 32767 come back negative. */
export function setup(this: AccessorContext): void {
  const serial = this.instantiate('SerialPort', 'net/SerialPort');
  const clock = this.instantiate('TestSpontaneous', 'test/TestSpontaneous');
  const test = this.instantiate('TrainableTest', 'test/TrainableTest');
  const stop = this.instantiate('Stop', 'utilities/Stop');
  serial.setParameter('port', 'loopback');
  serial.setParameter('receiveType', 'short');
  clock.setParameter('interval', 100);
  test.setParameter('correctValues', [-25536, 0, 1]);
  this.connect(clock, 'output', serial, 'toSend');
  this.connect(serial, 'received', test, 'input');
  this.connect(test, 'output', stop, 'stop');
}

export function initialize(this: AccessorContext): void {
  const [serial] = this.containedAccessors;
  serial?.provideInput('toSend', 40000);
  this.stopAt(5000); // in case a value is missing
}
