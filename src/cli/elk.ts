import { createRequire } from 'node:module';
import { join } from 'node:path';
import elkApi from 'elkjs/lib/elk-api.js';
import { packageRoot } from '../../hosts/node/index.ts';
import type { Layouter } from '../graph/index.ts';

/** The layouter of the page, in this process: the file that a browser runs in a worker stands for a worker here. */
export function elkHere(): Layouter {
  const { Worker } = createRequire(import.meta.url)(join(packageRoot, 'dist/page/elk-worker.cjs')) as { Worker: new () => never };
  return new elkApi.default({ workerFactory: () => new Worker() });
}
