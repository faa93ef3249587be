import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { filter } = require('@accessors-modules/computer-vision') as {
  filter(image: unknown, name: unknown, options: unknown, callback: (error: Error | null, image?: Uint8Array) => void): void;
};

/** The last picture so far: pictures come out in the order in which they came. */
let last: Promise<unknown> = Promise.resolve();

/** Applies a selectable image transformation.
 *  @input input          any; bytes of a PNG, JPEG, BMP or GIF picture
 *  @output output        any; the picture in the same format
 *  @parameter options    JSON; of the transformation, as those of image/ImageFilter
 *  @parameter transform  string, default "makeGray"; makeGray, or a filter of image/ImageFilter
 *  @error what is no picture, and a transformation that there is not, are reported
 *  @example
 *  const vision = this.instantiate('vision', 'image/ComputerVision');
 *  vision.setParameter('transform', 'Edges');
 *  this.connect(camera, 'output', vision, 'input');
 *  this.connect(vision, 'output', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('input');
  this.output('output');
  this.parameter('options', { type: 'JSON' });
  this.parameter('transform', { type: 'string', value: 'makeGray' });
}

export function initialize(this: AccessorContext): void {
  this.addInputHandler('input', () => {
    const image = this.get('input');
    const [transform, options] = [String(this.getParameter('transform')), this.getParameter('options')];
    last = last.then(
      () =>
        new Promise<void>((done) => {
          filter(image, transform.replace(/^make/, ''), options, (error, transformed) => {
            if (this.isInitialized() && error) this.error(error.message);
            else if (this.isInitialized()) this.send('output', transformed);
            done();
          });
        }),
    );
  });
}
