import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decode, encode, fromPixels } from '../../hosts/node/modules/images/picture.ts';
import { give, type Live, live, needing, Outputs, Reports } from '../support/live.ts';

const it = suite('image');
const withTesseract = needing(it, 'tesseract', spawnSync('tesseract', ['--version']).status === 0);
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

type Colour = readonly [number, number, number];
const black: Colour = [0, 0, 0];
const white: Colour = [255, 255, 255];
const red: Colour = [255, 0, 0];

/** Bytes of a picture whose pixels are what `at` says. */
async function picture(width: number, height: number, at: (x: number, y: number) => Colour, mime = 'image/png'): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 4, 255);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(at(x, y), (y * width + x) * 4);
  const made = fromPixels(width, height, data);
  made.mime = mime;
  return await encode(made);
}

async function colours(image: unknown): Promise<Colour[]> {
  const { bitmap } = await decode(image);
  return Array.from({ length: bitmap.width * bitmap.height }, (_, i) => [...bitmap.data.subarray(i * 4, i * 4 + 3)] as unknown as Colour);
}

const halves = (x: number): Colour => (x < 2 ? red : white);

for (const [filter, options, expected] of [
  ['Invert', {}, [0, 255, 255]],
  ['gray', {}, [54, 54, 54]],
  ['Threshold', { level: 50 }, [255, 255, 255]],
  ['Threshold', { level: 200 }, [0, 0, 0]],
  ['FlipHorizontal', {}, [255, 255, 255]],
  ['Brightness', { amount: -1 }, [0, 0, 0]],
] as const) {
  it(`ImageFilter ${filter} ${JSON.stringify(options)} makes of red ${expected}`, async () => {
    const accessor = host.run('image/ImageFilter', {}, { filter, options });
    const outputs = new Outputs(accessor);
    give(accessor, { input: await picture(4, 2, halves) });
    const [first] = await colours(await outputs.value('output'));
    assert.equal(first, expected);
  });
}

it('ImageFilter makes pictures smaller, in their format', async () => {
  const accessor = host.run('image/ImageFilter', {}, { filter: 'Resize', options: { width: 3, height: 5 } });
  const outputs = new Outputs(accessor);
  give(accessor, { input: await picture(40, 20, () => white, 'image/jpeg') });
  const { width, height, mime } = await decode(await outputs.value('output'));
  assert.equal([width, height, mime], [3, 5, 'image/jpeg']);
});

it('ImageFilter sends pictures in the order in which they came, the large one first', async () => {
  const accessor = host.run('image/ImageFilter', {}, { filter: 'Invert' });
  const outputs = new Outputs(accessor);
  give(accessor, { input: await picture(500, 500, () => white) });
  give(accessor, { input: await picture(1, 1, () => white) });
  const sizes = (await outputs.values('output', 2)).map(async (image) => (await decode(image)).width);
  assert.equal(await Promise.all(sizes), [500, 1]);
});

for (const [title, inputs, message] of [
  [
    'a filter that there is not',
    async () => ({ filter: 'Magic', input: await picture(1, 1, () => red) }),
    /There is no filter Magic; the filters are gray/,
  ],
  [
    'a name of every object',
    async () => ({ filter: 'constructor', input: await picture(1, 1, () => red) }),
    /There is no filter constructor/,
  ],
  ['text', async () => ({ filter: 'Blur', input: 'hello' }), /should be bytes of a PNG, JPEG, BMP or GIF file, got a string/],
  ['bytes of something else', async () => ({ filter: 'Blur', input: Buffer.from('hello') }), /These 5 bytes are no PNG, JPEG, BMP or GIF/],
  [
    'an option out of range',
    async () => ({ filter: 'Blur', options: { radius: 1e9 }, input: await picture(1, 1, () => red) }),
    /radius should be a number from 1 to 100, got 1000000000/,
  ],
] as const) {
  it(`ImageFilter reports ${title}, and works on`, async () => {
    const accessor = host.run('image/ImageFilter');
    const outputs = new Outputs(accessor);
    give(accessor, await inputs());
    await reports.matching(message);
    give(accessor, { filter: 'Invert', options: '', input: await picture(1, 1, () => white) });
    assert.equal(await colours(await outputs.value('output')), [black]);
  });
}

it('ComputerVision makes pictures gray by default', async () => {
  const accessor = host.run('image/ComputerVision');
  const outputs = new Outputs(accessor);
  give(accessor, { input: await picture(1, 1, () => red) });
  assert.equal(await colours(await outputs.value('output')), [[54, 54, 54]]);
});

const dot = '<svg xmlns="http://www.w3.org/2000/svg" width="2" height="1"><rect width="1" height="1" fill="#f00"/></svg>';

