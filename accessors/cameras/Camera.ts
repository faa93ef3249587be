import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Device {
  open(): void;
}
const { Camera, cameras } = require('@accessors-modules/cameras') as { Camera: new (name: unknown) => Device; cameras(): string[] };

/** Takes pictures with a camera of the machine. Interface only: this host has no driver for cameras.
 *  @input trigger           any; with triggered: takes a picture
 *  @output image            any
 *  @parameter triggered     boolean, default false
 *  @parameter maxFrameRate  number, default 25; pictures a second
 *  @parameter camera        string, default "default camera"; its name
 *  @parameter viewSize      JSON; {width, height} in pixels
 *  @error initialize throws: read a network camera with cameras/Foscam or net/REST
 *  @example
 *  const camera = this.instantiate('camera', 'cameras/Camera');
 *  this.connect(camera, 'image', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('trigger');
  this.output('image');
  this.parameter('triggered', { type: 'boolean', value: false });
  this.parameter('maxFrameRate', { type: 'number', value: 25 });
  this.parameter('camera', { type: 'string', value: 'default camera', options: cameras() });
  this.parameter('viewSize', { type: 'JSON' });
}

export function initialize(this: AccessorContext): void {
  new Camera(this.getParameter('camera')).open();
}

export function wrapup(this: AccessorContext): void {}
