import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { libraryReference } from '../../../src/reference/index.ts';
import { Person } from '../../support/cli.ts';
import { folderWith } from '../../support/folder.ts';

const it = suite('accessors list, describe');
const folder = folderWith({
  'Lamp.js': '/** Shines.\n *  @input on  boolean, default false; as long as it is true */\nexports.setup = function () {};\n',
  'Dark.js': 'exports.setup = function () {};\n',
  'Wrong.ts': '/** Shines.\n *  @input on */\nexport function setup() {}\n',
});
it.after(folder.remove);
const person = new Person(folder.path);

it('lists every class with the first sentence of its purpose', async () => {
  const { code, out } = await person.type(['list']);
  assert.is(code, 0);
  assert.is(out.trimEnd().split('\n').length, libraryReference().length + 1);
  assert.match(out, /^utilities\/Clock +Sends 0 at initialization, then 1, 2, \.\.\. every `interval`$/m);
});

it('lists those with a text in class, purpose or names of ports', async () => {
  const classes = async (text: string): Promise<string[]> => {
    const { out } = await person.type(['list', text, '--json']);
    return JSON.parse(out).map((reference: { class: string }) => reference.class);
  };
  assert.equal(await classes('utilities/throttle'), ['utilities/Throttle']);
  assert.equal(await classes('HYSTERESIS'), ['utilities/Threshold']);
  assert.equal(await classes('fftOutput'), ['signals/FFT']);
  const { code, err } = await person.type(['list', 'perpetuum']);
  assert.is(code, 3);
  assert.match(err, "No accessor has 'perpetuum' in its header. See: accessors list");
});

it('describes a class: purpose, ports, errors, example', async () => {
  const { code, out } = await person.type(['describe', 'utilities/RateLimit']);
  assert.is(code, 0);
  assert.match(out, /^utilities\/RateLimit\n\nSends at most `count` values in any `interval`\./);
  assert.match(out, '\nInputs:\n  input     any\n\nOutputs:\n  output    any\n  dropped   any\n\nParameters:\n');
  assert.match(out, '\n  interval  number, default 1000  ms, more than 0\n');
  assert.match(out, '\nErrors:\n  initialize');
  assert.match(out, "\nExample:\n  const limit = this.instantiate('limit', 'utilities/RateLimit');\n");
});

it("describes a user's own file by its path, with and without its ending", async () => {
  for (const path of ['Lamp.js', 'Lamp']) {
    const { code, out } = await person.type(['describe', join(folder.path, path)]);
    assert.is(code, 0);
    assert.match(out, 'Inputs:\n  on  boolean, default false  as long as it is true\n');
  }
});

it('writes the reference of the library, and of a folder, as one page', async () => {
  const out = join(folder.path, 'made/reference');
  const { code, out: said } = await person.type(['reference', '--out', out]);
  assert.equal([code, said], [0, `${join(out, 'index.html')}: ${libraryReference().length} accessors\n`]);
  const page = readFileSync(join(out, 'index.html'), 'utf8');
  for (const { class: name } of libraryReference()) assert.ok(page.includes(`<article id="${name}">`), name);
  const own = folderWith({
    'lights/Lamp.js': '/** Shines.\n *  @input on  boolean; <b>as</b> long as `true` */\nexports.setup = function () {};\n',
  });
  const some = await person.type(['reference', own.path, '--out', out, '--json']);
  assert.equal(JSON.parse(some.out), { file: join(out, 'index.html'), accessors: 1 });
  assert.match(readFileSync(join(out, 'index.html'), 'utf8'), '<td>&lt;b&gt;as&lt;/b&gt; long as <code>true</code></td>');
  own.remove();
});

it('says why there is no reference', async () => {
  for (const [words, code, message] of [
    [['reference'], 2, /--out takes the folder/],
    [['reference', './none', '--out', folder.path], 3, /There is no folder \.\/none/],
    [['reference', '--out', join(folder.path, 'Lamp.js')], 1, /Cannot write .*Lamp\.js.*\. Give another folder with --out/],
    [['reference', folder.path, '--out', folder.path], 1, /Dark\.js has no header/],
  ] as const) {
    const said = await person.type([...words]);
    assert.is(said.code, code);
    assert.match(said.err, message);
  }
});

it('prints JSON for programs', async () => {
  const { out } = await person.type(['describe', 'utilities/Smooth', '--json']);
  const { class: accessorClass, parameters } = JSON.parse(out);
  assert.is(accessorClass, 'utilities/Smooth');
  assert.equal(parameters, [
    { name: 'factor', type: 'number', value: 0.2, note: 'more than 0, at most 1 (no smoothing), read at initialization' },
  ]);
});

it('says which class was probably meant', async () => {
  for (const [asked, hint] of [
    ['net/rest', ' (did you mean net/REST?)'],
    ['REST', ' (did you mean net/REST?)'],
    ['utility/Throttle', ' (did you mean utilities/Throttle?)'],
    ['Debuonce', ' (did you mean utilities/Debounce?)'],
    ['perpetuum', ''],
  ]) {
    const { code, err } = await person.type(['describe', asked as string]);
    assert.is(code, 3);
    assert.is(err, `accessors: There is no accessor '${asked}'${hint}. See: accessors list\n`);
  }
});

it('says what a file without a header lacks, and which line of one it cannot read', async () => {
  const dark = await person.type(['describe', join(folder.path, 'Dark')]);
  assert.is(dark.code, 1);
  assert.match(dark.err, /Dark\.js has no header: a comment .* right before setup/);
  const wrong = await person.type(['describe', join(folder.path, 'Wrong')]);
  assert.is(wrong.code, 1);
  assert.match(wrong.err, /Wrong\.ts: The header says of a port: on; expected: NAME TYPE/);
});

it.run();
