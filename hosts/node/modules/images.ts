import type { EdgeScope } from '../edge/index.ts';
import { annotated } from './images/annotate.ts';
import { filtered } from './images/filters.ts';
import { decode } from './images/picture.ts';

type Callback<T> = (error: Error | null, value?: T) => void;

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity of each, row by row. */
  readonly data: Uint8Array;
}

/**
 * What is done with pictures, which are bytes of PNG, JPEG, BMP or GIF files; each comes out in the format it came in.
 * @param edge  hears of what is under way; reached is nothing
 */
export function create(edge?: EdgeScope): unknown {
  function tell<T>(promise: Promise<T>, callback: Callback<T>): void {
    const over = edge?.operation();
    promise.finally(over).then(
      (value) => callback(null, value),
      (error: Error) => callback(error),
    );
  }
  return {
    filter(image: unknown, name: unknown, options: unknown, callback: Callback<Uint8Array>): void {
      tell(filtered(image, String(name), options), callback);
    },
    annotate(image: unknown, svg: string, placing: Parameters<typeof annotated>[2], callback: Callback<Uint8Array>): void {
      tell(annotated(image, svg, placing, edge), callback);
    },
    pixels(image: unknown, callback: Callback<Pixels>): void {
      tell(
        decode(image).then(({ bitmap: { width, height, data } }) => ({ width, height, data })),
        callback,
      );
    },
  };
}
