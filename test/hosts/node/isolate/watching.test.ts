import { PassThrough } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { weightOf } from '../../../../hosts/node/edge/index.ts';
import type { Schedule } from '../../../../hosts/node/isolate/carrier.ts';
import { flowWindow, OutputCredit, Rate } from '../../../../hosts/node/isolate/flow.ts';
import { FrameDecoder, FrameWriter, frameCap } from '../../../../hosts/node/isolate/frames.ts';
import { Gauge } from '../../../../hosts/node/isolate/gauge.ts';
import { Heartbeat } from '../../../../hosts/node/isolate/heartbeat.ts';
import { InputQueue } from '../../../../hosts/node/isolate/input-queue.ts';
import { Lines } from '../../../../hosts/node/isolate/lines.ts';
import { LogPipe } from '../../../../hosts/node/isolate/log-pipe.ts';
import { Watchdog } from '../../../../hosts/node/isolate/watchdog.ts';
import { failure } from '../../../support/isolate.ts';

const it = suite('watching an isolate');
const ns = 1e6;

it('asks at half the limit, and finds a loop stuck when no answer came for the whole', () => {
  const heartbeat = new Heartbeat(1000);
  assert.is(heartbeat.check(0, { ran: 0, waited: 0 }, false), 1);
  assert.ok(heartbeat.answer(1, 0, { ran: 1, waited: 0 }));
  assert.is(heartbeat.check(499, { ran: 9 * ns, waited: 0 }, false), undefined);
  assert.is(heartbeat.check(500, { ran: 9 * ns, waited: 0 }, false), 2);
  assert.is(heartbeat.check(1499, { ran: 900 * ns, waited: 0 }, false), undefined);
  assert.is(heartbeat.check(1500, { ran: 900 * ns, waited: 0 }, false), 'stuck');
});

it('takes no answer that nobody asked for', () => {
  const heartbeat = new Heartbeat(1000);
  assert.not(heartbeat.answer(0, 0, undefined));
  heartbeat.check(0, undefined, false);
  assert.not(heartbeat.answer(2, 0, undefined));
  assert.ok(heartbeat.answer(1, 0, undefined));
  assert.not(heartbeat.answer(1, 0, undefined));
});

it('tells how long the last answer took, and how long the next one is waited for', () => {
  const heartbeat = new Heartbeat(1000);
  assert.is(heartbeat.lagMs(0), undefined);
  heartbeat.check(0, undefined, false);
  assert.is(heartbeat.lagMs(20), 20);
  heartbeat.answer(1, 30, undefined);
  assert.is(heartbeat.lagMs(400), 30);
  heartbeat.check(500, undefined, false);
  assert.is(heartbeat.lagMs(510), 30);
  assert.is(heartbeat.lagMs(900), 400);
});

it('extends once when the child had no processor', () => {
  const heartbeat = new Heartbeat(1000);
  heartbeat.check(0, { ran: 0, waited: 0 }, false);
  assert.is(heartbeat.check(1000, { ran: 300 * ns, waited: 600 * ns }, false), undefined);
  assert.is(heartbeat.check(1999, { ran: 600 * ns, waited: 1300 * ns }, false), undefined);
  assert.is(heartbeat.check(2000, { ran: 600 * ns, waited: 1400 * ns }, false), 'stuck');
});

/** What the thread did in the second after it was asked, and what that is taken for. */
const silences: [what: string, after: Schedule | undefined, verdict: string | undefined][] = [
  ['one that runs without end', { ran: 900 * ns, waited: 50 * ns }, 'stuck'],
  ['one that runs when it is let', { ran: 60 * ns, waited: 400 * ns }, 'stuck'],
  ['one that does nothing in a call', { ran: 1 * ns, waited: 2 * ns }, 'blocked'],
  ['one that others starve', { ran: 100 * ns, waited: 800 * ns }, undefined],
  ['one of which nothing is known', undefined, 'stuck'],
];
for (const [what, after, verdict] of silences) {
  it(`takes ${what} for ${verdict ?? 'starved, and waits'}`, () => {
    const heartbeat = new Heartbeat(1000);
    heartbeat.check(0, { ran: 0, waited: 0 }, false);
    assert.is(heartbeat.check(1000, after, false), verdict);
  });
}

