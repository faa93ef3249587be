import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ProcessTier } from '../../../../hosts/node/isolate/index.ts';
import { bundleRuntime, failure, image, initialize, levelsHere, limits, openTier, run } from '../../../support/isolate.ts';

/** The runtime itself has fallen: what holds is the frame reader of the host, and the walls around the process. */
const real = bundleRuntime();
const fallen = bundleRuntime('test/support/hostile-runtime.ts');
const here = await levelsHere(fallen);

/** What a child sends; each is the end of it, for the reason `protocol` unless told otherwise. */
const violations: [what: string, code: string, reason?: string][] = [
  ['a length of 2 GiB', 'pipe.write(Buffer.from([0x7f, 0xff, 0xff, 0xff]));'],
  ['a length of nothing', 'pipe.write(Buffer.alloc(4));'],
  ['a frame above the cap', 'pipe.write(frame("x".repeat(1048577)));'],
  ['what is no JSON', 'pipe.write(frame("{{{not json"));'],
  ['a bare value', 'send(7);'],
  ['lines as of Node', 'pipe.write(\'{"cmd":"NODE_HANDLE_ACK"}\\n\'.repeat(1000));'],
  ['depth', 'pipe.write(frame("[".repeat(60000)));'],
  ['a key __proto__', 'pipe.write(frame(\'{"type":"output","port":"out","value":{"__proto__":1}}\'));'],
  ['ready once more', 'send({ type: "loaded" });'],
  ['running once more', 'send({ type: "entered", token: token, phase: "running" });'],
  ['ready under a false token', 'send({ type: "entered", token: "guess", phase: "running" });'],
  ['an end under a false token', 'send({ type: "ended", token: "guess", ending: "completed", message: "", dropped: 0 });'],
  ['an answer to no question', 'send({ type: "pong", id: 99, dropped: 0, reactions: 0, waiting: 0 });'],
  ['a view that nobody asked for', 'send({ type: "seen", id: 1, view: { revision: 1, reactions: [], values: [] } });'],
  ['inputs taken that were not given', 'send({ type: "taken", count: 3 });'],
  ['an input refused that was not given', 'send({ type: "refused", message: "no" });'],
  ['more outputs than it may', 'for (var i = 0; i < 50_000; i++) say(i);', 'messages'],
];

const it = suite('a fallen runtime');
let tier: ProcessTier;
it.before(async () => {
  tier = await openTier(fallen);
});
it.after(() => tier.close());

for (const [what, code, reason = 'protocol'] of violations) {
  it(`is ended for sending ${what}`, async () => {
    const { watcher } = await run(tier, image(code));
    const end = await watcher.ended();
    assert.is(end.kind === 'failed' && end.reason, reason);
  });
}

it('is ended for claiming to run before it did', async () => {
  const isolate = await tier.claim(limits());
  const started = failure(
    isolate.start(image('send({ type: "entered", token: token, phase: "running" });', { parameters: { at: 'load' } }), limits()),
  );
  assert.match((await started).message, /'running' after 'setup'/);
});

it('is ended for outputs before it was started', async () => {
  const early = bundleRuntime('test/support/hostile-early.ts');
  assert.match((await failure(openTier(early))).message, /no message of this protocol/);
});

it('harms nobody by bytes on every descriptor', async () => {
  const bytes = [
    'Buffer.from("{{{not json\\n")',
    'Buffer.from(\'{"cmd":"NODE_HANDLE_ACK"}\\n\')',
    'Buffer.alloc(70000, "[")',
    'Buffer.from([0x7f, 0xff, 0xff, 0xff, 1, 2, 3])',
    'require("crypto").randomBytes(5000)',
  ];
  for (const one of bytes) {
    const { watcher } = await run(tier, image(`everywhere(${one});`));
    const end = await watcher.ended();
    assert.ok(end.kind === 'failed' && (end.reason === 'protocol' || end.reason === 'exit'), JSON.stringify(end));
  }
});

