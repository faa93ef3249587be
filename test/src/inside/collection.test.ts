import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sizeLimits } from '../../../src/envelope/index.ts';
import type { ServiceError } from '../../../src/errors.ts';
import { Collection, Room } from '../../../src/inside/collection.ts';

const it = suite('what a swarmlet pushes, piece by piece');
const tooMuch = ({ code }: ServiceError): boolean => code === 'QUOTA_EXCEEDED';

it('puts files together as they came', () => {
  const collection = new Collection(new Room());
  for (const [name, piece] of [
    ['a.js', 'on'],
    ['b.js', ''],
    ['a.js', 'e'],
    ['__proto__', '1'],
  ] as const)
    collection.add(name, piece);
  assert.equal(
    [...collection.files],
    [
      ['a.js', 'one'],
      ['b.js', ''],
      ['__proto__', '1'],
    ],
  );
});

it('holds no more than a box takes, over all pushes under way', () => {
  const room = new Room();
  const [first, second] = [new Collection(room), new Collection(room)];
  const half = 'x'.repeat(sizeLimits.swarmletBytes / 2);
  first.add('a.js', half);
  second.add('a.js', half);
  second.add('b.js', 'x');
  assert.throws(() => second.files, tooMuch);
  second.close();
  first.add('b.js', half);
  assert.is(first.files.size, 2);
  first.close();
  assert.ok(room.take(sizeLimits.swarmletBytes));
});

it('holds no more files than a swarmlet may have', () => {
  const collection = new Collection(new Room());
  for (let i = 0; i <= sizeLimits.files; i++) collection.add(`${i}.js`, '');
  assert.throws(() => collection.files, tooMuch);
});

it.run();
