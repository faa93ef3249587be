import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WallClock } from '../../../../hosts/common/index.ts';
import { plainEdge } from '../../../../hosts/node/edge/plain-edge.ts';
import { EdgeScope, nodeModules, nodePlatform } from '../../../../hosts/node/index.ts';
import type { LocalStorage } from '../../../../hosts/node/modules/local-storage.ts';

const it = suite('local-storage');
let folder = '';
let scope: EdgeScope;

it.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-storage-test-'));
});
it.after.each(() => rmSync(folder, { recursive: true, force: true }));

function make(): LocalStorage {
  const module = nodeModules.find(({ name }) => name === 'local-storage');
  assert.is(module?.pure, false);
  scope = new EdgeScope(() => plainEdge, new WallClock(nodePlatform), setImmediate);
  return module?.create(scope) as LocalStorage;
}

/** A module with an open store in the folder of the test. */
function open(): LocalStorage {
  const storage = make();
  storage.initSync({ dir: folder });
  return storage;
}

it('gives back what was stored, and null for what was not', () => {
  const storage = open();
  storage.setItem('lamp', 'on');
  assert.is(storage.getItem('lamp'), 'on');
  assert.is(storage.getItem('Lamp'), null);
});

it('keeps values for the next one that opens the folder', () => {
  open().setItem('lamp', 'on');
  assert.is(open().getItem('lamp'), 'on');
});

it('replaces, removes, counts, lists and clears', () => {
  const storage = open();
  for (const key of ['b', 'c', 'a', 'b']) storage.setItem(key, `value of ${key}`);
  assert.is(storage.length(), 3);
  assert.equal([0, 1, 2, 3].map(storage.key), ['a', 'b', 'c', null]);
  storage.remove('b');
  storage.remove('never there');
  assert.equal(storage.initSync({ dir: folder }).entries(), [
    ['a', 'value of a'],
    ['c', 'value of c'],
  ]);
  storage.clear();
  assert.is(storage.length(), 0);
  assert.is(storage.key(0), null);
});

const awkward = [
  '',
  '.',
  '..',
  '../up',
  'a/b',
  'a\\b',
  'A',
  'a',
  ' ',
  '\0',
  '\n',
  '__proto__',
  'ü',
  '\ud800',
  '\udc00',
  '💡',
  'x'.repeat(5000),
];

it('takes keys of any characters and any length, and keeps them apart', () => {
  const storage = open();
  awkward.forEach((key, i) => {
    storage.setItem(key, `${i}`);
  });
  awkward.forEach((key, i) => {
    assert.is(storage.getItem(key), `${i}`);
  });
  assert.equal(
    awkward.map((_, n) => storage.key(n)),
    [...awkward].sort(),
  );
  assert.is(readdirSync(folder).length, awkward.length);
});

it('stores values as text, of any characters', () => {
  const storage = open();
  storage.setItem('number', 5);
  storage.setItem('text', 'ä\0\ud800"');
  assert.is(storage.getItem('number'), '5');
  assert.is(storage.getItem('text'), 'ä\0\ud800"');
});

it('two stores of one module do not mix, and the functions work on the last one opened', () => {
  const storage = make();
  const first = storage.initSync({ dir: join(folder, 'first') });
  const second = storage.initSync({ dir: join(folder, 'second') });
  first.setItem('key', 'first');
  second.setItem('key', 'second');
  assert.is(first.getItem('key'), 'first');
  assert.is(storage.getItem('key'), 'second');
});

it('wants to be opened first', () => {
  assert.throws(() => make().getItem('key'), /initSync/);
});

it('an empty folder name is a new temporary folder, until wrapup', async () => {
  const [a, b] = [make().initSync({ dir: '' }), make().initSync({ dir: '' })];
  a.setItem('key', 'a');
  assert.is(b.getItem('key'), null);
  assert.is(a.getItem('key'), 'a');
  const last = make().initSync({ dir: '' });
  last.setItem('key', 'last');
  await scope.close();
  assert.is(last.getItem('key'), null);
});

it('leaves nothing behind when a write fails', () => {
  const storage = open();
  storage.setItem('key', 'value');
  const [file = ''] = readdirSync(folder);
  storage.remove('key');
  mkdirSync(join(folder, file, 'in the way'), { recursive: true });
  assert.throws(() => storage.setItem('key', 'value'));
  assert.equal(readdirSync(folder), [file]);
});

it('ignores what a crash left unfinished, and names a file that is no value', () => {
  const storage = open();
  storage.setItem('key', 'value');
  writeFileSync(join(folder, 'x.unfinished'), '{"key": "ke');
  assert.equal(storage.initSync({ dir: folder }).entries(), [['key', 'value']]);
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.value'));
  writeFileSync(join(folder, file ?? ''), '{"key": 5}');
  assert.throws(() => storage.getItem('key'), new RegExp(`${file} is no value`));
});

it.run();
