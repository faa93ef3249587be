import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bundleRuntime } from '../../../support/isolate.ts';

const it = suite('code cache of an isolate');

const heapLimitMiB = (...args: readonly string[]): number => {
  const told = execFileSync(process.execPath, [...args, '-p', "require('v8').getHeapStatistics().heap_size_limit"], { encoding: 'utf8' });
  return Number(told) / 2 ** 20;
};

it('leaves the heap the limit that it was made with', () => {
  const { file } = bundleRuntime('hosts/node/isolate/child/code-cache.ts');
  const limit = heapLimitMiB('--max-old-space-size=96');
  assert.is(heapLimitMiB('--max-old-space-size=96', '--require', file), limit);
  assert.ok(limit < heapLimitMiB(), 'which is not the usual one');
});

it.run();
