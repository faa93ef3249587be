import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** Reads text from a picture of the camera, at each trigger. Its camera is interface only.
 *  @input trigger  any; takes the picture
 *  @output text    string
 *  @error initialize throws, as that of cameras/Camera
 *  @example
 *  const reader = this.instantiate('reader', 'image/demo/TextFromCamera/TextFromCamera');
 *  this.connect(button, 'output', reader, 'trigger'); */
export function setup(this: AccessorContext): void {
  this.input('trigger');
  this.output('text', { type: 'string' });
  const camera = this.instantiate('Camera', 'cameras/Camera');
  const recognition = this.instantiate('CharacterRecognition', 'image/CharacterRecognition');
  camera.setParameter('triggered', true);
  this.connect('trigger', camera, 'trigger');
  this.connect(camera, 'image', recognition, 'input');
  this.connect(recognition, 'text', 'text');
}
