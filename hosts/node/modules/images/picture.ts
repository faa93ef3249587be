import { createJimp } from '@jimp/core';
import bmp from '@jimp/js-bmp';
import gif from '@jimp/js-gif';
import jpeg from '@jimp/js-jpeg';
import png from '@jimp/js-png';
import * as blit from '@jimp/plugin-blit';
import * as blur from '@jimp/plugin-blur';
import * as color from '@jimp/plugin-color';
import * as crop from '@jimp/plugin-crop';
import * as flip from '@jimp/plugin-flip';
import * as resize from '@jimp/plugin-resize';
import * as rotate from '@jimp/plugin-rotate';

/** Only what is used: with all of its plugins and fonts the library is twice as large. */
const Jimp = createJimp({
  formats: [bmp, gif, jpeg, png],
  plugins: [blit.methods, blur.methods, color.methods, crop.methods, flip.methods, resize.methods, rotate.methods],
});

export type Picture = Awaited<ReturnType<typeof Jimp.fromBuffer>>;

/** More pixels take seconds and hundreds of megabytes on a small machine. */
const MAX_BYTES = 32 * 2 ** 20;

/** @throws Error that says that it is no picture */
export async function decode(image: unknown): Promise<Picture> {
  if (!(image instanceof Uint8Array)) throw new Error(`A picture should be bytes of a PNG, JPEG, BMP or GIF file, got a ${typeof image}`);
  if (image.length > MAX_BYTES) throw new Error(`A picture should have at most ${MAX_BYTES} bytes, got ${image.length}`);
  try {
    return await Jimp.fromBuffer(Buffer.from(image));
  } catch (error) {
    throw new Error(`These ${image.length} bytes are no PNG, JPEG, BMP or GIF picture: ${(error as Error).message}`, { cause: error });
  }
}

/** In the format that the picture came in. */
export async function encode(picture: Picture): Promise<Buffer> {
  return await picture.getBuffer((picture.mime ?? 'image/png') as 'image/png');
}

/** A picture of these pixels. */
export function fromPixels(width: number, height: number, data: Buffer): Picture {
  const own = Buffer.alloc(data.length); // the library takes all of the memory behind a Buffer, which may be that of others too
  own.set(data);
  return Jimp.fromBitmap({ width, height, data: own }) as Picture;
}
