import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity of each, row by row. */
  readonly data: Uint8Array;
}
const { pixels } = require('motionDetector') as { pixels(image: unknown, callback: (error: Error | null, found?: Pixels) => void): void };

let before: Pixels | undefined;
/** The last picture so far: pictures are compared in the order in which they came. */
let last: Promise<unknown> = Promise.resolve();
let life = 0;

/** Reports where and how much successive pictures differ.
 *  @input input    any; bytes of a PNG, JPEG, BMP or GIF picture, all of one size
 *  @input options  JSON, default "{\"PixelThreshold\": 25, \"AreaThreshold\": 0.2}"; {PixelThreshold 0 to 255: difference of brightness of a pixel that counts; AreaThreshold: % of the pixels that make a motion}
 *  @output output  any; a picture in which something moved
 *  @output cog     any; {x, y} in pixels, the centre of what moved; only with a motion
 *  @output area    number; % of the pixels that differ from those of the picture before
 *  @error what is no picture is reported
 *  @example
 *  const motion = this.instantiate('motion', 'image/MotionDetector');
 *  this.connect(camera, 'output', motion, 'input');
 *  this.connect(motion, 'area', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('input');
  this.input('options', { value: '{"PixelThreshold": 25, "AreaThreshold": 0.2}', type: 'JSON' });
  this.output('output');
  this.output('cog');
  this.output('area', { type: 'number' });
}

export function initialize(this: AccessorContext): void {
  const now = ++life;
  before = undefined;
  this.addInputHandler('input', () => {
    const image = this.get('input');
    const options = this.get('options') as { readonly PixelThreshold?: number; readonly AreaThreshold?: number };
    last = last.then(
      () =>
        new Promise<void>((done) => {
          pixels(image, (error, found) => {
            if (now === life && error) this.error(error.message);
            else if (now === life && found) compare.call(this, image, found, options);
            done();
          });
        }),
    );
  });
}

export function wrapup(this: AccessorContext): void {
  life++;
}

function compare(
  this: AccessorContext,
  image: unknown,
  found: Pixels,
  { PixelThreshold: pixel = 25, AreaThreshold: least = 0.2 }: { readonly PixelThreshold?: number; readonly AreaThreshold?: number },
): void {
  const [old, { width, height, data }] = [before, found];
  before = found;
  if (old?.width !== width || old.height !== height) return; // the first one, or of another camera
  let [count, x, y] = [0, 0, 0];
  for (let at = 0; at < width * height; at++) {
    if (Math.abs(brightness(data, at) - brightness(old.data, at)) < pixel) continue;
    count++;
    x += at % width;
    y += Math.floor(at / width);
  }
  const area = (count / (width * height)) * 100;
  this.send('area', area);
  if (count === 0 || area < least) return;
  this.send('cog', { x: x / count, y: y / count });
  this.send('output', image);
}

/** Of a pixel, as eyes weigh its colours. */
function brightness(data: Uint8Array, at: number): number {
  return 0.299 * (data[at * 4] as number) + 0.587 * (data[at * 4 + 1] as number) + 0.114 * (data[at * 4 + 2] as number);
}
