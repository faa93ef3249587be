import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BoundedMap } from '../../../hosts/node/bounded-map.ts';

const it = suite('bounded map');

it('lets the oldest entry go for one too many, and takes one that is set again for new', () => {
  const map = new BoundedMap<number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  map.set('c', 4);
  assert.is(map.get('b'), undefined);
  assert.is(map.get('a'), 3);
  assert.is(map.has('c'), true);
});

it.run();
