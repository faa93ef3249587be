import { existsSync, promises, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Clock, errorText, type Source } from '../common/index.ts';

/** What accessors may give as second argument: an encoding, a timeout in ms, or both by name. */
type ResourceOptions = string | number | null | undefined | { encoding?: string; timeout?: number; returnURI?: boolean };
/** Called with null and the text, or with the text of an error and null. */
type ResourceCallback = (status: string | null, value: unknown) => void;

const TIMEOUT_MS = 5000;

/**
 * The function `getResource` of accessors (spec section 20, LIBRARY.md utilities/GetResource). With a URI alone it reads
 * `$KEYSTORE/...` only; called with options it also reads files, relative to the swarmlet, and with a callback http(s)
 * URLs too.
 */
export function resourceReader(source: Source, clock: Clock): (uri: unknown, ...rest: unknown[]) => unknown {
  return (uri, ...rest) => {
    const text = String(uri);
    const [options, callback] = rest as [ResourceOptions, ResourceCallback | null | undefined];
    if (text.startsWith('$KEYSTORE') && typeof callback !== 'function') return readFileSync(inKeystore(text), 'utf8');
    if (rest.length === 0) {
      throw new Error(`getResource(): only $KEYSTORE is supported with a URI alone; give options to read ${text}`);
    }
    if (typeof callback === 'function') {
      const over = clock.beginOperation();
      read(text, options, source).then(
        (value) => {
          over();
          callback(null, value);
        },
        (error: unknown) => {
          over();
          callback(errorText(error), null);
        },
      );
      return undefined;
    }
    if (isUrl(text)) {
      throw new Error(`getResource(): ${text} cannot be read synchronously; set parameter synchronous to false, or give a callback`);
    }
    return answer(text, options, readFileSync(locate(text, source), encodingOf(options)));
  };
}

function inKeystore(uri: string): string {
  const { HOME } = process.env;
  if (!HOME) throw new Error(`getResource(): ${uri} needs the environment variable HOME, below which .ptKeystore lies`);
  return join(HOME, '.ptKeystore', uri.slice('$KEYSTORE'.length));
}

async function read(uri: string, options: ResourceOptions, source: Source): Promise<unknown> {
  if (uri.startsWith('$KEYSTORE')) return await promises.readFile(inKeystore(uri), 'utf8');
  if (!isUrl(uri)) return answer(uri, options, await promises.readFile(locate(uri, source), encodingOf(options)));
  const response = await fetch(uri, { signal: AbortSignal.timeout(timeoutOf(options)) });
  if (!response.ok) throw new Error(`${uri}: ${response.status} ${response.statusText}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  return answer(uri, options, bytes.toString(encodingOf(options)));
}

function answer(uri: string, options: ResourceOptions, text: string): unknown {
  const withUri = typeof options === 'object' && options !== null && options.returnURI;
  return withUri ? { resource: text, uri } : text;
}

/** A relative path is looked for beside the swarmlet, then in the working folder. */
function locate(uri: string, source: Source): string {
  const path = uri.replace(/^file:\/\//, '');
  const beside = source.file === undefined ? undefined : resolve(dirname(source.file), path);
  return beside !== undefined && existsSync(beside) ? beside : resolve(path);
}

function isUrl(uri: string): boolean {
  return /^https?:\/\//i.test(uri);
}

function encodingOf(options: ResourceOptions): BufferEncoding {
  const encoding = typeof options === 'object' && options !== null ? options.encoding : options;
  return typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8';
}

function timeoutOf(options: ResourceOptions): number {
  const timeout = typeof options === 'object' && options !== null ? options.timeout : options;
  return typeof timeout === 'number' && timeout > 0 ? timeout : TIMEOUT_MS;
}
