import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Audit, type Log, openLog, silentLog } from '../../../src/audit/index.ts';
import { Tally } from '../../../src/audit/tally.ts';
import { errors } from '../../../src/errors.ts';

const it = suite('audit');

it('counts refusals by address and code, and tells of each pair once in a period', () => {
  const told: string[] = [];
  const counts = new Tally((address, code, count) => told.push(`${address} ${code} ${count}`));
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
    new Tally((address) => resolve(address), 1).add('10.0.0.1', 'MALFORMED');
    setTimeout(() => {}, 100); // the counts themselves keep no process alive
  });
  assert.is(told, '10.0.0.1');
});

it('keeps a bounded number of pairs, and counts the others together', () => {
  const told: [string, number][] = [];
  const counts = new Tally((address, _, count) => told.push([address, count]), 1000, 2);
  for (let i = 0; i < 10; i++) counts.add(`10.0.0.${i}`, 'MALFORMED');
  counts.flush();
  assert.equal(told, [
    ['10.0.0.0', 1],
    ['10.0.0.1', 1],
    ['others', 8],
  ]);
});

it('has a record for each refusal of somebody known, and in the log ten lines a second and how many more', () => {
  const lines: object[] = [];
  const records: object[] = [];
  const log = { ...silentLog, warn: (line: object) => void lines.push(line) } as Log;
  const audit = new Audit(log, { append: (record) => void records.push(record) });
  const from = { address: '10.0.0.1', caller: 'alice@lab', keyId: 'SHA256:a' };
  for (let i = 0; i < 300; i++) audit.refused(errors.UNTRUSTED_KEY('SHA256:b'), from);
  audit.refused(errors.UNTRUSTED_KEY('SHA256:b'), { ...from, caller: 'bob@lab' });
  audit.refused(errors.BAD_SIGNATURE('SHA256:a', 'it does not fit'), from);
  audit.close();
  assert.is(records.length, 302);
  assert.equal(lines.slice(0, 12), [...records.slice(0, 10), ...records.slice(300)]);
  assert.equal(lines.slice(12), [{ event: 'refused', code: 'UNTRUSTED_KEY', principal: 'alice@lab', more: 290 }]);
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
