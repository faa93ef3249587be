import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { carriedName } from '../../../hosts/node/index.ts';

const it = suite('carried name');

it('is one name for all ways to ask for one file', () => {
  const cases: [asked: string, file: string][] = [
    ['B', 'B.js'],
    ['B.js', 'B.js'],
    ['./a/B', 'a/B.js'],
    ['././a//B.js', 'a/B.js'],
    ['a/./B.ts', 'a/B.js'],
    ['a.b', 'a.b.js'],
    ['../B', '../B.js'],
    ['/a/B', '/a/B.js'],
  ];
  for (const [asked, file] of cases) assert.is(carriedName(asked), file);
});

it.run();
