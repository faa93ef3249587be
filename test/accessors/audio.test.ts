import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { give, type Live, live, Outputs, Reports } from '../support/live.ts';

const it = suite('AudioIoWavFile');
const folder = mkdtempSync(join(tmpdir(), 'wav-'));
let host: Live;
let reports: Reports;

it.before.each(() => {
  host = live();
  reports = new Reports();
});
it.after.each(() => {
  host.end();
  reports.restore();
});
it.after(() => rmSync(folder, { recursive: true }));

/** A WAV file with a chunk of odd length before its samples. */
function wav(kind: number, channels: number, bits: number, data: Buffer): string {
  const chunk = (name: string, body: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.write(name, 'latin1');
    head.writeUInt32LE(body.length, 4);
    return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
  };
  const format = Buffer.alloc(16);
  format.writeUInt16LE(kind, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(8000, 4);
  format.writeUInt16LE(bits, 14);
  const body = Buffer.concat([Buffer.from('WAVE'), chunk('fmt ', format), chunk('LIST', Buffer.from('odd')), chunk('data', data)]);
  const path = join(folder, `${kind}-${channels}-${bits}.wav`);
  const head = Buffer.from('RIFF\0\0\0\0', 'latin1');
  head.writeUInt32LE(body.length, 4);
  writeFileSync(path, Buffer.concat([head, body]));
  return path;
}

const float = Buffer.alloc(8);
float.writeFloatLE(0.25, 0);
float.writeFloatLE(-1, 4);

for (const [title, path, samples] of [
  ['8 bits', wav(1, 1, 8, Buffer.from([0, 128, 192])), [-1, 0, 0.5]],
  ['16 bits', wav(1, 1, 16, Buffer.from('00800040', 'hex')), [-1, 0.5]],
  ['24 bits', wav(1, 1, 24, Buffer.from('000080000040', 'hex')), [-1, 0.5]],
  ['32 bits', wav(1, 1, 32, Buffer.from('00000080', 'hex')), [-1]],
  ['floating point', wav(3, 1, 32, float), [0.25, -1]],
  [
    'two channels',
    wav(1, 2, 16, Buffer.from('0040008000c00000', 'hex')),
    [
      [0.5, -0.5],
      [-1, 0],
    ],
  ],
] as const) {
  it(`reads samples: ${title}`, async () => {
    const accessor = host.run('audioIo/AudioIoWavFile');
    const outputs = new Outputs(accessor);
    give(accessor, { wavfile: path });
    assert.equal(await outputs.value('wavdata'), samples);
  });
}

for (const [title, make, message] of [
  ['no file', () => join(folder, 'none'), /ENOENT/],
  [
    'no WAV file',
    () => {
      writeFileSync(join(folder, 'text'), 'hello');
      return join(folder, 'text');
    },
    /text: this is no WAV file/,
  ],
  ['another compression', () => wav(7, 1, 8, Buffer.from([0])), /samples of kind 7 with 8 bits in 1 channels cannot be read/],
] as const) {
  it(`reports ${title}`, async () => {
    give(host.run('audioIo/AudioIoWavFile'), { wavfile: make() });
    await reports.matching(message);
  });
}

it.run();
