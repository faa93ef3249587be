import { PassThrough } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FrameDecoder, FrameWriter } from '../../../../hosts/node/isolate/frames.ts';
import { parseReport } from '../../../../hosts/node/isolate/messages.ts';

const it = suite('frames');

function decode(chunks: Buffer[], cap = 100, bytes: Buffer[] = []): string[] {
  const texts: string[] = [];
  const decoder = new FrameDecoder(
    cap,
    (text) => texts.push(text),
    (body) => bytes.push(body),
  );
  for (const chunk of chunks) decoder.push(chunk);
  return texts;
}

it('reads frames however the stream is cut', () => {
  const stream = Buffer.from('\0\0\0\x02hi\0\0\0\x03\xe2\x82\xac\0\0\0\x01!', 'latin1');
  assert.equal(decode([stream]), ['hi', '€', '!']);
  assert.equal(decode([...stream].map((byte) => Buffer.from([byte]))), ['hi', '€', '!']);
  for (let at = 0; at < stream.length; at++) {
    assert.equal(decode([stream.subarray(0, at), stream.subarray(at)]), ['hi', '€', '!'], `cut at ${at}`);
  }
});

it('refuses a length of 0 or above the cap before any of the body came', () => {
  assert.throws(() => decode([Buffer.from([0, 0, 0, 0])]), /a frame of 0 bytes/);
  assert.throws(() => decode([Buffer.from([0, 0, 0, 101])]), /a frame of 101 bytes/);
  assert.throws(() => decode([Buffer.from([0x7f, 0xff, 0xff, 0xff])]), /2147483647 bytes/);
  assert.equal(decode([Buffer.from([0, 0, 0, 100]), Buffer.alloc(100, 'x')]), ['x'.repeat(100)]);
});

it('delivers nothing more once it is stopped, not even of the same chunk', () => {
  const texts: string[] = [];
  const take = (text: string): void => {
    texts.push(text);
    decoder.stop();
  };
  const decoder = new FrameDecoder(100, take, () => {});
  decoder.push(Buffer.from('\0\0\0\x01a\0\0\0\x01b', 'latin1'));
  decoder.push(Buffer.from('\0\0\0\x01c', 'latin1'));
  assert.equal(texts, ['a']);
});

it('keeps bytes as they are, in their order among texts', async () => {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  const writer = new FrameWriter(stream);
  writer.write('a');
  writer.writeBytes([Buffer.from([1, 0xff]), Buffer.from([0xfe])]);
  writer.write('b');
  await new Promise((resolve) => setImmediate(resolve));
  const whole = Buffer.concat(chunks);
  for (const pieces of [[whole], [...whole].map((byte) => Buffer.from([byte]))]) {
    const bytes: Buffer[] = [];
    assert.equal(decode(pieces, 100, bytes), ['a', 'b']);
    assert.equal(bytes, [Buffer.from([1, 0xff, 0xfe])]);
  }
});

it('writes the frames of one turn in one piece', async () => {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  const writer = new FrameWriter(stream);
  writer.write('a');
  writer.write('€');
  await new Promise((resolve) => setImmediate(resolve));
  assert.is(chunks.length, 1);
  assert.equal(decode(chunks), ['a', '€']);
});

const refused: [why: string, text: string][] = [
  ['no JSON', '{"type":'],
  ['no object', '[1]'],
  ['null', 'null'],
  ['an unknown report', '{"type":"reboot"}'],
  ['an output without a value', '{"type":"output","port":"out"}'],
  ['a port that is no text', '{"type":"output","port":7,"value":1}'],
  ['a count that is none', '{"type":"taken","count":-1}'],
  ['a count beyond whole numbers', '{"type":"taken","count":1e400}'],
  ['a reason that a child cannot give', '{"type":"startFailed","token":"t","phase":"load","reason":"cpu","message":""}'],
  ['an ending that is none', '{"type":"ended","token":"t","ending":"won","message":"","dropped":0}'],
  ['a key __proto__', '{"type":"output","port":"out","value":{"__proto__":{"admin":true}}}'],
  ['a hidden key __proto__', '{"type":"output","port":"out","value":[{"\\u005f_proto__":1}]}'],
  ['a value nested too deep', `{"type":"output","port":"out","value":${'['.repeat(65)}${']'.repeat(65)}}`],
  ['a message of more than 64 Ki characters', JSON.stringify({ type: 'refused', message: 'x'.repeat(70_000) })],
];
for (const [why, text] of refused) it(`refuses ${why} as a report`, () => assert.throws(() => parseReport(text)));

it('takes reports as they are, brackets and names in texts included', () => {
  const value = {
    text: `${'['.repeat(500)} "__proto__" \u0007`,
    list: [[1, null]],
    nested: JSON.parse(`${'['.repeat(60)}${']'.repeat(60)}`),
  };
  assert.equal(parseReport(JSON.stringify({ type: 'output', port: 'constructor', value })), { type: 'output', port: 'constructor', value });
});

it.run();
