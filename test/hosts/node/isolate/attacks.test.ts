import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FailureReason, ProcessTier } from '../../../../hosts/node/isolate/index.ts';
import { StartError } from '../../../../hosts/node/isolate/index.ts';
import { bundleRuntime, failure, image, initialize, limits, openTier, run, Watcher } from '../../../support/isolate.ts';

/** Hostile and broken swarmlets inside the real runtime, at the best level of this system (THREATS.md X). */
const it = suite('hostile swarmlets');
const runtime = bundleRuntime();
const tight = limits({ setupMs: 500, initializeMs: 500, reactionMs: 400, wrapupMs: 300 });
let tier: ProcessTier;

it.before(async () => {
  tier = await openTier(runtime);
});
it.after(() => tier.close());

/** Longest time that the event loop of this host was away while `during` went on, in ms. */
async function hostLag(during: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let at = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - at - 5);
    at = performance.now();
  }, 5);
  await during();
  clearInterval(timer);
  return longest;
}

const stuckStarts: [where: string, code: string, reason: FailureReason, told?: string][] = [
  ['load', 'for (;;);', 'setup-timeout', 'setup'],
  ['setup', 'exports.setup = function () { for (;;); };', 'setup-timeout'],
  ['initialize', initialize('for (;;);'), 'start-timeout'],
];
for (const [where, code, reason, told = where] of stuckStarts) {
  it(`ends a loop in ${where}`, async () => {
    const isolate = await tier.claim(tight);
    const watcher = new Watcher(isolate);
    const error = (await failure(isolate.start(image(code), tight))) as StartError;
    assert.instance(error, StartError);
    assert.equal([error.reason, error.phase], [reason, told]);
    assert.equal(await watcher.ended(), { kind: 'failed', reason, message: error.message });
  });
}

const stuck: [what: string, code: string, how?: 'blocked'][] = [
  ['a loop in a handler', initialize("this.addInputHandler('in', function () { for (;;); });")],
  ['a loop in a timer', initialize('setTimeout(function () { for (;;); }, 1);')],
  ['a flood of promises', initialize('setTimeout(function () { (function again() { Promise.resolve().then(again); })(); }, 1);')],
  ['a flood of ticks', initialize('setTimeout(function () { (function again() { process.nextTick(again); })(); }, 1);')],
  ['backtracking', initialize("setTimeout(function () { /^(a+)+$/.test('a'.repeat(40) + 'b'); }, 1);")],
  [
    'a wait without end',
    initialize('setTimeout(function () { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); }, 1);'),
    'blocked',
  ],
];
for (const [what, code, how = 'stuck'] of stuck) {
  it(`ends ${what} as ${how}`, async () => {
    const isolate = await tier.claim(tight);
    const watcher = new Watcher(isolate);
    await isolate.start(image(code, { inputs: { in: 1 } }), tight);
    assert.match(JSON.stringify(await watcher.ended()), new RegExp(`"reaction-timeout".*event loop was ${how}`));
  });
}

it('ends what answers but uses more of a processor than it may', async () => {
  const code = initialize('setInterval(function () { for (var end = Date.now() + 20; Date.now() < end; ); }, 5);');
  const { watcher } = await run(tier, image(code), limits({ cpuPercent: 5 }));
  assert.match(JSON.stringify(await watcher.ended()), /"cpu".*allowed are 5 %/);
});

it('ends a loop in wrapup', async () => {
  const { isolate } = await run(tier, image(`${initialize('')}exports.wrapup = function () { for (;;); };`), tight);
  assert.match(JSON.stringify(await isolate.wrapup()), /"wrapup-timeout"/);
});

it('takes no harm from events without end, and lets them be stopped', async () => {
  const { isolate, watcher } = await run(
    tier,
    image(initialize("(function again() { setTimeout(again, 0); })(); globalThis.setTimeout(function () { self.send('out', 1); }, 1500);")),
    tight,
  );
  await watcher.until(() => watcher.outputs.length === 1);
  assert.equal(await isolate.wrapup(), { kind: 'stopped' });
});

