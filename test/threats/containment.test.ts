import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AttackedBox, alice, commonFields, deployOf, polled, QUIET, sealed } from '../support/attacked-box.ts';
import { Attacker, initialize, LATER, NEVER, SOON } from '../support/attacker.ts';

const it = suite('threats: what runs, and its limits');
let box: AttackedBox;
const attacker = new Attacker(() => box);
it.before(async () => {
  box = await AttackedBox.open();
});
it.after(() => box.close());

const LOOP = 'for (;;);';

it('X01: a loop ends at its limit wherever it is', async () => {
  const limits = { setupMs: 400, initializeMs: 400, wrapupMs: 300 };
  assert.is(await attacker.ended({ code: LOOP, limits }), 'setup-timeout');
  assert.is(await attacker.ended({ code: `exports.setup = function () { ${LOOP} };`, limits }), 'setup-timeout');
  assert.is(await attacker.ended({ code: initialize(LOOP), limits }), 'start-timeout');
  assert.is(await attacker.ended({ code: initialize(LATER(LOOP)), limits }), 'reaction-timeout');
  const wire = await box.wire(alice);
  const name = 't-bad';
  const inHandler = initialize(`this.addInputHandler('in', function () { ${LOOP} });`, `exports.wrapup = function () { ${LOOP} };`);
  assert.is(
    await wire.deploys(
      sealed(deployOf(name, attacker.sequence, inHandler, { ...NEVER, limits: { reactionMs: 300, wrapupMs: 300 } }), alice),
    ),
    'done',
  );
  const input = wire.outcome('input', {
    envelope: sealed({ action: 'input', swarmlet: name, port: 'in', value: 1, ...commonFields() }, alice),
  });
  assert.is((await box.reaches(name, 'failed')).reason, 'reaction-timeout');
  await input;
  assert.is(
    await wire.deploys(sealed(deployOf(name, attacker.sequence, inHandler, { ...NEVER, limits: { wrapupMs: 300 } }), alice)),
    'done',
  );
  assert.is(await wire.outcome('undeploy', { envelope: attacker.undeploy(name) }), 'done');
  assert.is((await box.status(name)).reason, 'wrapup-timeout');
  await box.holds();
});

it('X02: a flood of turns of the event loop is a loop', () =>
  attacker.allEnd(
    [
      'function go() { Promise.resolve().then(go); } go();',
      'function go() { process.nextTick(go); } go();',
      'function go() { queueMicrotask(go); queueMicrotask(go); } go();',
      'for (var i = 0; i < 1e7; i++) setTimeout(function () {}, 1);',
    ].map((code) => ({ code: SOON(code) })),
    ['reaction-timeout', 'memory'],
  ));

it('X03: what takes for ever inside of a call is a loop', () =>
  attacker.allEnd(
    [
      '/^(a+)+$/.test(new Array(60).join("a") + "!");',
      'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);',
      'var a = new Float64Array(3e6); for (;;) a.map(Math.random).sort(function (x, y) { return y - x; });',
      'JSON.stringify(new Array(5e7).fill(1));',
    ].map((code) => ({ code: SOON(code) })),
    ['reaction-timeout', 'memory'],
  ));

it('X04: no call of the system blocks anything', async () => {
  const results = await attacker.tries([
    "require('child_process').execSync('sleep 9')",
    "require('fs').readFileSync('/proc/1/environ')",
    "process.binding('spawn_sync')",
  ]);
  assert.ok(
    results.every((one) => one.startsWith('error ')),
    results.join('\n'),
  );
  await box.holds();
});

it('X05: memory that grows on the heap ends its swarmlet alone', () =>
  attacker.allEnd(
    [
      'var a = []; for (;;) a.push(1.5);',
      'var m = new Map(); for (var i = 0; ; i++) m.set(i, i);',
      'var a = []; for (;;) a.push({ a: {}, b: [1, 2, 3] });',
      'var s = []; setInterval(function () { for (var i = 0; i < 1e5; i++) s.push(new Array(10).fill(i)); }, 1);',
      'var b = []; for (;;) b.push(new Array(1 << 22).fill(0.5));',
    ].map((code) => ({ code: SOON(code), limits: { reactionMs: 4000 } })),
    ['memory', 'reaction-timeout'],
  ));

