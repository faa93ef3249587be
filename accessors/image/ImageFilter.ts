import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { filter } = require('imageFilters') as {
  filter(image: unknown, name: unknown, options: unknown, callback: (error: Error | null, image?: Uint8Array) => void): void;
};

/** The last picture so far: pictures come out in the order in which they came. */
let last: Promise<unknown> = Promise.resolve();
let life = 0;

/** Applies a named filter to pictures.
 *  @input input    any; bytes of a PNG, JPEG, BMP or GIF picture
 *  @input options  JSON, default ""; of the filter: {radius in pixels} of Blur, {amount -1 to 1} of Brightness and Contrast, {degrees} of Rotate and Hue, {width, height} of Resize, {x, y, width, height} of Crop, {size in pixels} of Pixelate, {levels} of Posterize, {level 0 to 255} of Threshold
 *  @input filter   string; Gray, Invert, Sepia, Blur, Sharpen, Edges, Emboss, Brightness, Contrast, Normalize, Hue, Threshold, Posterize, Pixelate, FlipHorizontal, FlipVertical, Rotate, Resize or Crop
 *  @output output  any; the picture in the same format
 *  @error what is no picture, and a filter that there is not, are reported
 *  @example
 *  const filter = this.instantiate('filter', 'image/ImageFilter');
 *  filter.setDefault('filter', 'Blur');
 *  filter.setDefault('options', { radius: 4 });
 *  this.connect(camera, 'output', filter, 'input');
 *  this.connect(filter, 'output', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('input');
  this.input('options', { value: '', type: 'JSON' });
  this.input('filter', { type: 'string' });
  this.output('output');
}

export function initialize(this: AccessorContext): void {
  const now = ++life;
  this.addInputHandler('input', () => {
    const [image, name, options] = [this.get('input'), this.get('filter'), this.get('options')];
    last = last.then(
      () =>
        new Promise<void>((done) => {
          filter(image, name, options, (error, filtered) => {
            if (now === life && error) this.error(error.message);
            else if (now === life) this.send('output', filtered);
            done();
          });
        }),
    );
  });
}

export function wrapup(this: AccessorContext): void {
  life++;
}
