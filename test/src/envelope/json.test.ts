import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseJson } from '../../../src/envelope/index.ts';
import { code } from '../../support/envelopes.ts';

const it = suite('JSON');
const refused = (text: string | Buffer, words = '') => assert.throws(() => parseJson(text, 'frame'), code('MALFORMED', words));
const nested = (depth: number, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth);

const plain = fc.jsonValue({ maxDepth: 5 });
const forbidden = /"(__proto__|constructor|prototype)"/;

it('gives what JSON.parse gives', () => {
  fc.assert(
    fc.property(plain, fc.constantFrom(0, 1, '\t'), (value, space) => {
      const text = JSON.stringify(value, null, space);
      fc.pre(!forbidden.test(text));
      assert.equal(JSON.stringify(parseJson(text, 'x')), JSON.stringify(value));
      assert.equal(JSON.stringify(parseJson(Buffer.from(text), 'x')), JSON.stringify(value));
    }),
  );
});

it('takes nothing that JSON.parse refuses, and throws nothing but MALFORMED', () => {
  const text = fc.string({ unit: fc.constantFrom(...'{}[]:,"\\ue1-.0 ntab\n'), maxLength: 20 });
  fc.assert(
    fc.property(text, (candidate) => {
      try {
        parseJson(candidate, 'x');
      } catch (error) {
        return code('MALFORMED')(error);
      }
      JSON.parse(candidate);
      return true;
    }),
    { numRuns: 3000 },
  );
});

for (const [name, text] of Object.entries({
  'a key that stands twice': '{"a":1,"a":2}',
  'a key that stands twice, once in escapes': '{"a":1,"\\u0061":2}',
  'a key that stands twice, with blanks before the colon': '{"a" :1,"a"\n:2}',
  'a key that stands twice, deep inside': '[{"x":[{"b":0,"a":{},"b":1}]}]',
  'a key that stands twice after a string with quotes': '{"a":"\\"}\\\\","a":2}',
})) {
  it(`refuses ${name}`, () => refused(text, 'stands twice'));
}

it('takes one key in two objects, and values that are the same', () => {
  const text = '{"a":{"a":"a"},"b":[{"a":1},{"a":1},"a","a"]}';
  assert.equal(parseJson(text, 'x'), JSON.parse(text));
});

for (const key of ['__proto__', 'constructor', 'prototype', '\\u005f_proto__', 'proto\\u0074ype']) {
  it(`refuses the key ${key} at any depth`, () => {
    refused(`{"${key}":1}`, 'is not allowed');
    refused(`[[{"a":{"${key}":{}}}]]`, 'is not allowed');
  });
}

it('takes such a word as a value', () => {
  assert.equal(parseJson('["__proto__","constructor"]', 'x'), ['__proto__', 'constructor']);
});

it('takes a depth of 32 and refuses 33', () => {
  assert.equal(JSON.stringify(parseJson(nested(32), 'x')), nested(32));
  refused(nested(33), 'nested deeper than 32');
  refused(nested(33, '{"a":', '}'), 'nested deeper than 32');
});

it('refuses half a million brackets without running out of stack', () => {
  refused('['.repeat(500_000), 'nested');
  refused('{"a":'.repeat(200_000), 'nested');
});

it('counts no brackets inside strings', () => {
  const text = JSON.stringify([nested(1000), '{'.repeat(1000), '"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\']);
  assert.equal(parseJson(text, 'x'), JSON.parse(text));
});

for (const number of ['1e400', '-1e400', `1${'0'.repeat(309)}`, '[0,2e999]']) {
  it(`refuses the number ${number.slice(0, 12)}, which would become infinite`, () => refused(number, 'too large'));
}

it('takes the largest number', () => {
  assert.is(parseJson('1.7976931348623157e308', 'x'), Number.MAX_VALUE);
});

it('refuses bytes that are not UTF-8, and names the text', () => {
  refused(Buffer.from([0x22, 0xff, 0x22]), 'frame: not UTF-8');
  refused(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'not UTF-8'); // a surrogate
  refused(Buffer.from([0x22, 0xc0, 0x80, 0x22]), 'not UTF-8'); // an overlong zero
});

it('refuses a byte-order mark', () => {
  refused(Buffer.from('\ufeff{}'), 'byte-order mark');
  refused('\ufeff{}', 'byte-order mark');
});

for (const text of [
  '',
  ' ',
  '{} {}',
  '{}x',
  '{',
  '"',
  '"\\',
  'nul',
  "{'a':1}",
  '{a:1}',
  '[1,]',
  '{"a":1,}',
  '01',
  '.5',
  'NaN',
  '"\u0001"',
  '{"a\\x":1}',
]) {
  it(`refuses ${JSON.stringify(text)}`, () => refused(text));
}

it.run();
