import { decode, encode, type Picture } from './picture.ts';

/** Numbers by name, as an accessor gives them. */
type Options = Readonly<Record<string, unknown>>;

const sharpen = [
  [0, -1, 0],
  [-1, 5, -1],
  [0, -1, 0],
];
const edges = [
  [-1, -1, -1],
  [-1, 8, -1],
  [-1, -1, -1],
];
const emboss = [
  [-2, -1, 0],
  [-1, 1, 1],
  [0, 1, 2],
];

/** By name in lower case. */
const filters: Readonly<Record<string, (picture: Picture, options: Options) => void>> = {
  gray: (picture) => picture.greyscale(),
  grayscale: (picture) => picture.greyscale(),
  invert: (picture) => picture.invert(),
  sepia: (picture) => picture.sepia(),
  blur: (picture, options) => picture.blur(whole(options, 'radius', 2, 1, 100)),
  sharpen: (picture) => picture.convolute(sharpen),
  edges: (picture) => picture.greyscale().convolute(edges),
  emboss: (picture) => picture.convolute(emboss),
  brightness: (picture, options) => picture.brightness(1 + number(options, 'amount', 0, -1, 1)),
  contrast: (picture, options) => picture.contrast(number(options, 'amount', 0, -1, 1)),
  normalize: (picture) => picture.normalize(),
  hue: (picture, options) => picture.color([{ apply: 'hue', params: [number(options, 'degrees', 0, -360, 360)] }]),
  threshold: (picture, options) => threshold(picture, number(options, 'level', 128, 0, 255)),
  posterize: (picture, options) => picture.posterize(whole(options, 'levels', 4, 2, 255)),
  pixelate: (picture, options) => picture.pixelate(whole(options, 'size', 8, 1, 1000)),
  fliphorizontal: (picture) => picture.flip({ horizontal: true }),
  flipvertical: (picture) => picture.flip({ vertical: true }),
  rotate: (picture, options) => picture.rotate(number(options, 'degrees', 90, -360, 360)),
  resize: (picture, options) =>
    picture.resize({ w: whole(options, 'width', picture.width, 1, 10_000), h: whole(options, 'height', picture.height, 1, 10_000) }),
  crop: (picture, options) => crop(picture, options),
};

/** @throws Error that says what is no picture, no filter or no option of it */
export async function filtered(image: unknown, name: string, options: unknown): Promise<Buffer> {
  const filter = Object.hasOwn(filters, name.toLowerCase()) ? filters[name.toLowerCase()] : undefined;
  if (!filter) throw new Error(`There is no filter ${name}; the filters are ${Object.keys(filters).join(', ')}`);
  const picture = await decode(image);
  filter(picture, typeof options === 'object' && options !== null ? (options as Options) : {});
  return await encode(picture);
}

function number(options: Options, name: string, otherwise: number, least: number, most: number): number {
  const value = options[name] ?? otherwise;
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw new Error(`The option ${name} should be a number from ${least} to ${most}, got ${JSON.stringify(value)}`);
}

function whole(options: Options, name: string, otherwise: number, least: number, most: number): number {
  return Math.round(number(options, name, otherwise, least, most));
}

function threshold(picture: Picture, level: number): void {
  picture.greyscale();
  const { data } = picture.bitmap;
  for (let at = 0; at < data.length; at += 4) data.fill((data[at] as number) >= level ? 255 : 0, at, at + 3);
}

function crop(picture: Picture, options: Options): void {
  const x = whole(options, 'x', 0, 0, picture.width - 1);
  const y = whole(options, 'y', 0, 0, picture.height - 1);
  const w = whole(options, 'width', picture.width - x, 1, picture.width - x);
  picture.crop({ x, y, w, h: whole(options, 'height', picture.height - y, 1, picture.height - y) });
}
