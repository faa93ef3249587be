import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Person } from '../support/cli.ts';
import { folderWith } from '../support/folder.ts';
import { hasOpenSsh, sshKey } from '../support/keys.ts';
import { type Ran, root, run } from '../support/run.ts';

const it = suite('accessors as a program');
if (!hasOpenSsh) console.log('skipped: accessors as a program: OpenSSH is not installed');
const test = hasOpenSsh ? it : it.skip;

const program = join(root, 'dist/accessors.cjs');
const folder = folderWith({
  'Count.js': `
    exports.setup = function () { this.input('step'); this.output('count'); };
    exports.initialize = function () {
      var count = 0;
      console.log('counting');
      this.addInputHandler('step', function () { count += this.get('step'); this.send('count', count); }.bind(this));
      this.send('count', count);
    };`,
  'Nested.ts': `export function setup(this: any): void {
    for (const name of ['./parts//One', 'parts/One.js', 'parts/Two.ts']) this.instantiate('part', name);
  }`,
  'parts/One.js': `exports.setup = function () { this.extend('./Base'); };`,
  'parts/Two.ts': `export function setup(this: any): void {}`,
  'parts/Base.js': `exports.setup = function () {};`,
  'Throws.js': `exports.setup = function () {}; exports.initialize = function () { throw new Error('no bulb'); };`,
  'Forever.js': `exports.setup = function () {}; exports.initialize = function () { for (;;) {} };`,
  bad_keys: '# nobody\nalice@lab ssh-ed25519 AAAA\n',
});
const person = new Person(folder.path);
const bob = new Person(join(folder.path, 'bob'));
const children: ChildProcess[] = [];
let url = '';

function accessors(argv: readonly string[], who = person, options: Parameters<typeof run>[2] = {}): Promise<Ran> {
  return run(process.execPath, [program, ...argv], { env: { ...who.env, ACCESSORS_BOX: url }, cwd: folder.path, ...options });
}

