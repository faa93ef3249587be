import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { namespaces, signSsh } from '../../../src/envelope/index.ts';
import { BoxIdentity } from '../../../src/identity/index.ts';
import { auditFiles, DurableStore } from '../../../src/store/index.ts';
import { Person } from '../../support/cli.ts';
import { folderWith } from '../../support/folder.ts';

const it = suite('segments of the audit');
let folder: ReturnType<typeof folderWith>;
it.before.each(() => {
  folder = folderWith();
});
it.after.each(() => folder.remove());

const state = (): string => join(folder.path, 'state');

/** Adds records of about 1 kB to the audit of a box, in segments of 10 kB, some in each transaction. */
async function record(count: number): Promise<void> {
  const { keys } = BoxIdentity.open(state());
  const sign = (message: Buffer): Buffer => signSsh(keys, namespaces.box, message);
  const store = await DurableStore.open(state(), { sign, warn: assert.unreachable, segmentBytes: 10_000 });
  for (let i = 0; i < count; i++) {
    store.append({ event: 'state', number: i, text: 'x'.repeat(900) });
    if (i % 7 === 0) await store.records(0, 1);
  }
  await store.close();
}

const verify = async (...args: string[]) => new Person(folder.path).type(['audit', 'verify', ...args]);
const names = (): string[] => readdirSync(state()).filter((name) => /^audit\..*jsonl$/.test(name));

it('begins a new file when one is full, and the chain goes on from one to the next, also over restarts', async () => {
  for (const count of [5, 30, 1, 20]) await record(count);
  assert.ok(names().length > 4, names().join());
  const { code, out } = await verify('--state', state());
  assert.equal([code, out.slice(0, 36)], [0, '56 records, 1 to 56, are whole; sign']);
});

it('finds a segment that was changed, removed, or put in the place of another', async () => {
  await record(60);
  const [first = '', second = '', third = ''] = auditFiles(state());
  const [text, other] = [readFileSync(second, 'utf8'), readFileSync(third, 'utf8')];
  writeFileSync(second, text.replace('xxx"', 'xxy"'));
  assert.match((await verify('--state', state())).out, /record \d+ was changed/);
  rmSync(second);
  assert.match((await verify('--state', state())).out, /records \d+ to \d+ are missing before record/);
  writeFileSync(second, other);
  assert.is((await verify('--state', state())).code, 1);
  writeFileSync(second, text);
  assert.is((await verify('--state', state())).code, 0);
  rmSync(first);
  assert.match((await verify('--state', state())).out, /missing at the beginning/);
});

it('keeps sixteen of them, and takes it for no fault that the oldest are gone', async () => {
  for (let i = 0; i < 4; i++) await record(60);
  assert.is(names().length, 16);
  const { code, out } = await verify('--state', state());
  assert.is(code, 0, out);
  assert.match(out, /^\d+ records, \d\d+ to 240, are whole/);
  assert.is((await verify(auditFiles(state()).at(-1) as string)).code, 0);
});

it('comes out as JSON Lines that can be looked through like the files', async () => {
  await record(30);
  const person = new Person(folder.path);
  const { code, out } = await person.type(['audit', 'export', '--state', state()]);
  const lines = out.trimEnd().split('\n');
  assert.equal([code, lines.length, JSON.parse(lines[29] as string).seq], [0, 30, 30]);
  const copy = join(folder.path, 'export.jsonl');
  writeFileSync(copy, out);
  assert.is((await verify(copy)).code, 0);
  const later = new Date(Date.now() + 3_600_000).toISOString();
  assert.is((await person.type(['audit', 'export', '--state', state(), '--since', later])).out, '');
  assert.is((await person.type(['audit', 'export', '--state', folder.path])).code, 3);
});

it.run();
