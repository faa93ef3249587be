import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Display {
  displayImage(image: unknown): void;
}
const { ImageDisplay } = require('@accessors-modules/image-display') as {
  ImageDisplay: new (name: string, failed: (error: Error) => void) => Display;
};

/** Shows pictures in a web page of this machine, whose address it prints, and passes them on.
 *  @input input    any; bytes of a PNG, JPEG, GIF, BMP, WebP or SVG picture
 *  @output output  any; the picture
 *  @error what is no picture, and a port that cannot be had, are reported
 *  @example
 *  const display = this.instantiate('display', 'image/ImageDisplay');
 *  this.connect(camera, 'output', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('input');
  this.output('output');
}

export function initialize(this: AccessorContext): void {
  const display = new ImageDisplay(this.getName(), (error) => this.error(error.message));
  this.addInputHandler('input', () => {
    const image = this.get('input');
    display.displayImage(image);
    this.send('output', image);
  });
}