/** Starts a program that goes on; `line` is what it first says on standard output. */
async function started(argv: readonly string[]): Promise<{ child: ChildProcess; line: string; ended: Promise<number | null> }> {
  const child = spawn(process.execPath, [program, ...argv], {
    env: { ...person.env, ACCESSORS_BOX: url },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const line = await Promise.race([once(lines, 'line').then(([text]) => String(text)), ended.then((code) => `it ended with ${code}`)]);
  return { child, line, ended };
}

it.before(async () => {
  if (!hasOpenSsh) return;
  sshKey(folder.path, 'id');
  await accessors(['trust', 'add', `${sshKey(folder.path, 'locked', 'open sesame')}.pub`]);
  for (const who of [person, bob]) {
    await accessors(['key', 'new', '--no-passphrase', '--comment', who === bob ? 'bob@lab' : 'alice@lab'], who);
    await accessors(['trust', 'add', join(who.home, '.ssh/id_ed25519.pub')]);
  }
  const box = await started(['box', '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--json', '--isolation-minimum', 'P1']);
  const ready = JSON.parse(box.line);
  assert.is(ready.event, 'ready');
  url = ready.deploy;
});
it.after(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  folder.remove();
});

test('loads a plugin that is an ES module, which waits for something', async () => {
  writeFileSync(join(folder.path, 'plugin.mjs'), 'await null; export const plugins = [];');
  writeFileSync(join(folder.path, 'plugin.yaml'), 'plugins: ["./plugin.mjs"]');
  const { code, stdout, stderr } = await accessors(['config', 'check', 'plugin.yaml']);
  assert.is(code, 0, stderr);
  assert.match(stdout, 'has no mistakes');
});

test('pushes, shows, gives values, restarts, rolls back and stops', async () => {
  const pushed = await accessors(['push', 'Count.js', '--json']);
  assert.is(pushed.code, 0, pushed.stderr);
  assert.equal([JSON.parse(pushed.stdout).state, JSON.parse(pushed.stdout).principal], ['running', 'alice@lab']);
  assert.match((await accessors(['ps'])).stdout, /^count +1\.0\.0 +running .* alice@lab$/m);
  assert.match((await accessors(['logs', 'count'])).stdout, /^\S+ counting$/m);
  const watching = started(['watch', 'count', 'count', '--json']);
  for (let tries = 0; tries < 50; tries++) {
    assert.is((await accessors(['send', 'count', 'step', '2'])).code, 0);
    if (await Promise.race([watching.then(() => true), new Promise((resolve) => setImmediate(resolve, false))])) break;
  }
  const { child, line, ended } = await watching;
  assert.equal([JSON.parse(line).port, JSON.parse(line).value % 2], ['count', 0]);
  child.kill('SIGINT');
  assert.is(await ended, 130);
  assert.is((await accessors(['push', 'Count.js'], bob)).code, 0);
  const history = JSON.parse((await accessors(['history', 'count', '--json'])).stdout);
  assert.equal(
    history.map(({ version, principal }: { version: string; principal: string }) => `${version} ${principal}`),
    ['1.0.1 bob@lab', '1.0.0 alice@lab'],
  );
  assert.is((await accessors(['stop', 'count'])).code, 0);
  assert.match((await accessors(['push', 'Count.js'])).stdout, /^count 1\.0\.\d running/);
  assert.is((await accessors(['stop', 'count'])).code, 0);
  assert.is((await accessors(['stop', 'nothing'])).code, 3);
});

test('ends with 6 for what does not run, says why in one line, and leaves the old version running', async () => {
  assert.is((await accessors(['push', 'Count.js', '--name', 'kept'])).code, 0);
  for (const [file, options, why] of [
    ['Throws.js', [], /no bulb/],
    ['Forever.js', ['--limit', 'initializeMs=500'], /initialize.* 500 ms/],
  ] as const) {
    const { code, stderr } = await accessors(['push', file, '--name', 'kept', ...options]);
    assert.is(code, 6);
    assert.match(stderr, why);
    assert.is(stderr.trimEnd().split('\n').length, 1);
    assert.equal(JSON.parse((await accessors(['status', 'kept', '--json'])).stdout).state, 'running');
  }
  assert.is((await accessors(['push', 'Count.js', '--name', 'kept'])).code, 0); // sequences of what failed are used up
  assert.is((await accessors(['stop', 'kept'])).code, 0);
});

test('finds on the box what the sender found, however it was asked for', async () => {
  const { code, stderr } = await accessors(['push', 'Nested']);
  assert.is(code, 0, stderr);
});

test('waits for the end of a swarmlet, and says which end it was', async () => {
  const { code, stdout } = await accessors(['push', 'Count.js', '--name', 'short', '--run-for', '100ms', '--wait', 'completed']);
  assert.is(code, 0);
  assert.match(stdout, /^short 1\.0\.0 expired on /);
});

test('is refused with 4 when nobody knows the key', async () => {
  const { code, stderr } = await accessors(['ps', '--identity', join(folder.path, 'id')]);
  assert.is(code, 4);
  assert.match(stderr, 'trust add');
});

test('starts no box with a port in use, a malformed list, a state folder that cannot be written, or odd options', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  writeFileSync(join(folder.path, 'file'), '');
  const free = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--isolation-minimum', 'P1'];
  const cases: [argv: string[], code: number, message: RegExp][] = [
    [
      ['--listen', `127.0.0.1:${port}`, '--admin', '127.0.0.1:0', '--isolation-minimum', 'P1'],
      1,
      new RegExp(`127\\.0\\.0\\.1:${port}.*in use`),
    ],
    [
      ['--listen', '127.0.0.1:0', '--admin', `127.0.0.1:${port}`, '--isolation-minimum', 'P1'],
      1,
      new RegExp(`Cannot listen on 127\\.0\\.0\\.1:${port} for page and health .*in use.*--admin`),
    ],
    [[...free, '--trusted-keys', 'bad_keys'], 1, /bad_keys:2: /],
    [[...free, '--state', 'file/state'], 1, /file\/state/],
    [[...free, '--config', 'nowhere.json'], 1, /nowhere\.json: cannot be read: no such file or directory/],
    [['--listen', 'here'], 2, /--listen should be HOST:PORT.*"here"/],
    [['--label', 'room'], 2, /--label should be NAME=VALUE, got "room"/],
    [['--verbose'], 2, /box has no option --verbose/],
  ];
  for (const [argv, code, message] of cases) {
    const ran = await accessors(['box', '--state', 'spare', ...argv]); // that of before() is in use
    const said = ran.stderr
      .trimEnd()
      .split('\n')
      .filter((line) => line.startsWith('accessors: '));
    assert.match(said.join('\n'), message);
    assert.is(said.length, 1);
    assert.is(ran.code, code, argv.join(' '));
    assert.is(ran.stdout, '');
  }
  server.close();
});

