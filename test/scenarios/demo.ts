/**
 * The main job, told as a story: a swarmlet is run by its path, pushed signed from one box to another, watched, and taken
 * off; what is unsigned or runs away is refused. Everything is on loopback and in one folder, which is removed at the end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { connect, keyPairSigner } from '../../src/client/index.ts';
import { type KeyId, parsePrivateKey } from '../../src/envelope/index.ts';
import { folderWith } from '../support/folder.ts';
import { hasOpenSsh } from '../support/keys.ts';
import { root, run } from '../support/run.ts';

const accessors = join(root, 'dist/accessors.cjs');
const library = join(root, 'dist/accessors');
const color = process.stdout.isTTY && !process.env.NO_COLOR;
const started = Date.now();

const folder = folderWith({
  'invoke.js': `require(${JSON.stringify(join(root, 'dist/index.cjs'))});invoke(process.argv);`,
  'Counter.js': `exports.setup = function () { this.output('count', {type: 'number'}); };
exports.initialize = function () { var n = 0, me = this; setInterval(function () { me.send('count', ++n); }, 200); };`,
  'Runaway.js': `exports.setup = function () { this.output('count'); };
exports.initialize = function () { for (;;) {} };`,
});
const at = (name: string): string => join(folder.path, name);
const children: ChildProcess[] = [];

function chapter(title: string): void {
  const text = `\n${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s  ${title}`;
  console.log(color ? `\x1b[1m${text}\x1b[0m` : text);
}

function say(line: string): void {
  console.log(`         ${line}`);
}

/** Starts a program, shows its lines, and gives the first that passes `until`. */
function start(args: readonly string[], shown: (line: string) => string | undefined, until: (line: string) => boolean): Promise<string> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder.path });
  children.push(child);
  let problems = '';
  child.stderr.on('data', (data) => {
    problems += data;
  });
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const text = shown(line);
      if (text !== undefined) say(text);
      if (until(line)) resolve(line);
    });
    child.on('close', () => reject(new Error(`${args.join(' ')} ended: ${problems}`)));
  });
}

interface Ready {
  readonly deploy: string;
  readonly id: string;
  readonly isolation: string;
}

/** A box on a free port; the demo runs on machines of every level. */
async function box(name: string): Promise<Ready> {
  const args = ['box', '--json', '--name', name, '--state', at(name), '--isolation-minimum', 'P1'];
  const line = await start(
    [accessors, ...args, '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'],
    () => undefined,
    () => true,
  );
  return JSON.parse(line) as Ready;
}

async function command(...args: string[]): Promise<{ code: number | null; text: string }> {
  const { code, stdout, stderr } = await run(process.execPath, [accessors, ...args], {
    cwd: folder.path,
    env: { ...process.env, XDG_CONFIG_HOME: at('config') },
  });
  return { code, text: (stdout + stderr).trim() };
}

function expect(what: boolean, otherwise: string): void {
  if (!what) throw new Error(otherwise);
}

/** The swarmlet on box A that pushes: a `deployment/Push` with A's key. */
function pushing(file: string, url: string): string {
  return `exports.setup = function () {
    this.push = this.instantiate('push', 'deployment/Push');
    this.push.setParameter('identity', ${JSON.stringify(at('box-a'))});
  };
  exports.initialize = function () {
    var me = this, push = this.push;
    push.on('output', function (name, value) {
      if (name === 'deployed' || name === 'rejected') { console.log(JSON.stringify({ name: name, value: value })); me.stop(); }
    });
    push.provideInput('box', ${JSON.stringify(url)});
    push.provideInput('swarmlet', { source: ${JSON.stringify(file)}, limits: { initializeMs: 1000 } });
  };`;
}

interface Outcome {
  readonly name: 'deployed' | 'rejected';
  readonly value: {
    readonly code?: string;
    readonly reason?: string;
    readonly swarmlet: string;
    readonly digest: string;
    readonly principal: string;
    readonly timeline: Record<string, string>;
  };
}

async function pushFromA(file: string, url: string): Promise<Outcome> {
  const name = `Push${children.length}.js`;
  writeFileSync(at(name), pushing(file, url));
  const { stdout, stderr } = await run(process.execPath, [at('invoke.js'), at(name)], { cwd: folder.path });
  const line = stdout.split('\n').find((text) => text.startsWith('{'));
  if (!line) throw new Error(`the push said nothing: ${stdout}${stderr}`);
  return JSON.parse(line) as Outcome;
}

