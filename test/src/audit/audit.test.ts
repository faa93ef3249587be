import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openLog } from '../../../src/audit/index.ts';
import { StrangerCounts } from '../../../src/audit/strangers.ts';

const it = suite('audit');

it('counts refusals by address and code, and tells of each pair once in a period', () => {
  const told: string[] = [];
  const counts = new StrangerCounts((address, code, count) => told.push(`${address} ${code} ${count}`));
  for (let i = 0; i < 1000; i++) counts.add('10.0.0.1', 'UNTRUSTED_KEY');
  counts.add('10.0.0.1', 'MALFORMED');
  counts.add('10.0.0.2', 'UNTRUSTED_KEY');
  assert.equal(told, []);
  counts.flush();
  assert.equal(told, ['10.0.0.1 UNTRUSTED_KEY 1000', '10.0.0.1 MALFORMED 1', '10.0.0.2 UNTRUSTED_KEY 1']);
  counts.flush();
  assert.is(told.length, 3);
});

it('tells by itself when the period is over', async () => {
  const told = await new Promise<string>((resolve) => {
    new StrangerCounts((address) => resolve(address), 1).add('10.0.0.1', 'MALFORMED');
    setTimeout(() => {}, 100); // the counts themselves keep no process alive
  });
  assert.is(told, '10.0.0.1');
});

it('keeps a bounded number of pairs, and counts the others together', () => {
  const told: [string, number][] = [];
  const counts = new StrangerCounts((address, _, count) => told.push([address, count]), 1000, 2);
  for (let i = 0; i < 10; i++) counts.add(`10.0.0.${i}`, 'MALFORMED');
  counts.flush();
  assert.equal(told, [
    ['10.0.0.0', 1],
    ['10.0.0.1', 1],
    ['others', 8],
  ]);
});

it('writes one line of JSON for a record, whatever is in it', () => {
  const lines: string[] = [];
  const log = openLog({ write: (line) => void lines.push(line) });
  log.warn({ event: 'refused', swarmlet: 'a\n{"level":50}\u001b[31m' }, 'first\r\nsecond');
  assert.is(lines.length, 1);
  assert.is(lines[0]?.trimEnd().includes('\n'), false);
  assert.not.match(lines[0] ?? '', '\u001b');
  const { level, swarmlet } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  assert.equal([level, swarmlet], ['warn', 'a\n{"level":50}\u001b[31m']);
});

it.run();
