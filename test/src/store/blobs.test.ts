import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryBlobs } from '../../../src/store/index.ts';
import { code } from '../../support/envelopes.ts';

const it = suite('blobs');
const bytes = (size: number): Buffer => Buffer.alloc(size, 7);

it('keeps what a version names, however much comes after it', async () => {
  const blobs = new MemoryBlobs({ loose: 100 });
  await blobs.put('a', bytes(60));
  blobs.keep(['a']);
  await blobs.put('b', bytes(60));
  await blobs.put('c', bytes(60));
  assert.equal([blobs.has('a'), blobs.has('b'), blobs.has('c')], [true, false, true]);
  assert.is((await blobs.get('a'))?.length, 60);
  assert.is(await blobs.get('b'), undefined);
});

it('forgets what two versions named only after both are gone', async () => {
  const blobs = new MemoryBlobs({ loose: 100 });
  await blobs.put('a', bytes(60));
  blobs.keep(['a']);
  blobs.keep(['a']);
  blobs.release(['a']);
  assert.is(blobs.keptBytes, 60);
  blobs.release(['a']);
  assert.is(blobs.keptBytes, 0);
  assert.ok(blobs.has('a'), 'the next push may name it again');
  await blobs.put('b', bytes(60));
  assert.not(blobs.has('a'));
});

it('refuses to keep more than its bound, and then keeps nothing of it', async () => {
  const blobs = new MemoryBlobs({ kept: 100 });
  await blobs.put('a', bytes(60));
  await blobs.put('b', bytes(60));
  blobs.keep(['a']);
  assert.throws(() => blobs.keep(['a', 'b']), code('QUOTA_EXCEEDED'));
  assert.is(blobs.keptBytes, 60);
  blobs.release(['a']);
  assert.is(blobs.keptBytes, 0);
});

it.run();