/** A gauge on what used so much of a core in each second, after as many seconds. */
function gaugeAfter(percents: readonly number[]): Gauge {
  let [now, cpuMs] = [0, 5000];
  const vitals = { schedule: () => undefined, awaitsEvents: () => false, privateMiB: () => 7, cpuMs: () => cpuMs, close() {} };
  const gauge = new Gauge(vitals, () => now);
  gauge.look();
  gauge.restart();
  gauge.look();
  for (const percent of percents) {
    now += 1000;
    cpuMs += percent * 10;
    gauge.look();
  }
  return gauge;
}

it('counts processor time from the start of the swarmlet, against a budget of ten seconds', () => {
  assert.is(gaugeAfter([100, 100]).cpuPercent, 100);
  assert.is(gaugeAfter([100, 100]).budgetPercent, 20);
  assert.is(gaugeAfter(Array(10).fill(100)).budgetPercent, 100);
  assert.is(gaugeAfter([...Array(10).fill(100), ...Array(5).fill(0)]).budgetPercent, 50);
  assert.is(gaugeAfter([...Array(30).fill(0), 100]).budgetPercent, 10);
  assert.is(gaugeAfter([10, 0, ...Array(20).fill(5)]).cpuMs, 1100);
});

it('leaves one at rest alone, but not for ever, and not when it has something to do', () => {
  const heartbeat = new Heartbeat(1000);
  const rest = { ran: 5, waited: 0 };
  heartbeat.check(0, { ran: 1, waited: 0 }, false);
  heartbeat.answer(1, 0, rest);
  const asked: number[] = [];
  for (let now = 500; now <= 10_000; now += 500) {
    const id = heartbeat.check(now, rest, false);
    if (typeof id !== 'number') continue;
    asked.push(now);
    heartbeat.answer(id, 0, rest);
  }
  assert.equal(asked, [3500, 7000]);
  assert.type(heartbeat.check(10_500, rest, true), 'number');
});

it('asks one at rest nothing that was seen asleep in its event loop, and looks for that once', () => {
  const heartbeat = new Heartbeat(1000);
  const rest = { ran: 5, waited: 0 };
  heartbeat.check(0, { ran: 1, waited: 0 }, false);
  heartbeat.answer(1, 0, rest);
  let looks = 0;
  const asleep = (): boolean => ++looks > 0;
  for (let now = 500; now <= 60_000; now += 500) assert.is(heartbeat.check(now, rest, false, asleep), undefined);
  assert.is(looks, 1);
  assert.is(heartbeat.check(60_500, { ran: 6, waited: 0 }, false, asleep), 2, 'one that ran is asked');
  heartbeat.answer(2, 60_500, { ran: 7, waited: 0 });
  const asked: number[] = [];
  for (let now = 61_000; now <= 64_000; now += 500) {
    if (heartbeat.check(now, { ran: 7, waited: 0 }, false, () => false) !== undefined) asked.push(now);
  }
  assert.equal(asked, [64_000], 'and so is one that may sleep in a call');
});

it('lets no time pass while the host itself is away', async () => {
  const watchdog = new Watchdog();
  const looks: number[] = [];
  await new Promise<void>((resolve) => {
    watchdog.add({
      look(now) {
        looks.push(now);
        if (looks.length === 1) setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500));
        if (looks.length === 3) resolve();
        return 20;
      },
    });
    const keepAlive = setInterval(() => looks.length >= 3 && clearInterval(keepAlive), 10);
  });
  assert.ok((looks[2] as number) < 500, `${looks[2]} ms attended`);
});

it('looks together at those that are at rest', async () => {
  const watchdog = new Watchdog();
  const looks: number[][] = [[], []];
  const watched = looks.map((list) => ({
    look(now: number): number {
      list.push(now);
      return 60;
    },
  }));
  watchdog.add(watched[0] as (typeof watched)[0]);
  await new Promise((resolve) => setTimeout(resolve, 30));
  watchdog.add(watched[1] as (typeof watched)[0]);
  await new Promise((resolve) => setTimeout(resolve, 250));
  for (const one of watched) watchdog.remove(one);
  const [first, second] = looks as [number[], number[]];
  assert.ok(second.length >= 3);
  for (const moment of second.slice(1)) assert.ok(first.includes(moment), `${moment} is not among ${first}`);
});

it('counts large values as several', () => {
  assert.equal([0, 4095, 4096, frameCap].map(weightOf), [1, 1, 2, 257]);
});