const hungry: [what: string, code: string][] = [
  ['a growing array', 'var a = []; for (;;) a.push(1.5);'],
  ['a growing map', 'var m = new Map(); for (var i = 0; ; i++) m.set(i, i);'],
  ['many small objects', 'var a = []; for (;;) a.push({ n: a.length });'],
  ['buffers', 'var a = []; for (;;) a.push(Buffer.alloc(8e6, 1));'],
  ['array buffers that are never touched', 'var a = []; for (;;) a.push(new ArrayBuffer(2e7));'],
  ['one huge array buffer', 'new ArrayBuffer(4e9);'],
  [
    'WebAssembly memory',
    'var a = []; for (;;) { a.push(new WebAssembly.Memory({ initial: 100 })); new Uint8Array(a[a.length - 1].buffer).fill(1); }',
  ],
  ['strings', "var a = []; for (;;) a.push('x'.repeat(1e6) + Math.random());"],
];
for (const [what, code] of hungry) {
  it(`ends ${what} for lack of memory`, async () => {
    const { watcher } = await run(tier, image(initialize(`setTimeout(function () { ${code} }, 1);`)));
    assert.match(JSON.stringify(await watcher.ended()), /"memory"/);
  });
}

it('ends memory that grows bit by bit, within the limit of the swarmlet', async () => {
  const low = limits({ memoryMiB: 40 });
  const { isolate, watcher } = await run(
    tier,
    image(initialize('var a = []; setInterval(function () { a.push(Buffer.alloc(1e6, 1)); }, 1);')),
    low,
  );
  assert.match(JSON.stringify(await watcher.ended()), /"memory".*allowed are 40 MiB/);
  assert.ok((isolate.usage().memoryMiB ?? 0) < 80, `${isolate.usage().memoryMiB} MiB`);
});

it('tells of a start that takes too much memory', async () => {
  const isolate = await tier.claim(limits());
  const error = (await failure(isolate.start(image('var a = []; for (;;) a.push(Buffer.alloc(8e6, 1));'), limits()))) as StartError;
  assert.equal([error.reason, error.phase], ['memory', 'setup']);
});

it('drops and counts what the console writes too fast, and cuts long lines', async () => {
  const code = initialize(`
    console.log('y'.repeat(20000));
    setInterval(function () { for (var i = 0; i < 500; i++) { console.log('x'.repeat(999)); console.error('z'.repeat(999)); } }, 1);
    setTimeout(function () { self.send('out', 1); }, 300);`);
  const began = performance.now();
  const { isolate, watcher } = await run(tier, image(code));
  await watcher.until(() => watcher.outputs.length === 1);
  await isolate.wrapup();
  const seconds = (performance.now() - began) / 1000;
  const bytes = watcher.logs.reduce((sum, line) => sum + line.length, 0);
  assert.ok(bytes <= (2 + seconds) * 65_536, `${bytes} bytes of log in ${seconds} s`);
  assert.is(watcher.logs[0]?.length, 'info: '.length + 8192 + 3);
  assert.ok(isolate.usage().droppedLogs > 500, `${isolate.usage().droppedLogs} dropped`);
});

it('passes bytes that are no text as lines without breaking', async () => {
  const code = initialize(
    "process.stdout.write(Buffer.from([0xff, 0x1b, 0x5b, 0x41, 0x0a, 0x0d, 0x0a])); process.stderr.write('no end of line');",
  );
  const { isolate, watcher } = await run(tier, image(code));
  await isolate.wrapup();
  assert.equal(watcher.logs.sort(), ['error: no end of line', 'info: ', 'info: \ufffd\u001b[A']);
});