it('ImageAnnotate draws a graphic where it belongs, also from a file', async () => {
  const file = join(tmpdir(), `annotate-${process.pid}.svg`);
  writeFileSync(file, dot);
  for (const graphic of [{ graphic: dot }, { graphicURI: file }]) {
    const accessor = host.run('image/ImageAnnotate', {}, graphic);
    const outputs = new Outputs(accessor);
    give(accessor, { translate: { x: 1, y: 1 }, image: await picture(3, 2, () => black) });
    assert.equal(await colours(await outputs.value('output')), [black, black, black, black, red, black]);
  }
  rmSync(file);
});

it('ImageAnnotate draws letters, each as it looks, in one font whatever was asked for', async () => {
  const drawn = async (text: string, attributes = ''): Promise<boolean[]> => {
    const graphic = `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><text x="2" y="20" font-size="20" fill="#f00" ${attributes}>${text}</text></svg>`;
    const accessor = host.run('image/ImageAnnotate', {}, { graphic });
    const outputs = new Outputs(accessor);
    give(accessor, { image: await picture(24, 24, () => black) });
    return (await colours(await outputs.value('output'))).map(([level]) => level > 127);
  };
  const [none, letter, other, umlaut] = [await drawn(''), await drawn('I'), await drawn('L'), await drawn('ä')];
  const count = (pixels: readonly boolean[]): number => pixels.filter(Boolean).length;
  assert.is(count(none), 0);
  for (const pixels of [letter, other, umlaut]) assert.ok(count(pixels) > 20, `${count(pixels)} pixels of a letter`);
  const foot = 24 * 19; // the row above the line that letters stand on
  assert.ok(count(other.slice(foot, foot + 24)) > count(letter.slice(foot, foot + 24)), 'an L has a foot, an I has none');
  for (const family of ['Arial', 'serif', 'monospace', 'fantasy']) assert.equal(await drawn('L', `font-family="${family}"`), other, family);
});

it('ImageAnnotate scales and turns', async () => {
  const accessor = host.run('image/ImageAnnotate', {}, { graphic: dot, scale: 2, rotation: 180 });
  const outputs = new Outputs(accessor);
  give(accessor, { image: await picture(4, 2, () => black) });
  const row = [black, black, red, red];
  assert.equal(await colours(await outputs.value('output')), [...row, ...row]);
});

it('ImageAnnotate reports what is no SVG', async () => {
  const accessor = host.run('image/ImageAnnotate', {}, { graphic: '<svg' });
  give(accessor, { image: await picture(1, 1, () => red) });
  await reports.matching(/no SVG that can be drawn/);
});

it('MotionDetector tells how much differs, and where', async () => {
  const accessor = host.run('image/MotionDetector');
  const outputs = new Outputs(accessor);
  const moved = await picture(4, 4, (x, y) => (x >= 2 && y >= 2 ? white : black));
  for (const input of [await picture(4, 4, () => black), moved, moved]) give(accessor, { input });
  assert.equal(await outputs.values('area', 2), [25, 0]);
  assert.equal(outputs.of('cog'), [{ x: 2.5, y: 2.5 }]);
  assert.equal(outputs.of('output'), [moved]);
});

it('ImageDisplay shows pictures in a page, and passes them on', async () => {
  const { log } = console;
  const address = new Promise<string>((resolve) => {
    console.log = (line: string) => resolve(/http:\S+/.exec(line)?.[0] ?? line);
  });
  const accessor = host.run('image/ImageDisplay');
  const outputs = new Outputs(accessor);
  const image = await picture(2, 2, () => red);
  const url = await address.finally(() => {
    console.log = log;
  });
  give(accessor, { input: image });
  assert.equal(await outputs.value('output'), image);
  assert.match(await (await fetch(url)).text(), /<title>ImageDisplay<\/title>[\s\S]*<img id="image"/);
  const shown = await fetch(`${url}/image?1`);
  assert.equal([shown.headers.get('content-type'), Buffer.from(await shown.arrayBuffer())], ['image/png', image]);
  give(accessor, { input: 'no picture' });
  await reports.matching(/A picture should be bytes of a PNG, JPEG, GIF, BMP, WebP or SVG file, got "no picture"/);
});

withTesseract('CharacterRecognition reads text', async () => {
  const letters = ['#..#.#', '#..#.#', '####.#', '#..#.#', '#..#.#'];
  const size = 24;
  const at = (x: number, y: number): Colour => (letters[Math.floor(y / size) - 2]?.[Math.floor(x / size) - 2] === '#' ? black : white);
  const accessor = host.run('image/CharacterRecognition', {}, { options: { pageSegmentation: 7 } });
  const outputs = new Outputs(accessor);
  give(accessor, { input: await picture(10 * size, 9 * size, at) });
  assert.match(String(await outputs.value('text')), /^H[Il|1]$/);
  give(accessor, { input: Buffer.from('no picture') });
  await reports.matching(/tesseract ended with 1/);
});

it.run();
