import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LateLog, type Log } from '../../../src/audit/index.ts';

const it = suite('late log');

function open(): { readonly log: LateLog; readonly lines: unknown[] } {
  const lines: unknown[] = [];
  const write = (level: string) => ((...line: unknown[]) => void lines.push([level, ...line])) as Log['info'];
  return { log: new LateLog({ info: write('info'), warn: write('warn'), error: write('error') }), lines };
}

it('writes what happened behind the turn in which it did, in its order', async () => {
  const { log, lines } = open();
  log.info({ event: 'accepted' });
  log.info({ event: 'state' }, 'it runs');
  await Promise.resolve();
  assert.equal(lines, []);
  await new Promise((resolve) => setImmediate(resolve));
  const both = [
    ['info', { event: 'accepted' }],
    ['info', { event: 'state' }, 'it runs'],
  ];
  assert.equal(lines, both);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(lines, both);
});

it('writes warnings and errors at once, behind what was told before them', () => {
  const { log, lines } = open();
  log.info('one');
  log.warn('two');
  log.error({ event: 'defect' }, 'three');
  log.info('four');
  assert.equal(lines, [
    ['info', 'one'],
    ['warn', 'two'],
    ['error', { event: 'defect' }, 'three'],
  ]);
  log.flush();
  assert.equal(lines.at(-1), ['info', 'four']);
});

it.run();
