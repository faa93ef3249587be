import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InlineTier, type IsolateTier, type StartError, ThreadTier } from '../../../../hosts/node/isolate/index.ts';
import { folderWith } from '../../../support/folder.ts';
import { bundleRuntime, failure, image, initialize, limits, run, runsAhead, Watcher, waitsForTheWord } from '../../../support/isolate.ts';

const runtime = bundleRuntime('hosts/node/isolate/thread-child.ts').file;
const said: string[] = [];

const doubler = `
exports.setup = function () {
  this.input('in', { type: 'int' });
  this.output('out');
  this.parameter('gain', { type: 'number', value: 1 });
};
exports.initialize = function () {
  this.addInputHandler('in', function () { this.send('out', this.get('in') * this.getParameter('gain')); });
  this.send('out', 'begun with ' + this.getParameter('gain'));
};
exports.wrapup = function () { this.send('out', 'over'); console.log('wrapped up'); };`;

const tiers: readonly [name: string, make: () => IsolateTier][] = [
  ['thread', () => new ThreadTier({ log: (_level, message) => said.push(message), runtime })],
  ['inline', () => new InlineTier()],
];

for (const [name, make] of tiers) {
  const it = suite(`the ${name} tier`);
  let tier: IsolateTier;
  it.before(() => {
    tier = make();
  });
  it.after(() => tier.close());

  it('runs a swarmlet from its parameters to its end', async () => {
    const { isolate, watcher } = await run(tier, image(doubler, { parameters: { gain: 10 }, inputs: { in: 4 } }));
    await isolate.provideInput('in', '5');
    await watcher.until(() => watcher.outputs.length === 3);
    assert.equal([isolate.level, isolate.pid], [tier.level, process.pid]);
    const { messagesIn, messagesOut, droppedLogs } = isolate.usage();
    assert.equal([messagesIn, messagesOut, droppedLogs], [1, 3, 0]);
    assert.match((await failure(isolate.provideInput('in', 1.5))).message, /in expected an int, but got 1.5/);
    assert.equal(await isolate.wrapup(), { kind: 'stopped' });
    assert.equal(watcher.values('out'), ['begun with 10', 40, 50, 'over']);
    assert.equal(watcher.logs, ['info: wrapped up']);
  });

  it('gives each swarmlet its own console, also for what runs later', async () => {
    const code = (text: string): string =>
      initialize(`
      setTimeout(function () { console.log('${text}'); console.error('${text}'); }, 1);`);
    const both = await Promise.all([run(tier, image(code('one'))), run(tier, image(code('two')))]);
    for (const [i, { isolate, watcher }] of both.entries()) {
      const text = ['one', 'two'][i];
      await watcher.until(() => watcher.logs.length === 2);
      assert.equal(watcher.logs.sort(), [`error: ${text}`, `info: ${text}`]);
      await isolate.wrapup();
    }
  });

  it('lets nobody hear of a swarmlet before it may, and ends it where it may not', () => waitsForTheWord(tier));

  if (name === 'thread') it('begins a swarmlet before it may be heard, and hears all of it then', () => runsAhead(tier));

  it('tells why a swarmlet does not start, and ends it', async () => {
    const isolate = await tier.claim(limits());
    const watcher = new Watcher(isolate);
    const error = (await failure(isolate.start(image(initialize('null.port;')), limits()))) as StartError;
    assert.equal([error.reason, error.phase], ['exception', 'initialize']);
    assert.match(error.message, /main\.js:7/);
    assert.is((await watcher.ended()).kind, 'failed');
  });

  it('knows when a swarmlet wraps itself up', async () => {
    const { watcher } = await run(tier, image(initialize('this.stopAt(20);')));
    assert.equal(await watcher.ended(), { kind: 'completed' });
  });

  it('ends a flood of values', async () => {
    const { watcher } = await run(
      tier,
      image(initialize("setTimeout(function () { for (var i = 0; i < 20000; i++) self.send('out', i); }, 1);")),
      limits({ messagesPerSecond: 100 }),
    );
    assert.match(JSON.stringify(await watcher.ended()), /"messages"/);
  });

  it('takes nothing from a swarmlet that was killed', async () => {
    const { isolate, watcher } = await run(
      tier,
      image(initialize("this.send('out', 0); setInterval(function () { self.send('out', 1); }, 1);")),
    );
    await watcher.until(() => watcher.outputs.length > 2);
    assert.equal(await isolate.kill('exit', 'enough'), { kind: 'failed', reason: 'exit', message: 'enough' });
    const count = watcher.outputs.length;
    const other = await run(tier, image(initialize("setTimeout(function () { self.send('out', 1); }, 20);")));
    await other.watcher.until(() => other.watcher.outputs.length === 1);
    assert.is(watcher.outputs.length, count);
    await other.isolate.wrapup();
  });

  it.run();
}

const it = suite('threads');
let tier: ThreadTier;
it.before(() => {
  tier = new ThreadTier({ log: (_level, message) => said.push(message), runtime });
});
it.after(() => tier.close());

const ends: readonly [what: string, code: string, pattern: RegExp][] = [
  ['a loop', 'for (;;);', /"reaction-timeout".*was stuck/],
  ['a wait without end', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);', /"reaction-timeout".*was blocked/],
  ['an exit', 'process.exit(3);', /"exit".*exit code 3/],
  ['a promise that nobody catches', 'Promise.reject(new Error("lost"));', /"exception".*lost/],
  ['buffers beyond its limit', 'var a = []; setInterval(function () { a.push(Buffer.alloc(2e6, 1)); }, 1);', /"memory"/],
  ['small objects beyond its limit', 'var a = []; for (;;) a.push({ n: a.length });', /"memory"/],
];
for (const [what, code, pattern] of ends) {
  it(`are ended for ${what}, and the host goes on`, async () => {
    const reactionMs = what.endsWith('its limit') ? 20_000 : 400; // on a busy machine it takes long to reach that limit
    const { watcher } = await run(tier, image(initialize(`setTimeout(function () { ${code} }, 1);`)), limits({ reactionMs }));
    assert.match(JSON.stringify(await watcher.ended()), pattern);
  });
}

it('have no process, file or environment in reach', async () => {
  const code = initialize(`this.send('out', [typeof process.kill, typeof process.binding, typeof process.getBuiltinModule,
    Object.keys(process.env).length, typeof fetch]);`);
  const { isolate, watcher } = await run(tier, image(code));
  await watcher.until(() => watcher.outputs.length === 1);
  assert.equal(watcher.values('out'), [['undefined', 'undefined', 'undefined', 0, 'undefined']]);
  await isolate.wrapup();
});

it('that do not end when told to are counted, and after three no more are begun', async () => {
  const folder = folderWith({});
  const fifo = join(folder.path, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const descriptor = openSync(fifo, constants.O_RDWR);
  const stuck = bundleRuntime('test/support/stuck-thread.ts').file;
  const leaking = new ThreadTier({ log: (_level, message) => said.push(message), runtime: stuck });
  said.length = 0;
  for (let i = 0; i < 3; i++) {
    const isolate = await leaking.claim(limits());
    void failure(isolate.start(image('', { parameters: { descriptor } }), limits({ setupMs: 100 })));
    await new Watcher(isolate).ended();
    assert.match(JSON.stringify(await isolate.kill('exit', 'too late')), /setup-timeout/);
  }
  assert.match((await failure(leaking.claim(limits()))).message, /3 threads of this box did not end .* Restart the box/);
  assert.is(said.length, 3);
  writeSync(descriptor, 'end');
  closeSync(descriptor);
  folder.remove();
});

it.run();