it('never lets more be under way than the window, nor more a second than the rate', () => {
  const credit = new OutputCredit(1000, 0);
  let sent = 0;
  let may = credit.initial;
  for (let now = 0; now <= 5000; now += 10) {
    for (; may > 0; may--, sent++) assert.ok(credit.spend(1));
    const more = credit.grant(now);
    may += more;
    assert.ok(may <= flowWindow);
  }
  assert.ok(sent >= 5900 && sent <= 6100, `${sent} sent`); // a second's worth at once, and five seconds
  const greedy = new OutputCredit(1000, 0);
  for (let i = 0; i < flowWindow; i++) greedy.spend(1);
  assert.not(greedy.spend(1));
});

it('grants also what is less than one a second', () => {
  const rate = new Rate(0.5, 0);
  rate.take(0, flowWindow, 0);
  assert.is(rate.take(rate.portion, 10, 1900), 0);
  assert.is(rate.take(rate.portion, 10, 2000), 1);
});

interface Sent {
  readonly queue: InputQueue;
  readonly values: unknown[];
}

function inputQueue(messagesPerSecond: number): Sent {
  const values: unknown[] = [];
  const decoder = new FrameDecoder(
    frameCap,
    (text) => values.push(JSON.parse(text).value),
    () => {},
  );
  const stream = new PassThrough();
  stream.on('data', (chunk) => decoder.push(chunk));
  return { queue: new InputQueue(new FrameWriter(stream), messagesPerSecond, 0), values };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('sends inputs as the swarmlet takes them', async () => {
  const { queue, values } = inputQueue(1e6);
  const done = Array.from({ length: flowWindow + 2 }, (_, i) => queue.provide('in', i, 0));
  await turn();
  assert.is(values.length, flowWindow);
  assert.ok(queue.took(1));
  queue.send(0);
  await turn();
  assert.is(values.length, flowWindow + 1);
  await done[0];
  assert.ok(queue.refused('no such port'));
  assert.is((await failure(done[1] as Promise<void>)).message, 'no such port');
  queue.close('it ended');
  for (const rest of done.slice(2)) assert.is((await failure(rest)).message, 'it ended');
});

it('lets no more wait than it can hold, and sends nothing that is too large or no JSON', async () => {
  const { queue, values } = inputQueue(1e6);
  const large = 'x'.repeat(1_000_000);
  const done: Promise<unknown>[] = [];
  let refused = '';
  for (let i = 0; i < 100 && refused === ''; i++) {
    try {
      done.push(queue.provide('in', large, 0).catch(() => {}));
    } catch (error) {
      refused = (error as Error).message;
    }
  }
  assert.match(refused, /too many wait/);
  assert.ok(done.length > 10 && done.length < 30, `${done.length} were taken`);
  assert.throws(() => queue.provide('in', 'x'.repeat(frameCap), 0), /at most 1048576 may cross/);
  assert.throws(() => queue.provide('in', 1n, 0), /no JSON/);
  await turn();
  assert.ok(values.length < 5);
  queue.close('over');
  await Promise.all(done);
});

function linesOf(...chunks: (string | Buffer)[]): string[] {
  const found: string[] = [];
  const lines = new Lines((line) => found.push(line));
  for (const chunk of chunks) lines.push(Buffer.from(chunk as string));
  lines.end();
  return found;
}

it('cuts text into lines, and long lines short', () => {
  assert.equal(linesOf('a\nb', 'c\r\n\nd'), ['a', 'bc', '', 'd']);
  assert.equal(linesOf(Buffer.from([0xe2, 0x82]), Buffer.from([0xac, 0x0a, 0xff, 0x0a])), ['€', '\ufffd']);
  assert.equal(linesOf(...Array(20).fill('x'.repeat(1000)), '\nend\n'), [`${'x'.repeat(8192)}...`, 'end']);
});

it('reads from a pipe no faster than the limit, and all of it in the end', async () => {
  const stream = new PassThrough();
  const found: string[] = [];
  const log = new LogPipe(stream, (line) => found.push(line));
  log.limit(1000, 0);
  for (let i = 0; i < 10; i++) stream.write(`${String(i).repeat(999)}\n`);
  await turn();
  assert.is(found.length, 3);
  assert.ok(log.paused);
  log.refill(400);
  await turn();
  assert.is(found.length, 3);
  log.refill(1000);
  await turn();
  assert.is(found.length, 5);
  log.drain();
  await turn();
  assert.is(found.length, 10);
});

it.run();
