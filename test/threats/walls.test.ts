import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AttackedBox, alice, deployOf, QUIET, sealed, stranger } from '../support/attacked-box.ts';
import { Attacker, initialize, LATER, NEVER, SOON } from '../support/attacker.ts';
import { needing } from '../support/live.ts';

const it = suite('threats: what runs, and its walls');
let box: AttackedBox;
const attacker = new Attacker(() => box);
it.before(async () => {
  box = await AttackedBox.open();
});
it.after(() => box.close());

it('X10: it ends itself and nobody else', async () => {
  await attacker.allEnd(
    ['process.exit(0);', 'process.exit(7);', 'process.abort();', 'process.reallyExit(3);'].map((code) => ({ code: SOON(code) })),
    ['exit'],
  );
  const results = await attacker.tries([
    'process.kill(process.pid, 9)',
    'process.kill(process.ppid, 9)',
    'process.kill(-1, 9)',
    `process.kill(${box.pid}, 19)`,
    'process._kill(1, 9)',
  ]);
  assert.ok(
    results.every((one) => one.startsWith('error ')),
    results.join('\n'),
  );
  await box.holds();
});

it('X11: nothing native is loaded, and nothing of the engine is written to a disk', async () => {
  const results = await attacker.tries([
    'process.dlopen({ exports: {} }, "/x.node")',
    'process.binding("fs")',
    'process._linkedBinding("x")',
    'process.getBuiltinModule("fs")',
    'require("v8").writeHeapSnapshot("/tmp/x")',
    'process.report.writeReport("/tmp/x")',
    'import("node:fs").then(function (fs) { return fs.readFileSync("/etc/passwd"); })',
    'module.constructor._load("fs")',
    'process.mainModule.require("fs")',
  ]);
  assert.ok(
    results.every((one) => one.startsWith('error ')),
    results.join('\n'),
  );
  await box.holds();
});

const MARKERS = /SECRET-MARKER|PRIVATE KEY|namespaces="swarmlet"|root:/;

it('X12: no secret of the box, its environment or its neighbours is read', async () => {
  const files = [
    `${box.folder}/outside/secret`,
    `${box.folder}/trusted_keys`,
    `${box.folder}/state/box_ed25519`,
    '/etc/passwd',
    '/proc/1/environ',
    `/proc/${box.pid}/environ`,
    '/proc/self/environ',
    '/proc/self/cmdline',
  ];
  const results = await attacker.tries([
    ...files.map((file) => `import("node:fs").then(function (fs) { return fs.readFileSync(${JSON.stringify(file)}, "latin1"); })`),
    'JSON.stringify(process.env)',
    'JSON.stringify(process.argv)',
    `this.getResource(${JSON.stringify(`${box.folder}/outside/secret`)})`,
  ]);
  for (const result of results) assert.not.match(result, MARKERS);
  assert.is(results.at(-3), 'value {}');
  await box.holds();
});

it('X13: whatever it writes to whatever is open ends it alone', async () => {
  const bytes = [
    'Buffer.alloc(1000, 7)',
    'Buffer.from([0, 0, 0, 9, 123])',
    'Buffer.from([127, 255, 255, 255, 0])',
    'Buffer.from(\'{"cmd":"NODE_HANDLE_ACK"}\\n\')',
  ];
  for (const what of bytes) {
    const code = initialize(
      LATER(
        `import('node:fs').then(function (fs) { for (var fd = 3; fd < 256; fd++) { try { fs.writeSync(fd, ${what}); } catch (e) {} } }, function () { process.exit(5); });`,
      ),
    );
    const reason = await attacker.ended({ code });
    assert.ok(['protocol', 'exit', 'exception', 'reaction-timeout'].includes(String(reason)), `${reason} of ${what}`);
  }
  await box.holds();
});

it('X14: it has no children, and none survives it', async () => {
  const results = await attacker.tries([
    "import('node:child_process').then(function (c) { return c.spawn('sleep', ['4711'], { detached: true }).pid || 'no pid'; })",
    "import('node:worker_threads').then(function (w) { return new w.Worker('for(;;);', { eval: true }).threadId; })",
    "import('node:cluster').then(function (c) { return c.fork(); })",
  ]);
  assert.ok(
    results.every((one) => !/^value \d+/.test(one)),
    results.join('\n'),
  );
  assert.not.match(execFileSync('ps', ['ax', '-o', 'args']).toString(), /^sleep 4711/m);
  await box.holds();
});

