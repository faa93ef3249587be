import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LogFan } from '../../../src/plugins/index.ts';

const it = suite('lines of a log for sinks');

async function all(records: AsyncIterable<unknown>): Promise<unknown[]> {
  const list: unknown[] = [];
  for await (const record of records) list.push(record);
  return list;
}

it('gives every line to each, and what is left when they are told to end', async () => {
  const fan = new LogFan();
  const ending = new AbortController();
  const [a, b] = [all(fan.queue('a').until(ending.signal)), all(fan.queue('b').until(ending.signal))];
  fan.write('{"event":"one"}\n');
  fan.write('nonsense');
  ending.abort();
  assert.equal(
    (await a).map((record) => (record as { event: string }).event),
    ['one', 'unreadable'],
  );
  assert.equal(await b, await a);
});

it('drops what comes when a thousand wait, and tells how many', async () => {
  const fan = new LogFan();
  const queue = fan.queue('slow');
  for (let i = 0; i < 1500; i++) fan.write(`{"i":${i}}`);
  const records = await all(queue.until(AbortSignal.abort()));
  assert.is(records.length, 1001);
  const { count, event } = records.at(-1) as { count: number; event: string };
  assert.equal([event, count], ['dropped', 500]);
});

it.run();
