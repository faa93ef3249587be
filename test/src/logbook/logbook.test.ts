import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Logbook, type LogbookLimits } from '../../../src/logbook/index.ts';
import { folderWith } from '../../support/folder.ts';

const it = suite('logbook');
let folder: ReturnType<typeof folderWith>;
let logs: string;
const warnings: string[] = [];
it.before.each(() => {
  folder = folderWith();
  logs = join(folder.path, 'logs');
  warnings.length = 0;
});
it.after.each(() => folder.remove());

const line = (text: string): { level: 'info'; line: string; at: string } => ({ level: 'info', line: text, at: '2026-11-22T18:44:29.000Z' });

async function opened(names: readonly string[], limits: Partial<LogbookLimits> = {}) {
  const book = new Logbook(logs, (message) => warnings.push(message), limits);
  const kept = await book.open(new Set(names));
  return { book, texts: (name: string): string[] => (kept.get(name) ?? []).map((one) => one.line) };
}

it('has after a start what was printed before it, and nothing of those whom nobody knows any more', async () => {
  const { book, texts } = await opened(['lamp']);
  assert.equal(texts('lamp'), []);
  book.add('lamp', line('one\u2028\u001b[31m'));
  book.add('lamp', line('two'));
  book.add('fan', line('hum'));
  await book.close();
  assert.not.match(readFileSync(join(logs, 'now/lamp'), 'utf8').trimEnd(), /[^\n\P{Cc}]|\u2028/u);
  assert.is(statSync(join(logs, 'now/lamp')).mode & 0o777, 0o600);
  const next = await opened(['lamp', 'new']);
  assert.equal([next.texts('lamp'), next.texts('new')], [['one\u2028\u001b[31m', 'two'], []]);
  assert.equal(readdirSync(join(logs, 'now')), ['lamp']);
  await next.book.close();
});

it('skips a line that was cut short, and what it cannot read', async () => {
  mkdirSync(join(logs, 'now'), { recursive: true });
  const whole = JSON.stringify(line('whole'));
  writeFileSync(join(logs, 'now/lamp'), `${whole}\n{"level":"info","line":7}\nnull\n${whole.slice(0, 30)}`);
  const { book, texts } = await opened(['lamp']);
  assert.equal(texts('lamp'), ['whole']);
  book.add('lamp', line('after'));
  await book.close();
  assert.equal((await opened(['lamp'])).texts('lamp'), ['whole', 'after']);
});

it('keeps the last lines of each within its bound', async () => {
  const fileBytes = 4000;
  const { book } = await opened([], { fileBytes, paceMs: 0 });
  for (let i = 0; i < 500; i++) {
    book.add('lamp', line(`line ${i}`));
    if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await book.close();
  const bytes = ['now', 'before'].map((place) => statSync(join(logs, place, 'lamp')).size);
  assert.ok(
    bytes.every((size) => size <= fileBytes),
    bytes.join(),
  );
  const { texts } = await opened(['lamp']);
  const kept = texts('lamp');
  assert.equal([kept.at(-1), kept.length > 20], ['line 499', true]);
  assert.equal(
    kept,
    Array.from({ length: kept.length }, (_, i) => `line ${500 - kept.length + i}`),
  );
});

it('keeps all within one bound: files that nobody wrote to for longest go first', async () => {
  const limits = { fileBytes: 1000, allBytes: 3000, paceMs: 0 };
  const { book } = await opened([], limits);
  for (const name of ['a', 'b', 'c', 'd']) {
    book.add(name, line('x'.repeat(800)));
    await settled(name);
  }
  await book.close();
  const { texts } = await opened(['a', 'b', 'c', 'd'], limits);
  assert.equal(
    ['a', 'b', 'c', 'd'].map((name) => texts(name).length),
    [0, 1, 1, 1],
  );
});

/** Its file is there. */
async function settled(name: string): Promise<void> {
  while (!existsSync(join(logs, 'now', name))) await new Promise((resolve) => setImmediate(resolve));
}

it('forgets one for good', async () => {
  const { book } = await opened([]);
  book.add('lamp', line('one'));
  await settled('lamp');
  book.add('lamp', line('two'));
  book.forget('lamp');
  await book.close();
  assert.equal([...readdirSync(join(logs, 'now')), ...readdirSync(join(logs, 'before'))], []);
});

it('tells once that the disk takes nothing, keeps no more than it may in memory, and goes on when it does', async () => {
  const { book } = await opened([], { paceMs: 0, waitingBytes: 200 });
  rmSync(logs, { recursive: true });
  for (let i = 0; i < 10; i++) {
    book.add('lamp', line('lost'));
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  while (warnings.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.match(warnings[0] ?? '', /^What swarmlets print is not kept for later: ENOENT/);
  mkdirSync(join(logs, 'now'), { recursive: true });
  while (!existsSync(join(logs, 'now/lamp'))) {
    book.add('lamp', line('found'));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await book.close();
  assert.is(warnings.filter((message) => message.startsWith('What swarmlets')).length, 1);
});

it('lets a box start whatever is in the way', async () => {
  writeFileSync(logs, 'a file');
  const { book, texts } = await opened(['lamp']);
  assert.equal([texts('lamp'), warnings.length], [[], 1]);
  book.add('lamp', line('x'));
  await book.close();
  assert.is(warnings.length, 1);
});

it.run();
