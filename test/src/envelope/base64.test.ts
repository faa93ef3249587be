import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeBase64 } from '../../../src/envelope/index.ts';
import { code } from '../../support/envelopes.ts';

const it = suite('base64');

it('gives back the bytes that were encoded', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = Buffer.from(bytes).toString('base64');
      assert.ok(decodeBase64(text, 'x').equals(bytes));
    }),
  );
});

it('takes no text but the one that encoding gives', () => {
  const text = fc.string({ unit: fc.constantFrom(...'ABQgw+/=-_ \n'), maxLength: 12 });
  fc.assert(
    fc.property(text, (candidate) => {
      let bytes: Buffer;
      try {
        bytes = decodeBase64(candidate, 'x');
      } catch (error) {
        return code('MALFORMED', 'x: ')(error);
      }
      return bytes.toString('base64') === candidate;
    }),
    { numRuns: 2000 },
  );
});

for (const [name, text] of Object.entries({
  'junk inside': 'aGVs!!bG8=',
  'a line end': 'aGVsbG8=\n',
  'a blank': 'aGVs bG8=',
  'no padding': 'aGVsbG8',
  'loose bits after one byte': 'aR==',
  'loose bits after two bytes': 'aGV=',
  'the URL alphabet': '_-8=',
  'padding in the middle': 'aA==aA==',
  'padding alone': '====',
  'three paddings': 'a===',
})) {
  it(`refuses ${name}`, () => {
    assert.throws(() => decodeBase64(text, 'payload'), code('MALFORMED', 'payload: '));
  });
}

it('refuses what is no text', () => {
  assert.throws(() => decodeBase64(5, 'x'), code('MALFORMED'));
});

it('takes the empty text for no bytes', () => {
  assert.is(decodeBase64('', 'x').length, 0);
});

it.run();
