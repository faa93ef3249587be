import type { AccessorContext } from '../../hosts/common/index.ts';

/** Takes sensor messages of a wrist watch from UDP and splits them by sensor. Interface only: the messages of that watch's
 *  program were never published.
 *  @input listeningAddress              string, default "0.0.0.0"; address of this machine, or of a multicast group to join
 *  @input listeningPort                 int, default 4568; negative: none
 *  @output message                      any; text, a Buffer for image, else an array of numbers
 *  @output listening                    boolean
 *  @output accelerometer                any
 *  @output gyro                         any
 *  @parameter receiveType               string, default "unsignedbyte"; byte, double, float, image, int, number, short, string, unsignedbyte, unsignedshort
 *  @parameter accelerometerSensitivity  number, default 0; smallest change that is sent
 *  @parameter gyroSensitivity           number, default 0; smallest change that is sent
 *  @error initialize throws: receive what your device sends with net/UDPSocketListener
 *  @example
 *  const watch = this.instantiate('watch', 'devices/Moto360SensorListener');
 *  this.connect(watch, 'accelerometer', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('net/UDPSocketListener');
  this.input('listeningPort', { value: 4568 });
  this.output('accelerometer');
  this.output('gyro');
  this.parameter('receiveType', { value: 'unsignedbyte', visibility: 'expert' });
  this.parameter('accelerometerSensitivity', { type: 'number', value: 0 });
  this.parameter('gyroSensitivity', { type: 'number', value: 0 });
}

export function initialize(this: AccessorContext): void {
  throw new Error(
    `${this.getName()}: the messages of the watch's program were never published. Receive what your device sends with net/UDPSocketListener.`,
  );
}

export function closeAndOpen(this: AccessorContext): void {}
