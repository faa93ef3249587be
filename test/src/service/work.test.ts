import crypto from 'node:crypto';
import { statSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FrameWriter } from '../../../hosts/node/isolate/frames.ts';
import { ThreadTier } from '../../../hosts/node/isolate/index.ts';
import { Database } from '../../../src/store/database.ts';
import { image, limits } from '../../support/isolate.ts';
import { deploy, Place } from '../../support/place.ts';

/** What a push and an output may cost, counted instead of timed: so a machine that is slow or busy changes nothing. */
const it = suite('work of a push');

const places: Place[] = [];
const undo: (() => unknown)[] = [];
it.after.each(async () => {
  for (const place of places.splice(0)) await place.remove();
  for (const one of undo.splice(0)) await one();
});

const place = (): Place => {
  const made = new Place();
  places.push(made);
  return made;
};

/** Calls of a method from now on, with their arguments; it does what it did. */
function calls<T extends object, K extends keyof T & string>(owner: T, name: K): unknown[][] {
  const before = owner[name] as (...args: unknown[]) => unknown;
  const seen: unknown[][] = [];
  owner[name] = function (this: unknown, ...args: unknown[]) {
    seen.push(args);
    return before.apply(this, args);
  } as T[K];
  undo.push(() => {
    owner[name] = before as T[K];
  });
  return seen;
}

it('checks one signature for a statement', async () => {
  const box = await place().box();
  const checks = calls(crypto, 'verify');
  undo.push(syncBuiltinESMExports);
  syncBuiltinESMExports();
  for (let sequence = 1; sequence <= 5; sequence++) await box.submit(deploy('lamp', sequence));
  assert.is(checks.length, 5);
});

it('writes a statement in one transaction, with its record, before it starts, and what comes of it together', async () => {
  const box = await place().box();
  const writes = calls(Database.prototype, 'write');
  const events = (): string[] =>
    writes.flatMap(([, records]) => (records as { fields: { event: string } }[]).map(({ fields }) => fields.event));
  const started = new Promise<number>((resolve) => box.once('state', () => resolve(writes.length)));
  await box.submit(deploy('lamp', 1));
  assert.is(await started, 1);
  assert.equal(events().slice(0, 1), ['accepted']);
  for (let sequence = 2; sequence <= 10; sequence++) await box.submit(deploy('lamp', sequence));
  await box.audit(0, 1);
  assert.is(events().filter((event) => event === 'accepted').length, 10);
  assert.is(events().filter((event) => event === 'executed').length, 10);
  // One each, and a few where this process paused; four each when every step of a start was written by itself.
  assert.ok(writes.length <= 20, `${writes.length} transactions`);
});

it('writes over the log of its database, which does not grow: an fsync takes longer of a file that does', async () => {
  const here = place();
  const box = await here.box();
  const length = (): number => statSync(join(here.state, 'store.db-wal')).size;
  const before = length();
  for (let sequence = 1; sequence <= 30; sequence++) {
    await box.submit(deploy('lamp', sequence));
    await box.audit(0, 1); // what came of it is written
  }
  assert.is(length(), before);
});

it('sends an isolate its file, its start and the word to go, and gets each output in one frame, which is its JSON', async () => {
  const tier = new ThreadTier({ log: () => {} });
  undo.push(() => tier.close());
  const isolate = await tier.claim(limits());
  const sent = calls(FrameWriter.prototype, 'write');
  const value = 'x'.repeat(100);
  const outputs = new Promise<void>((resolve) => {
    let came = 0;
    isolate.on('output', () => ++came === 100 && resolve());
  });
  const code = `exports.setup = function () { this.output('out'); };
    exports.initialize = function () { for (let i = 0; i < 100; i++) this.send('out', '${value}'); };`;
  await isolate.start(image(code), limits());
  await outputs;
  assert.equal(
    sent.map(([text]) => JSON.parse(String(text)).type),
    ['file', 'start', 'go'],
  );
  const { messagesOut, bytesOut } = isolate.usage();
  assert.equal([messagesOut, bytesOut], [100, 100 * JSON.stringify({ type: 'output', port: 'out', value }).length]);
});

it.run();