it('X06: memory that grows beside the heap ends its swarmlet alone', () =>
  attacker.allEnd(
    [
      'var b = []; setInterval(function () { b.push(Buffer.alloc(1 << 23, 1)); }, 1);',
      'var b = []; setInterval(function () { b.push(new Uint8Array(1 << 23).fill(1)); }, 1);',
      'var m = new WebAssembly.Memory({ initial: 1, maximum: 65536 }); setInterval(function () { m.grow(128); new Uint8Array(m.buffer).fill(1); }, 1);',
    ].map((code) => ({ code: SOON(code), limits: { reactionMs: 4000 } })),
    ['memory', 'exception'],
  ));

it('X07: a flood of outputs is slowed or ended, and does not slow a neighbour', async () => {
  const wire = await box.wire(alice);
  const flood = initialize(LATER('var n = 0; setInterval(function () { for (var i = 0; i < 5000; i++) self.send("out", n++); }, 1);'));
  assert.is(await wire.deploys(sealed(deployOf('t-flood', attacker.sequence, flood, NEVER), alice)), 'done');
  assert.is(await wire.deploys(sealed(deployOf('t-echo', attacker.sequence, QUIET, NEVER), alice)), 'done');
  for (let i = 0; i < 20; i++) {
    assert.is(
      await wire.outcome('input', {
        envelope: sealed({ action: 'input', swarmlet: 't-echo', port: 'in', value: i, ...commonFields() }, alice),
      }),
      'done',
    );
  }
  assert.is(
    await attacker.ended({ code: SOON('for (var i = 0; i < 1e6; i++) self.send("out", i);'), limits: { reactionMs: 5000 } }),
    'messages',
  );
  for (const name of ['t-flood', 't-echo']) assert.is(await wire.outcome('undeploy', { envelope: attacker.undeploy(name) }), 'done');
  await box.holds();
});

it('X08: a flood of logs is cut and counted', async () => {
  const wire = await box.wire(alice);
  const code = initialize(
    LATER(
      'console.log(new Array(1e7).join("x")); console.log("\\u0000\\u0001\\ud800\\u001b[31m"); setInterval(function () { for (var i = 0; i < 200; i++) console.log("a line of some length " + i); }, 1);',
    ),
  );
  assert.is(await wire.deploys(sealed(deployOf('t-log', attacker.sequence, code, NEVER), alice)), 'done');
  await polled(
    () => box.status('t-log'),
    (status) => Number((status.usage as { droppedLogs: number }).droppedLogs) > 100,
    'lines are dropped',
  );
  const { lines } = (await wire.call('logs', { swarmlet: 't-log' })).result as { lines: object[] };
  assert.ok(JSON.stringify(lines).length < 1_000_000);
  assert.is(await wire.outcome('undeploy', { envelope: attacker.undeploy('t-log') }), 'done');
  await box.holds();
});

it('X09: what it left open is given back when it ends', async () => {
  const wire = await box.wire(alice);
  for (let i = 0; i < 5; i++) {
    const code = initialize(
      'this.kept = []; for (var i = 0; i < 1000; i++) { this.kept.push(setInterval(function () {}, 1000)); this.addInputHandler("in", function () {}); } this.send("out", 1);',
    );
    assert.is(await wire.deploys(sealed(deployOf('t-leak', attacker.sequence, code, NEVER), alice)), 'done');
  }
  assert.is(await wire.outcome('undeploy', { envelope: attacker.undeploy('t-leak') }), 'done');
  await box.holds();
});

it('X19: an error may be anything', async () => {
  await attacker.allEnd(
    [
      'Promise.reject(null)',
      'Promise.reject({ get message() { throw 1; } })',
      'Promise.reject(new Proxy({}, { get: function () { throw 2; } }))',
      'Promise.reject(undefined)',
    ].map((code) => ({ code: SOON(code) })),
    ['exception', 'exit'],
  );
  await attacker.allEnd([{ code: SOON('Promise.reject({ get message() { for (;;); } })') }], ['reaction-timeout', 'exception']);
  for (const thrown of [
    'null',
    'undefined',
    '{ get message() { throw 1; } }',
    'cyclic()',
    'new Proxy(function () {}, { get: function () { throw 2; } })',
  ]) {
    const wire = await box.wire(alice);
    const code = `function cyclic() { var e = new Error('x'); e.cause = e; return e; } exports.setup = function () { throw ${thrown}; };`;
    assert.is(await wire.deploys(sealed(deployOf('t-throw', attacker.sequence, code, NEVER), alice)), 'SETUP_FAILED', thrown);
    wire.end();
  }
  await box.holds();
});

