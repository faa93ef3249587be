import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AccessorApi } from '../../../hosts/common/index.ts';
import { library, react } from '../../support/library.ts';

const it = suite('LocalStorage');
let folder = '';

it.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-storage-test-'));
});
it.after.each(() => rmSync(folder, { recursive: true, force: true }));

/** One whose stores lie in the folder of the test. */
function make(): AccessorApi {
  const storage = library().node.instantiate('storage', 'utilities/LocalStorage');
  storage.setDefault('baseDirectory', folder);
  storage.initialize();
  return storage;
}

/** What it sends on `result` and `notFound`; it must send a sentence on `debug` as well. */
function act(storage: AccessorApi, inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { debug, ...others } = react(storage, { ...inputs, trigger: true });
  assert.match(String(debug), /^[A-Z].*\.$/);
  return others;
}

it('stores, reads, lists and removes', () => {
  const storage = make();
  assert.equal(act(storage, { key: 'a', value: 'one' }), { result: 'one' });
  assert.equal(act(storage, { key: '__proto__', value: 'two' }), { result: 'two' });
  assert.equal(act(storage, { key: 'a' }), { result: 'one' });
  assert.equal(act(storage, { list: true }), { result: '{"__proto__":"two","a":"one"}' });
  assert.equal(act(storage, { remove: true, key: 'a' }), { result: 'a' });
  assert.equal(act(storage, { key: 'a' }), { notFound: 'true' });
  assert.equal(act(storage, { remove: true, key: '__proto__' }), { result: '__proto__' });
  assert.equal(act(storage, { list: true }), { result: '{}' });
});

it('removing goes before listing, and that before storing', () => {
  const storage = make();
  act(storage, { key: 'a', value: '1' });
  assert.equal(act(storage, { key: 'b', value: '2', list: true }), { result: '{"a":"1"}' });
  assert.equal(act(storage, { key: 'a', value: '2', list: true, remove: true }), { result: 'a' });
  assert.equal(act(storage, { list: true }), { result: '{}' });
});

it('reads when the value is empty, stores what is not text as JSON, and removes no empty key', () => {
  const storage = make();
  act(storage, { key: 'a', value: { on: true } });
  assert.equal(act(storage, { key: 'a', value: '' }), { result: '{"on":true}' });
  assert.equal(act(storage, { remove: true }), {});
});

it('is triggered by nothing but its trigger, and makes no folder before', () => {
  const storage = make();
  assert.equal(react(storage, { key: 'a', value: '1', storeLocation: 'there' }), {});
  assert.equal(readdirSync(folder), []);
});

it('keeps its values for the next swarmlet', () => {
  act(make(), { key: 'a', value: '1' });
  assert.equal(act(make(), { key: 'a' }), { result: '1' });
});

it('names the folder after storeLocation', () => {
  act(make(), { key: 'a', value: '1' });
  assert.equal(readdirSync(folder), ['http___localhost_8077_keyvalue']);
  act(make(), { storeLocation: '../My Store_1-ü', key: 'a', value: '1' });
  assert.ok(existsSync(join(folder, '___my_store_1-_')));
});

it('changes the folder with storeLocation and baseDirectory, and keeps to it until the next change', () => {
  const storage = make();
  act(storage, { key: 'a', value: 'default' });
  assert.equal(act(storage, { storeLocation: 'other', key: 'a' }), { notFound: 'true' });
  act(storage, { key: 'a', value: 'other' });
  assert.equal(act(storage, { key: 'a' }), { result: 'other' });
  react(storage, { baseDirectory: join(folder, 'deep') });
  assert.equal(act(storage, { key: 'a' }), { notFound: 'true' });
  assert.equal(act(storage, { baseDirectory: folder, key: 'a' }), { result: 'other' });
});

it('two of them with different places do not mix', () => {
  const { run } = library();
  const [one, other] = [run('utilities/LocalStorage'), run('utilities/LocalStorage')];
  act(one, { baseDirectory: folder, storeLocation: 'one', key: 'a', value: '1' });
  act(other, { baseDirectory: folder, storeLocation: 'other', key: 'a', value: '2' });
  assert.equal(act(one, { key: 'a' }), { result: '1' });
});

it('without storeLocation the store is baseDirectory itself', () => {
  act(make(), { storeLocation: '', key: 'a', value: '1' });
  assert.match(readdirSync(folder)[0] ?? '', /\.value$/);
});

it('without either it is a temporary folder, one for each', () => {
  const { run } = library();
  const temporary = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    const [one, other] = [run('utilities/LocalStorage'), run('utilities/LocalStorage')];
    act(one, { storeLocation: '', key: 'a', value: '1' });
    assert.equal(act(other, { storeLocation: '', key: 'a' }), { notFound: 'true' });
    assert.equal(act(one, { key: 'a' }), { result: '1' });
    assert.is(readdirSync(folder).length, 2);
  } finally {
    if (temporary === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = temporary;
  }
});

it.run();
