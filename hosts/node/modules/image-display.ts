import type { EdgeScope } from '../edge/index.ts';
import { UserInterface } from './user-interface.ts';

/** By how the bytes of a picture begin. */
const types: readonly [beginning: RegExp, type: string][] = [
  [/^\x89PNG/, 'image/png'],
  [/^\xff\xd8\xff/, 'image/jpeg'],
  [/^GIF8/, 'image/gif'],
  [/^BM/, 'image/bmp'],
  [/^RIFF....WEBP/s, 'image/webp'],
  [/^\s*<(?:\?xml|svg)/, 'image/svg+xml'],
];

export function create(edge: EdgeScope): unknown {
  return {
    ImageDisplay: class extends ImageDisplay {
      constructor(name: unknown, failed?: (error: Error) => void) {
        super(edge, String(name), failed);
      }
    },
  };
}

/** Shows pictures in a page of this machine, at a free port, which is printed. */
class ImageDisplay {
  readonly #page: UserInterface;
  readonly #failed: (error: Error) => void;
  #shown = 0;

  /** @param failed  called when there is no port, or with what is no picture */
  constructor(edge: EdgeScope, name: string, failed: (error: Error) => void = (error) => console.error(error.message)) {
    this.#failed = failed;
    this.#page = new UserInterface(edge, { port: 0 }, `<title>${escaped(name)}</title>`, '<img id="image" alt="">');
    this.#page.addListener('listening', (port: number) => console.log(`${name}: http://127.0.0.1:${port}`));
    this.#page.addListener('error', failed);
  }

  displayImage(image: unknown): void {
    const bytes = image instanceof Uint8Array ? image : Buffer.from(typeof image === 'string' ? image : '');
    const beginning = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
    const type = types.find(([pattern]) => pattern.test(beginning))?.[1];
    if (type === undefined) {
      this.#failed(new Error(`A picture should be bytes of a PNG, JPEG, GIF, BMP, WebP or SVG file, got ${JSON.stringify(beginning)}`));
      return;
    }
    this.#page.addResource('image', bytes, type);
    this.#page.update('image', 'src', `image?${++this.#shown}`); // another address, or the page keeps the last picture
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
