import type { EdgeScope } from '../../edge/index.ts';
import type { Resources } from '../../resource.ts';

/** As much of the module `http-client` as is needed here. */
interface HttpClient {
  request(options: Readonly<Record<string, unknown>>, callback: (message: Message) => void): HttpRequest;
}
interface HttpRequest {
  on(event: 'error', listener: (error: Error) => void): void;
  end(): void;
}
interface Message {
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** A server may send on so often. */
const REDIRECTS = 5;

/**
 * What `getResource` reads in an isolate: files that travelled with the swarmlet, then those of its own folder; URLs as
 * `http-client` does, which must be granted. Nothing of the box is a resource.
 */
export function resourcesInside(
  files: ReadonlyMap<string, string>,
  scope: Pick<EdgeScope, 'folder'>,
  require: (name: string) => unknown,
): Resources {
  const file = (path: string): Buffer => {
    const carried = files.get(path.replace(/^(?:\.?\/)+/, ''));
    return carried === undefined ? ownFile(path, scope) : Buffer.from(carried);
  };
  return {
    key: (path) => {
      throw new Error(`$KEYSTORE${path} is not on a box: push it as a parameter, with --secret NAME=@FILE`);
    },
    file,
    fileLater: async (path) => file(path),
    url: async (url, timeoutMs) => followed(require('http-client') as HttpClient, url, timeoutMs),
  };
}

function ownFile(path: string, scope: Pick<EdgeScope, 'folder'>): Buffer {
  try {
    return scope.folder('/').read(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const text =
      code === 'ENOENT'
        ? `${path} is neither carried by the swarmlet nor in its own folder`
        : `The swarmlet carries no file ${path}. ${message}`;
    throw Object.assign(new Error(text, { cause: error }), { code });
  }
}

async function followed(client: HttpClient, url: string, timeoutMs: number): Promise<Buffer> {
  for (let at = url, left = REDIRECTS; ; left--) {
    const { statusCode, statusMessage, headers, body } = await fetched(client, at, timeoutMs);
    if (statusCode >= 200 && statusCode < 300) return body;
    const isSentOn = [301, 302, 303, 307, 308].includes(statusCode) && headers.location !== undefined && left > 0;
    if (!isSentOn) throw new Error(`${at}: ${statusCode} ${statusMessage}`);
    at = new URL(headers.location as string, at).href;
  }
}

function fetched(client: HttpClient, url: string, timeout: number): Promise<Message> {
  return new Promise((resolve, reject) => {
    const request = client.request({ url, timeout, bytes: true }, resolve);
    request.on('error', reject);
    request.end();
  });
}
