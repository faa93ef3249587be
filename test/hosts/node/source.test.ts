import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SourcePath } from '../../../hosts/node/index.ts';
import { folderWith } from '../../support/folder.ts';

const it = suite('source');
const folder = folderWith({
  'library/net/REST.js': 'rest',
  'library/Typed.ts':
    "import type { AccessorContext } from 'x';\nexport function setup(this: AccessorContext): void { this.input('a'); }\n",
  'library/Both.js': 'js',
  'library/Both.ts': 'ts',
  'swarmlets/Top.js': 'top',
  'swarmlets/parts/Inner.js': 'inner',
  'swarmlets/parts/Deep.js': 'deep',
});
const at = (name: string): string => join(folder.path, name);
const path = new SourcePath([at('library')]);
const before = process.cwd();

it.before(() => process.chdir(at('swarmlets')));
it.after(() => {
  process.chdir(before);
  folder.remove();
});

it('finds a class by its path below a folder of the accessor path, with and without .js', () => {
  assert.is(path.load('net/REST', undefined).code, 'rest');
  assert.is(path.load('net/REST.js', undefined).file, at('library/net/REST.js'));
});

it('finds a file by its absolute path and relative to the working folder', () => {
  for (const name of [at('swarmlets/Top'), at('swarmlets/Top.js'), 'Top', './Top.js', '../swarmlets/Top', 'parts/../Top']) {
    assert.is(path.load(name, undefined).code, 'top', name);
  }
});

it('finds what lies beside the accessor that asks, and beside those that contain it', () => {
  process.chdir(before);
  const top = path.load(at('swarmlets/Top.js'), undefined);
  const inner = path.load('parts/Inner', top);
  assert.is(inner.code, 'inner');
  assert.is(path.load('Deep', inner).code, 'deep');
  assert.is(path.load('parts/Deep', inner).code, 'deep');
  process.chdir(at('swarmlets'));
});

it('prefers .js to .ts, and compiles TypeScript', () => {
  assert.is(path.load('Both', undefined).code, 'js');
  const exports: { setup?: () => void } = {};
  new Function('exports', path.load('Typed', undefined).code)(exports);
  assert.type(exports.setup, 'function');
});

it('lists every place that was tried when there is no such class', () => {
  assert.throws(
    () => path.load('no/Such', undefined),
    (error: Error) =>
      error.message.startsWith('Accessor no/Such.js not found on path: ') &&
      ['swarmlets/no/Such.js', 'swarmlets/no/Such.ts', 'library/no/Such.js', 'library/no/Such.ts'].every((p) =>
        error.message.includes(at(p)),
      ),
  );
});

it('says that a folder is no file', () => {
  assert.throws(
    () => path.load(at('swarmlets'), undefined),
    /swarmlets\.js not found on path: .*swarmlets is a folder: name a file in it$/,
  );
});

it('searches a folder that was added before the others', () => {
  mkdirSync(at('first'));
  writeFileSync(at('first/Both.js'), 'first');
  const other = new SourcePath([at('library')]);
  other.add(at('first'));
  assert.is(other.load('Both', undefined).code, 'first');
});

it('reads a file again that was saved again, at once or in a later turn', async () => {
  writeFileSync(at('swarmlets/Saved.js'), 'one');
  assert.is(path.load('Saved', undefined).code, 'one');
  writeFileSync(at('swarmlets/Saved.js'), 'two');
  assert.is(path.load('Saved', undefined).code, 'two');
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(at('swarmlets/Saved.js'), longAgo, longAgo);
  assert.is(path.load('Saved', undefined).code, 'two');
  await Promise.resolve();
  writeFileSync(at('swarmlets/Saved.js'), 'three');
  assert.is(path.load('Saved', undefined).code, 'three');
});

it('finds what the working folder of now has', () => {
  assert.is(path.load('Top', undefined).code, 'top');
  process.chdir(at('swarmlets/parts'));
  assert.throws(() => path.load('Top', undefined), /not found on path/);
  process.chdir(at('swarmlets'));
});

it.run();