/** What a box answers to somebody who signs nothing. */
async function unsigned(url: string): Promise<string> {
  const socket = new WebSocket(url, 'swarmlet.v1');
  await once(socket, 'message'); // hello
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'deploy', params: { envelope: { payload: 'whatever' } } }));
  const [answer] = await once(socket, 'message');
  socket.close();
  return JSON.parse(String(answer)).error.data.code;
}

function millis(timeline: Record<string, string>, from: string, to: string): string {
  return `${Date.parse(timeline[to] as string) - Date.parse(timeline[from] as string)} ms`;
}

async function demo(): Promise<void> {
  chapter('A swarmlet is run by its path: node invoke.js .../RampJSTest.js');
  const ramp = join(library, 'test/auto/RampJSTest.js');
  const ran = run(process.execPath, [at('invoke.js'), ramp], { cwd: folder.path });

  chapter('Meanwhile two boxes start, and each makes its own key');
  const a = await box('box-a');
  say(`box-a is ${a.id}`);
  const trusted = await command('trust', 'add', at('box-a/box_ed25519.pub'), '--principal', 'box:box-a', '--state', at('box-b'));
  expect(trusted.code === 0, trusted.text);
  const b = await box('box-b');
  say(`box-b is ${b.id}, runs each swarmlet at isolation level ${b.isolation}, and trusts box-a`);

  const ended = await ran;
  expect(ended.code === 0, `RampJSTest ended with ${ended.code}: ${ended.stderr}`);
  chapter('RampJSTest counted 1, 2, 3, 4, found that right, and stopped itself');

  chapter('box-a pushes a counter to box-b, signed with its own key');
  const { name, value } = await pushFromA(at('Counter.js'), b.deploy);
  expect(name === 'deployed', `the push was refused: ${value.code}: ${value.reason}`);
  const { timeline } = value;
  say(`${value.swarmlet} ${value.digest.slice(0, 19)}... of ${value.principal} runs`);
  say(
    `received -> verified ${millis(timeline, 'receivedAt', 'verifiedAt')} -> stored ${millis(timeline, 'verifiedAt', 'storedAt')} -> running ${millis(timeline, 'storedAt', 'runningAt')}`,
  );

  chapter('Its outputs arrive live at whoever box-b lets watch');
  const keys = parsePrivateKey(readFileSync(at('box-a/box_ed25519'), 'utf8'));
  const watching = await connect(b.deploy, { signer: keyPairSigner(keys), boxId: b.id as KeyId });
  let seen = 0;
  const enough = new Promise<void>((resolve) => {
    watching.on('output', ({ port, value }) => {
      if (seen++ < 4) say(`${port} ${value}`);
      else resolve();
    });
  });
  await watching.subscribe('counter', { outputs: true });
  await enough;

  chapter('Somebody without a signature tries to deploy');
  const code = await unsigned(b.deploy);
  expect(code === 'UNAUTHENTICATED', `the box answered ${code}`);
  say(`refused: ${code}`);

  chapter('A runaway is pushed: for (;;) {} in initialize');
  const runaway = await pushFromA(at('Runaway.js'), b.deploy);
  expect(runaway.name === 'rejected', 'the runaway runs');
  say(`refused: ${runaway.value.code}: ${runaway.value.reason}`);

  chapter('The counter did not notice; it is stopped, and the boxes end');
  if (hasOpenSsh) {
    // What the operator types; it signs with the OpenSSH of this machine.
    const as = ['--to', b.deploy, '--identity', at('box-a/box_ed25519')];
    for (const args of [['ps'], ['stop', 'counter']]) {
      say(`$ accessors ${args.join(' ')}`);
      const { code, text } = await command(...args, ...as);
      expect(code === 0, text);
      for (const line of text.split('\n')) say(line);
    }
  } else {
    say('skipped: accessors ps, accessors stop: they sign with ssh-keygen, which is not installed');
    expect((await watching.status('counter')).state === 'running', 'the counter does not run any more');
  }
  watching.close();
}

async function tearDown(): Promise<void> {
  for (const child of children) {
    child.removeAllListeners('close');
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  folder.remove();
}

try {
  await demo();
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  await tearDown();
}
chapter(process.exitCode ? 'Ended with a failure' : 'Done; nothing is left behind');
