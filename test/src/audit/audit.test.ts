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
  const log = openLog({ destination: { write: (line) => void lines.push(line) } });
  const hostile = 'a\n{"level":50}\u001b[31m\u2028\u009b1m\u202e';
  log.warn({ event: 'refused', swarmlet: hostile }, 'first\r\nsecond');
  assert.is(lines.length, 1);
  assert.not.match(lines[0]?.slice(0, -1) ?? '', /[\p{Cc}\p{Cf}\p{Zl}]/u);
  const { level, swarmlet } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  assert.equal([level, swarmlet], ['warn', hostile]);
});

it('writes one line for people where it is read by them, with colours only on a terminal that shows them', () => {
  const written = (options: Parameters<typeof openLog>[0], env: NodeJS.ProcessEnv = {}): string => {
    const lines: string[] = [];
    const before = { ...process.env };
    Object.assign(process.env, { NO_COLOR: '', TERM: 'xterm', ...env });
    const log = openLog({ destination: { write: (line) => void lines.push(line) }, ...options });
    log.info({ event: 'accepted', swarmlet: 'lamp', principal: 'alice of lab', count: 3, nothing: null });
    log.error({ event: 'defect', err: new Error('no\u001b bulb') }, 'no bulb');
    Object.assign(process.env, { NO_COLOR: before.NO_COLOR ?? '', TERM: before.TERM ?? '' });
    assert.is(lines.length, 2);
    for (const line of lines) assert.match(line, /^[^\n]*\n$/);
    return lines.join('');
  };
  const text = written({ format: 'text' });
  assert.match(text, /^\d\d:\d\d:\d\d\.\d{3} info {2}accepted swarmlet=lamp principal="alice of lab" count=3 nothing=null\n/);
  assert.match(text, /error defect: no bulb stack="Error: no\\u001b bulb\\n/);
  assert.not.match(text, '\u001b');
  assert.match(written({ terminal: true }), '\u001b[31merror defect: no bulb\u001b[0m');
  assert.not.match(written({ terminal: true }, { NO_COLOR: '1' }), '\u001b');
  assert.match(written({ terminal: true, format: 'json' }), /^\{"level":"info"/);
  assert.match(written({}), /^\{"level":"info"/);
});

it('leaves out what is less important than its level', () => {
  const lines: string[] = [];
  const log = openLog({ level: 'warn', destination: { write: (line) => void lines.push(line) } });
  log.info('a');
  log.warn('b');
  assert.equal(
    lines.map((line) => JSON.parse(line).msg),
    ['b'],
  );
});

it.run();