it('X20: wrapping up has its time, and what was held is free after it', async () => {
  const wire = await box.wire(alice);
  for (const [code, reason] of [
    ['for (;;);', 'wrapup-timeout'],
    ['throw new Error("no");', null],
    ['setInterval(function () {}, 1); setTimeout(function () { for (;;); }, 0);', null],
  ] as const) {
    const whole = initialize('', `exports.wrapup = function () { ${code} };`);
    assert.is(
      await wire.deploys(sealed(deployOf('t-wrapup', attacker.sequence, whole, { ...NEVER, limits: { wrapupMs: 300 } }), alice)),
      'done',
    );
    assert.is(await wire.outcome('undeploy', { envelope: attacker.undeploy('t-wrapup') }), 'done');
    const { state, reason: told } = await box.status('t-wrapup');
    assert.equal([state, told], ['stopped', reason], code);
  }
  await box.holds();
});

it('X21: who takes more of the processor than it was given ends', async () => {
  const busy = SOON('(function go() { var end = Date.now() + 80; while (Date.now() < end); setTimeout(go, 5); })();');
  assert.is(await attacker.ended({ code: busy, limits: { cpuPercent: 20, reactionMs: 1000 } }), 'cpu');
  await box.holds();
});

it('X22: what it gives the thread pool to do is its own', async () => {
  const wire = await box.wire(alice);
  const code = initialize(
    "import('node:crypto').then(function (c) { for (var i = 0; i < 64; i++) c.pbkdf2('x', 'y', 3e6, 64, 'sha512', function () {}); });",
  );
  assert.is(await wire.deploys(sealed(deployOf('t-pool', attacker.sequence, code, NEVER), alice)), 'done');
  await box.holds();
  assert.is(await (await box.wire(alice)).outcome('undeploy', { envelope: attacker.undeploy('t-pool') }), 'done');
  await box.holds();
});

it('X23: it writes nothing to a disk', async () => {
  const write = (path: string): string =>
    `import("node:fs").then(function (fs) { fs.writeFileSync(${JSON.stringify(path)}, "x"); return "written"; })`;
  const results = await attacker.tries([
    write('/tmp/x-written'),
    write('x-written'),
    write('/dev/shm/x-written'),
    write(`${box.folder}/outside/x`),
    'import("node:fs").then(function (fs) { fs.mkdirSync("/tmp/y"); return "written"; })',
  ]);
  assert.ok(
    results.every((one) => !one.includes('written') || one.startsWith('error')),
    results.join('\n'),
  );
  await box.holds();
});

it('X24: who fails again and again rests longer each time, and then for good', async () => {
  const wire = await box.wire(alice);
  const code = SOON('process.exit(1);');
  assert.is(
    await wire.deploys(
      sealed(deployOf('t-crash', attacker.sequence, code, { run: { restart: 'always' }, limits: { restarts: 2 } }), alice),
    ),
    'done',
  );
  await box.reaches('t-crash', 'backoff');
  assert.is(
    (
      await polled(
        () => box.status('t-crash'),
        ({ reason }) => reason === 'crash-loop',
        'it is given up',
      )
    ).state,
    'failed',
  );
  await box.holds();
});

it('X25: many pushes and teardowns leave nothing behind', async () => {
  const wire = await box.wire(alice);
  for (let i = 0; i < 15; i++) {
    assert.is(await wire.deploys(sealed(deployOf('t-cycle', attacker.sequence, QUIET, NEVER), alice)), 'done');
    assert.is(await wire.outcome('undeploy', { envelope: attacker.undeploy('t-cycle') }), 'done');
  }
  await box.holds();
});

it.run();
