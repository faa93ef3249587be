import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import type { EdgeScope } from '../../edge/index.ts';
import { decode, encode, fromPixels } from './picture.ts';

/** Where a graphic goes on a picture. */
export interface Placing {
  readonly scale: number;
  /** Degrees clockwise, about the middle of the graphic. */
  readonly rotation: number;
  /** Pixels: {x, y} or [x, y]; otherwise none. */
  readonly translate: unknown;
}

/** For all text of a graphic, whatever it asks for: the system's fonts are not looked at, so that a picture is the same everywhere. */
const FONT = 'DejaVu Sans';

let ready: Promise<Uint8Array> | undefined;

/** Begins the renderer; resolves with the font. */
function renderer(edge: EdgeScope | undefined): Promise<Uint8Array> {
  ready ??= initWasm(part('resvg.wasm', '@resvg/resvg-wasm/index_bg.wasm', edge)).then(() =>
    part('letters.ttf', 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf', edge),
  );
  return ready;
}

/** What lies beside the bundle; during development in its package. */
function part(name: string, source: string, edge: EdgeScope | undefined): Buffer {
  if (import.meta.url.endsWith('.ts')) return readFileSync(createRequire(import.meta.url).resolve(source));
  return edge?.part(name) ?? readFileSync(join(import.meta.dirname, name));
}

/**
 * The picture with an SVG graphic drawn over it.
 * @throws Error that says what is no picture, or no SVG
 */
export async function annotated(image: unknown, svg: string, placing: Placing, edge?: EdgeScope): Promise<Buffer> {
  const picture = await decode(image);
  if (svg === '') return await encode(picture);
  const font = await renderer(edge);
  const { width, height } = picture.bitmap;
  picture.composite(fromPixels(width, height, rendered(svg, font, width, height, placing)), 0, 0);
  return await encode(picture);
}

/** The pixels of a picture of that size with nothing but the graphic. */
function rendered(svg: string, font: Uint8Array, width: number, height: number, { scale, rotation, translate }: Placing): Buffer {
  try {
    const inner = svg.replace(/^\s*(?:<\?xml[^>]*\?>|<!DOCTYPE[^>]*>|<!--[\s\S]*?-->|\s)*/i, '');
    const own = new Resvg(inner);
    const { x, y } = offset(translate);
    const transform = `translate(${x} ${y}) scale(${scale > 0 ? scale : 1}) rotate(${rotation || 0} ${own.width / 2} ${own.height / 2})`;
    own.free();
    const whole = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><g transform="${transform}">${inner}</g></svg>`;
    const families = { sansSerifFamily: FONT, serifFamily: FONT, monospaceFamily: FONT, cursiveFamily: FONT, fantasyFamily: FONT };
    const image = new Resvg(whole, { font: { fontBuffers: [font], defaultFontFamily: FONT, ...families } }).render();
    const pixels = Buffer.from(image.pixels);
    image.free();
    return straight(pixels);
  } catch (error) {
    throw new Error(`The graphic is no SVG that can be drawn: ${String((error as Error).message ?? error)}`, { cause: error });
  }
}

/** Colours as they are; the renderer has them darkened by their transparency. */
function straight(pixels: Buffer): Buffer {
  for (let at = 0; at < pixels.length; at += 4) {
    const opacity = pixels[at + 3] as number;
    if (opacity === 0 || opacity === 255) continue;
    for (let c = at; c < at + 3; c++) pixels[c] = Math.min(255, Math.round(((pixels[c] as number) * 255) / opacity));
  }
  return pixels;
}

function offset(translate: unknown): { x: number; y: number } {
  const [x, y] = Array.isArray(translate)
    ? translate
    : [(translate as { x?: unknown } | null)?.x, (translate as { y?: unknown } | null)?.y];
  return { x: Number(x ?? 0) || 0, y: Number(y ?? 0) || 0 };
}
