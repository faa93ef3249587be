import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Gives back everything that nobody holds. Twice, as what was held weakly in this turn goes only at the second time. */
export function collect(): void {
  gc();
  gc();
}

/** Bytes in use on the heap once all garbage is gone, in a turn of its own. */
export async function heapInUse(): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  return process.memoryUsage().heapUsed;
}
