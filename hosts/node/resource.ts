import { type Clock, errorText } from '../common/index.ts';

/** What accessors may give as second argument: an encoding, a timeout in ms, or both by name. */
type ResourceOptions = string | number | null | undefined | { encoding?: string; timeout?: number; returnURI?: boolean };
/** Called with null and the text, or with the text of an error and null. */
type ResourceCallback = (status: string | null, value: unknown) => void;

/** Where a host finds resources; each rejects or throws an error that says what to do. */
export interface Resources {
  /** @param path  below the key store, with the `/` in front */
  key(path: string): string;
  /** @param path  relative to the swarmlet, or absolute */
  file(path: string): Buffer;
  fileLater(path: string): Promise<Buffer>;
  /** @param timeoutMs  without a sign of the server */
  url(url: string, timeoutMs: number): Promise<Buffer>;
}

const TIMEOUT_MS = 5000;

/**
 * The function `getResource` of accessors (spec section 20, LIBRARY.md utilities/GetResource). With a URI alone it reads
 * `$KEYSTORE/...` only; called with options it also reads files, relative to the swarmlet, and with a callback http(s)
 * URLs too.
 */
export function resourceReader(resources: Resources, clock: Clock): (uri: unknown, ...rest: unknown[]) => unknown {
  return (uri, ...rest) => {
    const text = String(uri);
    const [options, callback] = rest as [ResourceOptions, ResourceCallback | null | undefined];
    if (text.startsWith(KEYSTORE) && typeof callback !== 'function') return resources.key(text.slice(KEYSTORE.length));
    if (rest.length === 0) {
      throw new Error(`getResource(): only $KEYSTORE is supported with a URI alone; give options to read ${text}`);
    }
    if (typeof callback === 'function') {
      const over = clock.beginOperation();
      read(text, options, resources).then(
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
    return answer(text, options, resources.file(pathOf(text)));
  };
}

const KEYSTORE = '$KEYSTORE';

async function read(uri: string, options: ResourceOptions, resources: Resources): Promise<unknown> {
  if (uri.startsWith(KEYSTORE)) return resources.key(uri.slice(KEYSTORE.length));
  return answer(uri, options, isUrl(uri) ? await resources.url(uri, timeoutOf(options)) : await resources.fileLater(pathOf(uri)));
}

function answer(uri: string, options: ResourceOptions, bytes: Buffer): unknown {
  const text = bytes.toString(encodingOf(options));
  const withUri = typeof options === 'object' && options !== null && options.returnURI;
  return withUri ? { resource: text, uri } : text;
}

function isUrl(uri: string): boolean {
  return /^https?:\/\//i.test(uri);
}

function pathOf(uri: string): string {
  return uri.replace(/^file:\/\//, '');
}

function encodingOf(options: ResourceOptions): BufferEncoding {
  const encoding = typeof options === 'object' && options !== null ? options.encoding : options;
  return typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8';
}

function timeoutOf(options: ResourceOptions): number {
  const timeout = typeof options === 'object' && options !== null ? options.timeout : options;
  return typeof timeout === 'number' && timeout > 0 ? timeout : TIMEOUT_MS;
}
