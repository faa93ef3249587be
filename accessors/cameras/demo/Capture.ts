import type { AccessorContext } from '../../../hosts/common/index.ts';

/** Shows a picture of the camera each second. Its camera is interface only.
 *  @error initialize throws, as that of cameras/Camera
 *  @example
 *  this.instantiate('demonstration', 'cameras/demo/Capture'); */
export function setup(this: AccessorContext): void {
  const camera = this.instantiate('Camera', 'cameras/Camera');
  const display = this.instantiate('ImageDisplay', 'image/ImageDisplay');
  const clock = this.instantiate('TestSpontaneous', 'test/TestSpontaneous');
  camera.setParameter('triggered', true);
  this.connect(clock, 'output', camera, 'trigger');
  this.connect(camera, 'image', display, 'input');
}

export function initialize(this: AccessorContext): void {}