it('gets no further with valid frames on every descriptor than with outputs of its own', async () => {
  const { isolate, watcher } = await run(tier, image('everywhere(frame({ type: "output", port: "forged", value: 1 }));'));
  await watcher.until(() => watcher.outputs.length === 1);
  assert.equal(watcher.outputs, [['forged', 1]]);
  await isolate.wrapup().then(() => isolate.kill('exit', ''));
});

it('is slowed when it writes to the log as fast as it can', async () => {
  const code = 'var line = Buffer.from("x".repeat(999) + "\\n"); for (;;) require("fs").writeSync(1, line);';
  const { watcher } = await run(tier, image(code), limits({ reactionMs: 400 }));
  assert.match(JSON.stringify(await watcher.ended()), /"reaction-timeout"/);
  assert.ok(watcher.logs.length < 1000, `${watcher.logs.length} lines`);
});

it.run();

for (const level of here) {
  const its = suite(`a fallen runtime at level ${level}`);
  const folder = mkdtempSync(join(tmpdir(), 'key-'));
  const key = join(folder, 'box_ed25519');
  let server: Server;
  let tier: ProcessTier;

  its.before(async () => {
    tier = await openTier(fallen, level);
    writeFileSync(key, 'the secret marker', { mode: 0o600 });
    server = createServer((socket) => socket.end('in')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  its.after(async () => {
    await tier.close();
    server.close();
    rmSync(folder, { recursive: true });
  });

  /** What the code answers by `say`. */
  const answerTo = async (code: string): Promise<string> => {
    const { isolate, watcher } = await run(tier, image(code));
    await watcher.until(() => watcher.outputs.length === 1);
    await isolate.kill('exit', 'done');
    return String(watcher.outputs[0]?.[1]);
  };

  its('cannot read the key of the box, nor write, nor start a program or a thread', async () => {
    const code = (expression: string): string => `try { say('did ' + ${expression}); } catch (error) { say(error.code); }`;
    assert.match(await answerTo(code(`require('fs').readFileSync(${JSON.stringify(key)}, 'utf8')`)), /^(ENOENT|ERR_ACCESS_DENIED)$/);
    assert.match(
      await answerTo(code(`require('fs').readFileSync('/proc/${process.pid}/environ', 'utf8')`)),
      /^(ENOENT|ERR_ACCESS_DENIED)$/,
    );
    assert.match(await answerTo(code(`require('fs').writeFileSync('/tmp/swarmlet', 'x')`)), /^(EROFS|ENOENT|ERR_ACCESS_DENIED)$/);
    assert.is(await answerTo(code(`require('child_process').spawnSync('/bin/true')`)), 'ERR_ACCESS_DENIED');
    assert.is(await answerTo(code(`new (require('worker_threads').Worker)('1', { eval: true })`)), 'ERR_ACCESS_DENIED');
  });

  its('has no environment', async () => {
    assert.is(await answerTo('say(Object.keys(process.env).filter(function (name) { return name !== "PWD"; }).join());'), '');
  });

  if (level === 'P1') {
    its.run();
    continue;
  }

  its('cannot signal the host, nor everybody', async () => {
    for (const pid of [process.pid, process.ppid]) {
      assert.is(await answerTo(`try { process.kill(${pid}, 'SIGKILL'); say('sent'); } catch (error) { say(error.code); }`), 'ESRCH');
    }
    const { watcher } = await run(tier, image("process.kill(-1, 'SIGKILL'); setTimeout(function () { say('alive'); }, 50);"));
    await Promise.race([watcher.ended(), watcher.until(() => watcher.outputs.length === 1)]);
    const other = await openTier(real, level);
    const { isolate } = await run(other, image(initialize('')));
    assert.equal(await isolate.wrapup(), { kind: 'stopped' });
    await other.close();
  });

  its('cannot connect to a port of the host', async () => {
    const { port } = server.address() as AddressInfo;
    const code = `require('net').connect(${port}, '127.0.0.1').on('connect', function () { say('in'); }).on('error', function (error) { say(error.code); });`;
    assert.match(await answerTo(code), /^(ECONNREFUSED|ENETUNREACH|ERR_ACCESS_DENIED)$/);
  });

  its.run();
}
