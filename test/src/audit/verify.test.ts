import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { verifyAudit } from '../../../src/audit/index.ts';
import { Chain, type Head } from '../../../src/store/chain.ts';
import { folderWith } from '../../support/folder.ts';

const it = suite('audit verify');
const folder = folderWith();
const file = join(folder.path, 'audit.jsonl');
it.after(() => folder.remove());

/** Ten records, and what somebody did to their lines. */
async function after(change: (lines: string[]) => string[], signed = true): Promise<readonly string[]> {
  const chain = new Chain();
  const lines = Array.from({ length: 10 }, (_, i) => chain.add('2026-11-22T18:44:29.000Z', { event: 'state', number: i + 1 }));
  const head: Head = chain.head;
  writeFileSync(
    file,
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
  return (await verifyAudit([file], signed ? head : undefined, true)).faults;
}

it('finds nothing in what nobody touched', async () => {
  assert.equal(await after((lines) => lines), []);
});

it('names every single line that is changed', async () => {
  for (let i = 0; i < 10; i++) {
    const faults = await after((lines) => lines.map((line, at) => (at === i ? line.replace('"state"', '"stale"') : line)));
    const expected =
      i === 9 ? 'record 10 was changed: it is not the one that the box signed' : `audit.jsonl:${i + 1}: record ${i + 1} was changed`;
    assert.equal(faults, [expected]);
  }
});

it('names every single line that is removed', async () => {
  for (let i = 0; i < 10; i++) {
    const [fault = '', ...more] = await after((lines) => lines.filter((_, at) => at !== i));
    assert.match(fault, `record ${i + 1} is missing`);
    assert.equal(more, []);
  }
});

it('finds lines that are swapped, copied, cut off, or rewritten as a whole', async () => {
  const swapped = await after(([a = '', b = '', c = '', ...rest]) => [a, c, b, ...rest]);
  assert.ok(
    swapped.some((fault) => fault.startsWith('audit.jsonl:3: record 2 stands after record 3')),
    swapped.join(),
  );
  assert.match((await after((lines) => [...lines, lines[4] ?? '']))[0] ?? '', 'audit.jsonl:11: record 5 stands after record 10');
  assert.match((await after((lines) => lines.slice(0, 7)))[0] ?? '', 'records 8 to 10 are missing at the end');
  assert.equal(await after((lines) => lines.slice(0, 7), false), [], 'only the signature can tell');
  const other = new Chain();
  const rewritten = await after((lines) => lines.map(() => other.add('2026-11-22T18:44:29.000Z', { event: 'nothing' })));
  assert.equal(rewritten, ['record 10 was changed: it is not the one that the box signed']);
});

it('names a line that is no record', async () => {
  await after((lines) => lines);
  appendFileSync(file, 'what\n');
  assert.equal((await verifyAudit([file], undefined, true)).faults, ['audit.jsonl:11: was changed, it is no record']);
  assert.ok(readFileSync(file, 'utf8').endsWith('what\n'));
});

it.run();