test('takes the settings of a box from a file, and flags before it', async () => {
  const config = { listen: '127.0.0.1:0', admin: '127.0.0.1:0', name: 'den', isolation: { minimum: 'P1' }, limits: { memoryMiB: 96 } };
  writeFileSync(join(folder.path, 'box.json'), JSON.stringify(config));
  const { child, line, ended } = await started(['box', '--config', join(folder.path, 'box.json'), '--state', join(folder.path, 'den')]);
  assert.match(line, /^Box SHA256:\S+ is ready: push to ws:\/\/127\.0\.0\.1:\d+\/v1, page at http:/);
  assert.ok(existsSync(join(folder.path, 'den/box_ed25519')));
  child.kill('SIGTERM');
  assert.is(await ended, 0);
});

it('runs files here, in logical time if told so, and again at every save', async () => {
  const simulated = await accessors(['run', '--simulate', 'test/auto/RampJSTest']);
  assert.is(simulated.code, 0, simulated.stderr);
  const nothing = await accessors(['run']);
  assert.is(nothing.code, 0, 'as the classic host');
  assert.match(nothing.stderr, /^Usage: /);
  const file = join(folder.path, 'Says.js');
  /** Whole at once, as editors do: who writes into the file lets it be read when it is empty. */
  const says = (word: string): void => {
    writeFileSync(`${file}.next`, `exports.setup = function () {}; exports.initialize = function () { console.log('${word}'); };`);
    renameSync(`${file}.next`, file);
  };
  says('one');
  const { child, line, ended } = await started(['run', '--watch', file]);
  assert.is(line, 'one');
  const next = once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
  // The first save may come before the folder is watched.
  const saving = setInterval(() => says('two'), 100);
  assert.equal((await next)[0], 'two');
  clearInterval(saving);
  child.kill('SIGINT');
  assert.is(await ended, 130);
});

test('shows its help without loading the client or the service', async () => {
  const trace = join(folder.path, 'trace.cjs');
  writeFileSync(
    trace,
    `process.on('exit', () => console.error(Object.keys(require.cache).concat(process.moduleLoadList).filter((name) => /node_modules|NativeModule (tls|https?)$/.test(name)).join('\\n')));`,
  );
  for (const argv of [['--help'], ['push', '--help'], ['psuh']]) {
    const { stderr } = await run(process.execPath, ['--require', trace, program, ...argv]);
    assert.not.match(stderr, /node_modules|NativeModule/);
  }
});

test('ends quietly when nobody reads on', async () => {
  const { code, stderr } = await run('sh', [
    '-c',
    `"$0" "$1" --help | head -1 >/dev/null; "$0" "$1" --help >&-`,
    process.execPath,
    program,
  ]);
  assert.not.match(stderr, 'EPIPE');
  assert.ok(code !== null && code < 128);
});

/** Runs a command on a terminal of its own and types the passphrase when it is asked for. */
const typing = `import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp('sh', ['sh', '-c', sys.argv[1]])
said = b''
asked = 0
while True:
    try:
        chunk = os.read(fd, 4096)
    except OSError:
        break
    if not chunk:
        break
    said += chunk
    if said.count(b'passphrase') > asked:
        asked += 1
        os.write(fd, b'open sesame\\n')
sys.stdout.write(said.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`;
const hasPython = hasOpenSsh && spawnSync('python3', ['--version']).status === 0;
if (!hasPython)
  console.log('skipped: asks on the terminal for the passphrase of a key: python3, which makes the terminal, is not installed');

(hasPython ? it : it.skip)('asks on the terminal for the passphrase of a key', async () => {
  const command = `${process.execPath} ${program} ps --identity locked`;
  const { code, stdout } = await run('python3', ['-c', typing, command], {
    env: { ...person.env, ACCESSORS_BOX: url, TERM: 'xterm' },
    cwd: folder.path,
  });
  assert.match(stdout, 'Enter passphrase');
  assert.is(code, 0, stdout);
});

it.run();
