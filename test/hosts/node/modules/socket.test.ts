import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FrameReader, header } from '../../../../hosts/node/modules/socket/framing.ts';
import { decodeMessage, encode, StreamDecoder } from '../../../../hosts/node/modules/socket/types.ts';

const it = suite('socket: framing and types');

/** Cuts bytes at the given places. */
function cut(data: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set([0, ...places.map((place) => place % (data.length + 1)), data.length])].sort((a, b) => a - b);
  return at.slice(1).map((end, i) => data.subarray(at[i], end));
}

it('messages of any length arrive whole and in order, however they are torn apart', () => {
  const lengths = fc.oneof(fc.integer({ min: 0, max: 600 }), fc.constantFrom(0, 1, 253, 254, 255, 256, 65_536));
  fc.assert(
    fc.property(fc.array(lengths, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 30 }), (sizes, places) => {
      const messages = sizes.map((size, i) => Buffer.alloc(size, i));
      const line = Buffer.concat(messages.flatMap((message) => [header(message.length), message]));
      const reader = new FrameReader();
      assert.equal(
        cut(line, places).flatMap((part) => reader.read(part)),
        messages,
      );
    }),
    { numRuns: 300 },
  );
});

it('a long message in many small parts is not copied at each of them', () => {
  const reader = new FrameReader();
  const length = 64 * 2 ** 20;
  const part = Buffer.alloc(1024);
  reader.read(header(length));
  let messages: Buffer[] = [];
  // Copied at each, that would be terabytes, which the bound of this file does not allow.
  for (let sent = 0; sent < length; sent += part.length) messages = reader.read(part);
  assert.is(messages[0]?.length, length);
});

it('numbers of every type come back, torn apart or not', () => {
  for (const type of ['byte', 'short', 'int', 'unsignedbyte', 'unsignedshort', 'double', 'number'] as const) {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 127 }), { minLength: 2, maxLength: 20 }), fc.array(fc.nat()), (values, places) => {
        const data = encode(values, type);
        assert.equal(decodeMessage(data, type), values);
        const decoder = new StreamDecoder(type, false);
        assert.equal(
          cut(data, places).flatMap((part) => decoder.decode(part)),
          values,
        );
      }),
    );
  }
});

it('a batch is what a part brought', () => {
  assert.equal(new StreamDecoder('byte', true).decode(Buffer.from([1, 2])), [[1, 2]]);
});

it.run();
