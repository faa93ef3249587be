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
