import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Person } from '../support/cli.ts';
import { folderWith } from '../support/folder.ts';
import { hasOpenSsh, sshKey } from '../support/keys.ts';
import { noSystemd, OwnSystemd } from '../support/own-systemd.ts';
import { type Ran, root, run } from '../support/run.ts';

const it = suite('a box as a service');
const COUNT = `exports.setup = function () { this.output('n'); };
exports.initialize = function () { console.log('begins'); this.send('n', 1); };`;
const folder = folderWith({ 'Count.js': COUNT });
let systemd: OwnSystemd | undefined;
let supervisor: ChildProcess | undefined;
it.after(async () => {
  await systemd?.close();
  if (supervisor) {
    const ended = once(supervisor, 'exit');
    supervisor.kill('SIGTERM');
    await ended;
  }
  folder.remove();
});

/** Asks again and again until the answer is the one that is meant. */
async function until<T>(what: string, ask: () => Promise<T>, meant: (answer: T) => boolean): Promise<T> {
  let answer: T | undefined;
  for (let tries = 0; tries < 300; tries++) {
    answer = await ask();
    if (meant(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what}: still ${JSON.stringify(answer)}`);
}

const isRunning = ({ code, stdout }: Ran): boolean => code === 0 && /count .* running/s.test(stdout);

const why = hasOpenSsh ? noSystemd : 'OpenSSH is not installed';
if (why !== undefined) console.log(`skipped: a box under systemd: ${why}`);
(why === undefined ? it : it.skip)('is installed, watched, started anew and taken off by systemd', async () => {
  const own = await OwnSystemd.open();
  systemd = own;
  const property = async (name: string): Promise<string> => (await own.run('systemctl', ['show', '-P', name, 'swarmbox'])).stdout.trim();
  const seen = async (): Promise<Record<string, unknown>> => JSON.parse((await own.accessors('service', 'status', '--json')).stdout);

  const none = await own.accessors('service', 'status');
  assert.is(none.code, 3);
  assert.match(none.stderr, 'No box is installed as a service');
  const write = (file: string, text: string): Promise<Ran> =>
    own.run('sh', ['-c', 'mkdir -p "$(dirname "$1")"; printf "%s" "$2" > "$1"', 'sh', file, text]);
  await write('/root/lab/Count.js', COUNT);
  const key = '/root/lab/key';
  await own.run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'alice@lab', '-f', key]);
  // What root names before the service has a user is read by that one.
  const trusted = await own.accessors('trust', 'add', `${key}.pub`);
  assert.is(trusted.code, 0, trusted.stderr);
  await write(
    '/etc/systemd/system/swarmbox.service.d/test.conf',
    '[Service]\nWatchdogSec=2\nRestartSec=100ms\nStandardOutput=append:/told\n',
  );

  const installed = await own.accessors('service', 'install', '--json');
  assert.is(installed.code, 0, installed.stderr);
  const { user, running, text } = JSON.parse(installed.stdout);
  assert.equal([user, running, text], ['swarmbox', true, 'active (running): 0 of 0 swarmlets run']);
  const pid = Number(await property('MainPID'));
  const process1 = (await own.run('cat', [`/proc/${pid}/status`])).stdout;
  assert.match(process1, /^CapBnd:\s+0+$/m);
  assert.match(process1, /^NoNewPrivs:\s+1$/m);
  assert.match((await own.run('cat', ['/told'])).stdout, spawnSync('bwrap', ['--version']).status === 0 ? 'isolation P3' : 'isolation P2');
  assert.is((await own.run('stat', ['-c', '%U %a', '/etc/swarmbox'])).stdout, 'root 755\n');
  assert.is((await own.run('stat', ['-c', '%U %a', '/var/lib/swarmbox/trusted_keys'])).stdout, 'swarmbox 600\n');

  const again = await own.accessors('service', 'install');
  assert.is(again.code, 0, again.stderr);

  const pushed = await own.accessors('push', '/root/lab/Count.js', '--identity', key);
  assert.is(pushed.code, 0, pushed.stderr);

  for (const [signal, result] of [
    ['KILL', 'signal'],
    ['STOP', 'watchdog'],
  ] as const) {
    const before = await property('MainPID');
    await own.run('kill', [`-${signal}`, before]);
    await until(
      `started anew after SIG${signal} (${result})`,
      () => property('MainPID'),
      (now) => now !== before && now !== '0',
    );
    await until('ready again', seen, (status) => status.running === true);
    assert.ok(isRunning(await until('count', () => own.accessors('ps', '--identity', key), isRunning)));
  }
  assert.is(await property('NRestarts'), '2');
  await until('its status', seen, (status) => /1 of 1 swarmlets run, started anew 2 times/.test(String(status.text)));

  const reloaded = await own.run('systemctl', ['reload', 'swarmbox']);
  assert.is(reloaded.code, 0, reloaded.stderr);
  assert.is((await own.run('sed', ['-i', 's/100ms/200ms/', '/etc/systemd/system/swarmbox.service'])).code, 0);
  await own.run('sh', ['-c', 'echo "# mine" >> /etc/systemd/system/swarmbox.service']);
  const other = await own.accessors('service', 'install', '--json');
  assert.equal([other.code, JSON.parse(other.stdout).error.code], [1, 'ALREADY_INSTALLED']);
  assert.is((await own.accessors('service', 'install', '--force')).code, 0);

  const removed = await own.accessors('service', 'uninstall');
  assert.is(removed.code, 0, removed.stderr);
  assert.is((await own.run('systemctl', ['is-active', 'swarmbox'])).stdout.trim(), 'inactive');
  assert.is((await own.accessors('service', 'status')).code, 3);
  assert.is((await own.run('test', ['-s', '/var/lib/swarmbox/box_ed25519'])).code, 0);
});

const hasSupervisor = hasOpenSsh && spawnSync('supervisord', ['--version']).status === 0;
if (!hasSupervisor) console.log('skipped: a box under supervisord: needs supervisor and OpenSSH');
(hasSupervisor ? it : it.skip)('is started anew by supervisord, with its swarmlets', async () => {
  const home = join(folder.path, 'home');
  mkdirSync(home);
  const key = sshKey(home);
  const { env } = new Person(home);
  const [deploy, admin] = [await freePort(), await freePort()];
  const accessors = (...args: string[]): Promise<Ran> => run(process.execPath, [join(root, 'dist/accessors.cjs'), ...args], { env });
  mkdirSync(join(home, 'config/accessors'), { recursive: true });
  const settings = { listen: `127.0.0.1:${deploy}`, admin: `127.0.0.1:${admin}`, isolation: { minimum: 'P1' }, discovery: {} };
  writeFileSync(join(home, 'config/accessors/swarmbox.yaml'), JSON.stringify(settings));
  assert.is((await accessors('trust', 'add', `${key}.pub`)).code, 0);
  const printed = await accessors('service', 'install', '--supervisord', '--user', '--print');
  assert.is(printed.code, 0, printed.stderr);
  const file = join(home, 'supervisord.conf');
  writeFileSync(
    file,
    `[unix_http_server]\nfile=${home}/s.sock\n[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]\nserverurl=unix://${home}/s.sock
[supervisord]\nnodaemon=true\nlogfile=${home}/s.log\npidfile=${home}/s.pid\nchildlogdir=${home}\n${printed.stdout}`,
  );
  supervisor = spawn('supervisord', ['-c', file], { env, stdio: 'ignore' });
  const to = ['--identity', key, '--to', `127.0.0.1:${deploy}`];
  await until(
    'ready',
    () =>
      fetch(`http://127.0.0.1:${admin}/-/ready`).then(
        ({ status }) => status,
        () => 0,
      ),
    (status) => status === 200,
  );
  const pushed = await accessors('push', join(folder.path, 'Count.js'), ...to);
  assert.is(pushed.code, 0, pushed.stderr);
  const pid = async (): Promise<number> => Number((await run('supervisorctl', ['-c', file, 'pid', 'swarmbox'], { env })).stdout);
  const before = await pid();
  process.kill(before, 'SIGKILL');
  await until('another process', pid, (now) => now > 0 && now !== before);
  await until('count', () => accessors('ps', ...to), isRunning);
  const told = JSON.parse((await accessors('logs', 'count', '--json', ...to)).stdout) as { line: string }[];
  assert.equal(
    told.map(({ line }) => line),
    ['begins', 'begins'],
    'what it printed before the kill is still there',
  );
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

it.run();