/** Without a network of its own only the permission model of Node 26 keeps it from connecting. */
const walled = needing(it, 'namespaces (bwrap or unshare)', hasNamespaces());
function hasNamespaces(): boolean {
  try {
    execFileSync('unshare', ['--user', '--map-current-user', '--net', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

walled('X15: it reaches no port of the box, of this machine or of the network, and listens on none', async () => {
  const { port: admin } = new URL(box.admin);
  const net = (code: string): string =>
    `import('node:net').then(function (net) { return new Promise(function (resolve, reject) { ${code} }); })`;
  const connect = (port: number | string, host: string): string =>
    net(`net.connect(${port}, '${host}').on('connect', function () { resolve('connected'); }).on('error', reject);`);
  const results = await attacker.tries([
    connect(box.port, '127.0.0.1'),
    connect(admin, '127.0.0.1'),
    connect(80, '169.254.169.254'),
    connect(22, '192.168.0.1'),
    net(`net.createServer().listen(${box.port}, '0.0.0.0', function () { require('x'); resolve('listens'); }).on('error', reject);`),
    `import('node:dgram').then(function (d) { return new Promise(function (resolve, reject) { d.createSocket('udp4').send('x', 5353, '224.0.0.251', function (e) { e ? reject(e) : resolve('sent'); }); }); })`,
    'fetch("http://127.0.0.1")',
    'new WebSocket("ws://127.0.0.1")',
  ]);
  assert.ok(
    results.every((one) => !/connected|sent/.test(one)),
    results.join('\n'),
  );
  const good = await box.wire(alice);
  assert.is(await good.outcome('list', {}), 'done');
  await box.holds();
});

it('X16: there is no channel to the box or to a neighbour', async () => {
  const results = await attacker.tries([
    "import('node:inspector').then(function (i) { i.open(0); return 'opened'; })",
    "import('node:inspector').then(function (i) { var s = new i.Session(); s.connectToMainThread(); return 'connected'; })",
    'new BroadcastChannel("x").name',
    "import('node:worker_threads').then(function (w) { w.setEnvironmentData('x', 1); return 'set ' + typeof w.parentPort; })",
    'process.send("x")',
    'process.channel.fd',
  ]);
  assert.not.match(results[0] ?? '', 'opened');
  assert.not.match(results[1] ?? '', 'connected');
  assert.match(results[2] ?? '', /^error/);
  assert.ok(['value set object', ...results.slice(3, 4).filter((one) => one.startsWith('error'))].includes(results[3] ?? ''));
  assert.match(results[4] ?? '', /^error/);
  assert.match(results[5] ?? '', /^error/);
  await box.holds();
});

it('X17: what it does to its prototypes and built-ins stays with it', async () => {
  const wire = await box.wire(alice);
  const code =
    initialize(`Object.prototype.polluted = 'yes'; JSON.parse = function () { return { ok: true }; }; Array.prototype.push = function () { return 1; };
    Function.prototype.call = function () {}; Promise.prototype.then = function () {}; this.send('out', 1);`);
  const answer = await wire.deploys(sealed(deployOf('t-pollute', attacker.sequence, code, NEVER), alice));
  const wrong = sealed(deployOf('t-other', attacker.sequence, QUIET), stranger) as { signatures: { keyid: string }[] };
  const codes = [await wire.deploys({ ...wrong, signatures: [{ ...wrong.signatures[0], keyid: alice.publicKey.id }] })];
  assert.equal(codes, ['BAD_SIGNATURE']);
  assert.is(await attacker.says(initialize("this.send('out', String(({}).polluted));")), 'undefined');
  if (answer === 'done') await wire.outcome('undeploy', { envelope: attacker.undeploy('t-pollute') });
  await box.holds(codes);
});

it('X18: no way out of the names it was given leads to the box', async () => {
  const results = await attacker.tries([
    'Function("return typeof process.mainModule")()',
    '(async function () {}).constructor("return process.env.HOME")()',
    '(function* () {}).constructor("return process.env.HOME")().next().value',
    'setTimeout(function () {}, 0).constructor.constructor("return String(process.ppid)")()',
    'import("x").catch(function (e) { return e.constructor.constructor("return typeof process.getBuiltinModule")(); })',
    'require.constructor("return typeof process.binding")()',
    '(function () { try { null.x; } catch (e) { return e.constructor.constructor("return typeof process.kill")(); } })()',
    '(function () { var old = Error.prepareStackTrace; Error.prepareStackTrace = function (e, frames) { return String(frames.map(function (f) { return f.getThis() && typeof f.getThis().process; })); }; var text = new Error().stack; Error.prepareStackTrace = old; return text; })()',
  ]);
  const allowed = /^(?:value (?:undefined|,|null)*|error .*)$/;
  for (const result of results) assert.ok(allowed.test(result) || !/HOME|\/tmp|function/.test(result), results.join('\n'));
  await box.holds();
});

it('X26: no swarmlet deploys another unless it was granted that', async () => {
  const [result] = await attacker.tries(["require('deployment')"]);
  assert.match(String(result), /^error .*capability "deployment"/);
  const wire = await box.wire(alice);
  const codes = [await wire.deploys(sealed(deployOf('t-worm', attacker.sequence, QUIET, { capabilities: ['deployment'] }), alice))];
  assert.equal(codes, ['FORBIDDEN']);
  await box.holds(codes);
});

it('X27: a teardown has a defined answer at any time', async () => {
  const wire = await box.wire(alice);
  assert.is(await wire.outcome('undeploy', { envelope: attacker.undeploy('t-unknown') }), 'NOT_FOUND');
  const slow = initialize('var end = Date.now() + 1500; while (Date.now() < end);');
  const [deployed, first, second] = await Promise.all([
    wire.deploys(sealed(deployOf('t-slow', attacker.sequence, slow, NEVER), alice)),
    wire.outcome('undeploy', { envelope: attacker.undeploy('t-slow') }),
    wire.outcome('undeploy', { envelope: attacker.undeploy('t-slow') }),
  ]);
  assert.equal([deployed, first, second], ['done', 'done', 'done']);
  assert.is((await box.status('t-slow')).state, 'stopped');
  await box.holds(['NOT_FOUND']);
});

it('X28: nothing of one that was replaced comes after its successor', async () => {
  const wire = await box.wire(alice);
  const code = (version: string): string =>
    initialize(`setInterval(function () { for (var i = 0; i < 5; i++) self.send('out', '${version}'); }, 10);`);
  await wire.outcome('subscribe', { swarmlet: 't-gen', outputs: true });
  assert.is(await wire.deploys(sealed(deployOf('t-gen', attacker.sequence, code('old'), NEVER), alice)), 'done');
  await wire.notification('output');
  assert.is(await wire.deploys(sealed(deployOf('t-gen', attacker.sequence, code('new'), NEVER), alice)), 'done');
  await wire.notification('output', ({ value }) => value === 'new');
  assert.is(await wire.outcome('undeploy', { envelope: attacker.undeploy('t-gen') }), 'done');
  const values = wire.messages.filter(({ method }) => method === 'output').map(({ params }) => (params as { value: string }).value);
  assert.not(values.slice(values.indexOf('new')).includes('old'));
  await box.holds();
});

it('X29: it can neither see nor forge what the runtime says of it', async () => {
  const forged = [
    '{"type":"pong","id":1,"dropped":0,"reactions":0,"waiting":0}',
    '{"type":"entered","token":"","phase":"running"}',
    '{"type":"ended","token":"x","ending":"completed","message":"","dropped":0}',
    '{"type":"service","name":"deployment","message":{}}',
  ];
  for (const text of forged) {
    const code = initialize(
      LATER(
        `import('node:fs').then(function (fs) { var b = Buffer.from(${JSON.stringify(text)}); var h = Buffer.alloc(4); h.writeUInt32BE(b.length); fs.writeSync(3, Buffer.concat([h, b])); setTimeout(function () { process.exit(9); }, 500); }, function () { process.exit(9); });`,
      ),
    );
    const reason = await attacker.ended({ code });
    assert.ok(['protocol', 'exit'].includes(String(reason)), `${reason} of ${text}`);
  }
  await box.holds();
});

it('X30: a box that stood still for five seconds kills nobody for it', async () => {
  const wire = await box.wire(alice);
  assert.is(await wire.deploys(sealed(deployOf('t-alive', attacker.sequence, QUIET, NEVER), alice)), 'done');
  const before = (await box.audit()).length;
  box.child.kill('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 5000));
  box.child.kill('SIGCONT');
  const running = await box.running();
  assert.ok(running.includes('t-alive') && running.includes('control'), running.join());
  assert.not((await box.audit()).slice(before).some(({ event, to }) => event === 'state' && to === 'failed'));
  assert.is(await (await box.wire(alice)).outcome('undeploy', { envelope: attacker.undeploy('t-alive') }), 'done');
  await box.holds();
});

it.run();
