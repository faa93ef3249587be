import type { EdgeScope } from '../edge/index.ts';
import { run } from './shared/index.ts';

interface Options {
  /** Such as eng+deu. */
  readonly language?: unknown;
  readonly pageSegmentation?: unknown;
}

/** A page of text takes some seconds on a small machine. */
const LIMIT_MS = 30_000;

export function create(edge: EdgeScope): unknown {
  return {
    /** Calls back with the text of a picture, which is bytes of a file in any format that tesseract reads. */
    recognize(image: unknown, options: Options | '' | null, callback: (error: Error | null, text?: string) => void): void {
      recognized(edge, image, options || {}).then(
        (text) => callback(null, text),
        (error: Error) => callback(error),
      );
    },
  };
}

async function recognized(edge: EdgeScope, image: unknown, { language = 'eng', pageSegmentation = 3 }: Options): Promise<string> {
  if (!(image instanceof Uint8Array)) throw new Error(`A picture should be bytes of a PNG, JPEG, BMP or GIF file, got a ${typeof image}`);
  if (!/^[\w+/]+$/.test(String(language))) throw new Error(`The language should be like eng or eng+deu, got ${JSON.stringify(language)}`);
  const args = ['stdin', 'stdout', '-l', String(language), '--psm', String(Number(pageSegmentation))];
  const { code, stdout } = await run(edge, 'tesseract', args, LIMIT_MS, image).catch((error: Error) => {
    throw new Error(`${error.message}. On Debian: apt-get install tesseract-ocr`, { cause: error });
  });
  if (code !== 0) throw new Error(`tesseract ended with ${code}: it reads no such picture, or lacks the language ${language}`);
  return stdout.trim();
}
