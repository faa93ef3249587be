import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkFile, contentDigest, fileEntry } from '../../../src/envelope/index.ts';
import { code } from '../../support/envelopes.ts';

const it = suite('carried files');

it('takes the bytes that an entry names, and no others', () => {
  const entry = fileEntry('caf\u00e9');
  assert.is(entry.size, 5);
  checkFile('A.js', entry, Buffer.from('caf\u00e9'));
  assert.throws(
    () => checkFile('A.js', entry, Buffer.from('cafe')),
    code('DIGEST_MISMATCH', '"A.js" should have 5 bytes, but has 4 bytes'),
  );
  assert.throws(() => checkFile('A.js', entry, Buffer.from('caf\u00e8')), code('DIGEST_MISMATCH', entry.sha256));
});

it('digests equal code equally: main first, the rest by name', () => {
  const entry = (digit: string) => ({ sha256: digit.repeat(64), size: 1 });
  const lines = `b.js\0${'2'.repeat(64)}\nB.js\0${'3'.repeat(64)}\na.js\0${'1'.repeat(64)}\n`;
  const expected = `sha256:${createHash('sha256').update(lines).digest('hex')}`;
  assert.is(contentDigest('b.js', { 'a.js': entry('1'), 'b.js': entry('2'), 'B.js': entry('3') }), expected);
  assert.is(contentDigest('b.js', { 'B.js': entry('3'), 'b.js': entry('2'), 'a.js': entry('1') }), expected);
  assert.is.not(contentDigest('a.js', { 'a.js': entry('1'), 'b.js': entry('2'), 'B.js': entry('3') }), expected);
});

it('sorts names by their bytes, not by the units of JavaScript', () => {
  const entry = { sha256: '0'.repeat(64) };
  const [low, high] = ['\uff5e.js', '\u{10000}.js']; // in UTF-16 the second comes first
  const lines = ['main.js', low, high].map((name) => `${name}\0${entry.sha256}\n`).join('');
  const expected = `sha256:${createHash('sha256').update(lines).digest('hex')}`;
  assert.is(contentDigest('main.js', { [high]: entry, [low]: entry, 'main.js': entry }), expected);
});

it.run();
