import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InlineTier, type Isolate, type IsolateTier, openProcessTier, ThreadTier } from '../../../../hosts/node/isolate/index.ts';
import { bundleRuntime, image, limits, run } from '../../../support/isolate.ts';

const log = (): void => {};
const runtime = bundleRuntime().file;
const threadRuntime = bundleRuntime('hosts/node/isolate/thread-child.ts').file;

/** Doubles its input, and works for as many milliseconds before. */
const worker = `
exports.setup = function () {
  this.input('in');
  this.output('out');
};
exports.initialize = function () {
  this.addInputHandler('in', function () {
    const until = Date.now() + this.get('in');
    while (Date.now() < until);
    this.send('out', 2 * this.get('in'));
  });
};`;

const tiers: readonly [name: string, make: () => IsolateTier | Promise<IsolateTier>, alone: boolean][] = [
  ['process', () => openProcessTier({ pool: 0, log, runtime }), true],
  ['thread', () => new ThreadTier({ log, runtime: threadRuntime }), true],
  ['inline', () => new InlineTier(), false],
];

async function until(isolate: Isolate, condition: (usage: ReturnType<Isolate['usage']>) => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!condition(isolate.usage())) {
    if (performance.now() > end) throw new Error(`Waited in vain: ${JSON.stringify(isolate.usage())}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

for (const [name, make, alone] of tiers) {
  const it = suite(`usage in the ${name} tier`);
  let tier: IsolateTier;
  it.before(async () => {
    tier = await make();
  });
  it.after(() => tier.close());

  it('counts what crosses, in values and bytes, and the reactions', async () => {
    const { isolate, watcher } = await run(tier, image(worker, { inputs: { in: 1 } }));
    await isolate.provideInput('in', 2);
    await watcher.until(() => watcher.outputs.length === 2);
    const { messagesIn, messagesOut, bytesIn, bytesOut } = isolate.usage();
    assert.equal([messagesIn, messagesOut], [1, 2]);
    assert.is(bytesIn, '{"type":"input","port":"in","value":2}'.length);
    assert.is(bytesOut, 2 * '{"type":"output","port":"out","value":2}'.length);
    await until(isolate, ({ reactions }) => reactions > 1);
    assert.is(isolate.usage().reactions, 2);
    await isolate.wrapup();
  });

  it('tells how many values wait for it', async () => {
    const { isolate } = await run(tier, image(worker));
    const given = [1, 2, 3].map((value) => isolate.provideInput('in', value));
    assert.is(isolate.usage().queuedIn, 3);
    await Promise.all(given);
    assert.is(isolate.usage().queuedIn, 0);
    await isolate.wrapup();
  });

  it(alone ? 'tells how late it answers while it works' : 'does not claim to know how late it answers', async () => {
    const { isolate } = await run(tier, image(worker), limits({ reactionMs: 2000 }));
    if (!alone) {
      await isolate.provideInput('in', 1);
      await until(isolate, ({ reactions }) => reactions === 1);
      assert.is(isolate.usage().lagMs, undefined);
      await isolate.wrapup();
      return;
    }
    await until(isolate, ({ lagMs }) => lagMs !== undefined);
    const given = Promise.all([400, 400, 400].map((value) => isolate.provideInput('in', value)));
    await until(isolate, ({ lagMs = 0 }) => lagMs > 100);
    await given;
    await until(isolate, ({ lagMs = 0 }) => lagMs < 100);
    await isolate.wrapup();
  });

  it(alone ? 'tells of its memory and processor time' : 'does not claim to know of its memory and processor time', async () => {
    const { isolate } = await run(tier, image(worker));
    const enough = ({ cpuMs = 0 }: ReturnType<Isolate['usage']>): boolean => cpuMs > 150;
    if (alone) {
      // However little of a processor it gets in that time.
      for (let i = 0; i < 50 && !enough(isolate.usage()); i++) await isolate.provideInput('in', 200);
      await until(isolate, enough);
      assert.ok((isolate.usage().memoryMiB ?? 0) > 1, `${isolate.usage().memoryMiB} MiB`);
    } else await isolate.provideInput('in', 20);
    const { memoryMiB, cpuMs, cpuPercent } = isolate.usage();
    if (!alone) assert.equal([memoryMiB, cpuMs, cpuPercent], [undefined, undefined, undefined]);
    await isolate.wrapup();
  });

  it('tells how many outputs wait until they may leave', async () => {
    const burst = `
      exports.setup = function () { this.output('out'); };
      exports.initialize = function () { for (let i = 0; i < 10000; i++) this.send('out', i); };`;
    const { isolate, watcher } = await run(tier, image(burst), limits({ messagesPerSecond: 4000, reactionMs: 400 }));
    await until(isolate, ({ queuedOut }) => queuedOut > 0);
    await watcher.until(() => watcher.outputs.length === 10_000);
    await until(isolate, ({ queuedOut }) => queuedOut === 0);
    await isolate.wrapup();
  });

  it.run();
}
