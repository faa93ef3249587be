import { existsSync, promises, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Source } from '../common/index.ts';
import type { Resources } from './resource.ts';

/** Files of this machine, and whatever its network reaches. */
export function plainResources(source: Source): Resources {
  return {
    key: (path) => readFileSync(inKeystore(path), 'utf8'),
    file: (path) => readFileSync(locate(path, source)),
    fileLater: (path) => promises.readFile(locate(path, source)),
    url: async (url, timeoutMs) => {
      const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
      if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
      return Buffer.from(await response.arrayBuffer());
    },
  };
}

function inKeystore(path: string): string {
  const { HOME } = process.env;
  if (!HOME) throw new Error(`getResource(): $KEYSTORE${path} needs the environment variable HOME, below which .ptKeystore lies`);
  return join(HOME, '.ptKeystore', path);
}

/** A relative path is looked for beside the swarmlet, then in the working folder. */
function locate(path: string, source: Source): string {
  const beside = source.file === undefined ? undefined : resolve(dirname(source.file), path);
  return beside !== undefined && existsSync(beside) ? beside : resolve(path);
}
