import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Person } from '../../support/cli.ts';
import { folderWith } from '../../support/folder.ts';

const it = suite('accessors graph');

const folder = folderWith({
  'Plant.js': `exports.setup = function () {
    var clock = this.instantiate('clock', 'test/TestSpontaneous'), room = this.instantiate('room', './Room');
    this.connect(clock, 'output', room, 'tick');
  };
  exports.initialize = function () { require('nowhere'); console.log('never'); };`,
  'Room.ts': `export function setup(this: any): void {
    this.input('tick');
    const gain: unknown = this.instantiate('gain', 'test/TestGain');
    this.connect('tick', gain, 'input');
  }`,
  'Unfinished.js': 'exports.setup = function () {\n',
  'Broken.js': 'exports.setup = function () { this.connect("a", "b"); };',
});
const person = new Person(folder.path);
const at = (name: string): string => join(folder.path, name);
it.after(() => folder.remove());

it('draws a swarmlet with what it contains, also from TypeScript, without running it', async () => {
  const { code, out, err } = await person.type(['graph', at('Plant.js')]);
  assert.equal([code, err], [0, '']);
  for (const name of ['Plant', 'clock', 'room', 'gain', 'test/TestGain', 'tick']) assert.match(out, new RegExp(`>${name}<`));
});

it('opens composites to a depth', async () => {
  const { out } = await person.type(['graph', at('Plant.js'), '--depth', '1']);
  assert.match(out, />▸ room</);
  assert.not.match(out, />gain</);
});

it('writes to a file, and tells the structure as JSON', async () => {
  const file = join(folder.path, 'plant.svg');
  const { code, out } = await person.type(['graph', at('Plant'), '--out', file]);
  assert.equal([code, out], [0, '']);
  assert.match(readFileSync(file, 'utf8'), /^<svg .*<\/svg>\n$/s);
  const { nodes } = JSON.parse((await person.type(['graph', at('Plant.js'), '--json'])).out);
  assert.equal(
    nodes.map(({ name }: { name: string }) => name),
    ['Plant', 'Plant.clock', 'Plant.room', 'Plant.room.gain'],
  );
});

it('says what is wrong, in one line', async () => {
  const rows: [argv: string[], code: number, says: RegExp][] = [
    [[at('Nothing.js')], 3, /Nothing\.js not found/],
    [[at('Broken.js')], 6, /Broken\.js cannot be set up: connect\(\): No such input: a \(at .*Broken\.js:1:\d+\)\.\n$/],
    [[at('Unfinished.js')], 1, /Unfinished\.js:2:1: SyntaxError: Unexpected end of input\n$/],
    [[at('Plant.js'), '--depth', 'all'], 2, /--depth takes a number of levels/],
    [[at('Plant.js'), '--out', join(folder.path, 'no', 'file.svg')], 1, /Cannot write .*file\.svg/],
    [[], 2, /FILE\|CLASS/],
  ];
  for (const [argv, wanted, says] of rows) {
    const { code, err } = await person.type(['graph', ...argv]);
    assert.is(code, wanted, err);
    assert.match(err, says);
    assert.is(err.trimEnd().split('\n').length, 1);
  }
});

it.run();
