import type { AccessorContext } from '../../../hosts/common/index.ts';

/** Shows the pictures of the camera as they come. Its camera is interface only.
 *  @error initialize throws, as that of cameras/Camera
 *  @example
 *  this.instantiate('demonstration', 'cameras/demo/CaptureOpenLoop'); */
export function setup(this: AccessorContext): void {
  const camera = this.instantiate('Camera', 'cameras/Camera');
  const display = this.instantiate('ImageDisplay', 'image/ImageDisplay');
  this.connect(camera, 'image', display, 'input');
}

export function initialize(this: AccessorContext): void {}
