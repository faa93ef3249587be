import { PassThrough } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EventStream } from '../../../src/dashboard/event-stream.ts';
import { UsageHistory } from '../../../src/dashboard/usage-history.ts';

const it = suite('events to a page');

const sample = (fill: string): { readonly swarmlet: string } => ({ swarmlet: fill.repeat(100_000) });

it('leaves a page out that does not read, and tells it how much it missed', async () => {
  const out = new PassThrough();
  let behind = 0;
  const stream = new EventStream(
    out,
    () => {},
    () => behind++,
  );
  for (let i = 0; i < 100; i++) stream.send('gone', sample('x'));
  assert.ok(out.writableLength < 2 * 1024 * 1024);
  let text = '';
  const told = new Promise<void>((resolve) => {
    out.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (/event: dropped\n/.test(text)) resolve();
    });
  });
  await told;
  const sent = text.match(/event: gone\n/g)?.length ?? 0;
  assert.match(text, `event: dropped\ndata: {"count":${100 - sent}}`);
  assert.is(behind, 1, 'what it shows is told anew');
  out.destroy();
});

it('says when the page is gone, once', async () => {
  const out = new PassThrough();
  let closed = 0;
  const stream = new EventStream(
    out,
    () => closed++,
    () => {},
  );
  const gone = new Promise((resolve) => out.once('close', resolve));
  out.destroy();
  await gone;
  stream.send('recorded', null);
  stream.end();
  assert.is(closed, 1);
});

it('keeps what each swarmlet used, within bounds, and forgets those that are gone', () => {
  const usage = { memoryMiB: 7.26, cpuPercent: 3, messagesIn: 0, messagesOut: 0, droppedLogs: 0 };
  const status = (swarmlet: string, messagesOut: number): never => ({ swarmlet, usage: { ...usage, messagesOut } }) as never;
  const history = new UsageHistory();
  assert.equal(history.sample([status('lamp', 100)]).lamp, [3, 7.3, 0, 0]);
  assert.equal(history.sample([status('lamp', 110)]).lamp, [3, 7.3, 0, 5]);
  assert.equal(history.sample([status('lamp', 4)]).lamp, [3, 7.3, 0, 2], 'a new isolate counts from 0');
  for (let i = 0; i < 200; i++) history.sample([status('lamp', 4)]);
  assert.is(history.after(0).lamp?.length, 150);
  assert.equal([history.taken, history.after(202).lamp?.length, history.after(203).lamp, history.after(1e9).lamp], [203, 1, [], []]);
  history.sample([status('__proto__', 1)]);
  assert.equal(Object.keys(history.after(0)), ['__proto__']);
  const unknown = { swarmlet: 'inline', usage: { ...usage, cpuPercent: undefined, memoryMiB: undefined } } as never;
  assert.equal(history.sample([unknown]).inline, [null, null, 0, 0]);
});

it.run();