it('slows a swarmlet that sends too much, and neither the host nor others', async () => {
  const rate = limits({ messagesPerSecond: 2000 });
  const flood = await run(
    tier,
    image(initialize("setInterval(function () { for (var i = 0; i < 200; i++) self.send('out', i); }, 1);")),
    rate,
  );
  const calm = await run(tier, image(initialize("this.addInputHandler('in', function () { self.send('out', self.get('in')); });")));
  const trips: number[] = [];
  const lag = await hostLag(async () => {
    for (let i = 1; i <= 200; i++) {
      const at = performance.now();
      await calm.isolate.provideInput('in', i);
      await calm.watcher.until(() => calm.watcher.outputs.length === i);
      trips.push(performance.now() - at);
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  assert.equal(flood.watcher.values('out').slice(0, 3), [0, 1, 2]);
  await Promise.all([flood.isolate.wrapup(), calm.isolate.wrapup()]);
  assert.ok(lag < 200, `the host was away for ${lag} ms`);
  assert.ok(flood.watcher.outputs.length < 20_000, `${flood.watcher.outputs.length} outputs`);
});

it('keeps the order of outputs, however many wait', async () => {
  const code = initialize("for (var i = 0; i < 5000; i++) self.send('out', i); setTimeout(function () { self.send('out', 5000); }, 1);");
  const { isolate, watcher } = await run(tier, image(code));
  await watcher.until(() => watcher.outputs.length === 5001);
  assert.equal(
    watcher.values('out'),
    Array.from({ length: 5001 }, (_, i) => i),
  );
  await isolate.wrapup();
});

it('ends a flood of outputs in a single reaction', async () => {
  const { watcher } = await run(
    tier,
    image(initialize("setTimeout(function () { for (;;) self.send('out', 'x'); }, 1);")),
    limits({ reactionMs: 5000 }),
  );
  assert.match(JSON.stringify(await watcher.ended()), /"messages"/);
});

it('refuses a value of 50 MB where it is sent, and goes on', async () => {
  const code = initialize(
    "try { self.send('out', 'x'.repeat(5e7)); } catch (error) { self.send('out', [error.code, error.detail.limit]); }",
  );
  const { isolate, watcher } = await run(tier, image(code));
  await watcher.until(() => watcher.outputs.length === 1);
  assert.equal(watcher.outputs, [['out', ['VALUE_TOO_LARGE', 1_048_576]]]);
  assert.match((await failure(isolate.provideInput('in', 'x'.repeat(5e7)))).message, /at most 1048576 may cross/);
  await isolate.wrapup();
});

it('takes away what reaches out of the swarmlet', async () => {
  const code = initialize(`
    var names = ['kill', '_kill', 'binding', '_linkedBinding', 'dlopen', 'getBuiltinModule', 'chdir', 'mainModule', 'report', 'stdin', 'setuid',
      '_getActiveHandles', '_getActiveRequests', '_debugProcess', 'setUncaughtExceptionCaptureCallback', 'loadEnvFile', 'send', 'channel'];
    self.send('out', names.filter(function (name) { return process[name] !== undefined; }));
    self.send('out', ['require', 'module', 'fetch', 'WebSocket', 'EventSource', 'Worker', 'localStorage'].filter(function (name) { return globalThis[name] !== undefined; }));
    self.send('out', [Object.keys(process.env), process.argv, process.execArgv, typeof process.execPath]);
    self.send('out', typeof require('util').inspect);
    import('fs').then(function () { self.send('out', 'imported'); }, function (error) { self.send('out', error.code); });`);
  const { isolate, watcher } = await run(tier, image(code));
  await watcher.until(() => watcher.outputs.length === 5);
  assert.equal(watcher.values('out'), [[], [], [[], [], [], 'undefined'], 'function', 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING']);
  await isolate.wrapup();
});

it('lets a swarmlet see its peers only when it is trusted', async () => {
  const peers =
    "exports.setup = function () { this.output('out'); }; exports.initialize = function () { this.send('out', this.getTopLevelAccessors().length); };";
  const main = `exports.setup = function () { this.output('out'); this.connect(this.instantiate('peers', 'trusted/Peers'), 'out', 'out'); };`;
  const others = { 'trusted/Peers.js': peers };
  const { watcher, isolate } = await run(tier, image(main, { others, trusted: true }));
  assert.equal(watcher.values('out'), [1]);
  await isolate.wrapup();
  const stranger = await tier.claim(limits());
  const error = await failure(stranger.start(image(main, { others }), limits()));
  assert.match(error.message, /Access to peers is not permitted/);
});

it('survives built-in functions that the swarmlet broke, in itself alone', async () => {
  const code = initialize(`
    JSON.parse = function () { return { type: 'reboot' }; };
    Array.prototype.push = function () { throw new Error('broken'); };
    Object.prototype.type = 'ended';
    require('events').prototype.emit = function () {};
    setTimeout(function () {}, 1);`);
  const broken = await tier.claim(tight);
  await broken.start(image(code), tight).catch(() => {}); // it may even start
  await broken.wrapup();
  const { isolate, watcher } = await run(tier, image(initialize("self.send('out', {}.type === undefined);")));
  await watcher.until(() => watcher.outputs.length === 1);
  assert.equal(watcher.outputs, [['out', true]]);
  await isolate.wrapup();
});

it.run();
