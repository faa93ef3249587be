import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folderWith } from '../support/folder.ts';
import { hasOpenSsh, sshKey } from '../support/keys.ts';
import { bounded } from '../support/live.ts';
import { type Ran, root, run } from '../support/run.ts';

/** Two networks of their own on this machine, with a cable between them. */
class Cable {
  readonly spaces: readonly [string, string] = [`acc-a-${process.pid}`, `acc-b-${process.pid}`];

  static why(): string | undefined {
    if (process.getuid?.() !== 0) return 'not root';
    const name = `acc-try-${process.pid}`;
    try {
      execFileSync('ip', ['netns', 'add', name], { stdio: 'ignore' });
      execFileSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
      return undefined;
    } catch {
      return 'no network namespaces (ip netns)';
    }
  }

  async open(): Promise<void> {
    const [a, b] = this.spaces;
    const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8' });
    for (const space of this.spaces) ip('netns', 'add', space);
    ip('-n', a, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', b);
    for (const [i, space] of this.spaces.entries()) {
      ip('-n', space, 'addr', 'add', `10.77.0.${i + 1}/24`, 'dev', 'eth0');
      ip('-n', space, 'link', 'set', 'lo', 'up');
      ip('-n', space, 'link', 'set', 'eth0', 'up');
    }
    // The system says somewhat later that a link runs, and until then programs are not told of its address.
    const end = Date.now() + 20_000;
    for (const space of this.spaces) {
      while (!ip('-n', space, 'link', 'show', 'eth0').includes('state UP')) {
        if (Date.now() > end) throw new Error('the cable does not come up');
        await pause(50);
      }
    }
  }

  close(): void {
    for (const space of this.spaces) execFileSync('ip', ['netns', 'del', space]);
  }
}

const it = suite('boxes that find each other');
const missing = Cable.why() ?? (hasOpenSsh ? undefined : 'OpenSSH is not installed');
if (missing) console.log(`skipped: boxes that find each other: ${missing}`);
const test = missing ? it.skip : it;

const command = join(root, 'dist/accessors.cjs');
const folder = folderWith({
  'Lamp.js': `exports.setup = function () { this.output('light'); };
exports.initialize = function () { this.send('light', 'on'); };`,
});
const cable = new Cable();
const boxes: { readonly child: ChildProcess; readonly ended: Promise<unknown> }[] = [];
let trusted = '';

it.before(async () => {
  if (missing) return;
  await cable.open();
  const key = sshKey(folder.path);
  const [type, base64] = readFileSync(`${key}.pub`, 'utf8').split(' ');
  trusted = `alice@lab namespaces="swarmlet" ${type} ${base64}\n`;
});
it.after.each(async () => {
  for (const { child } of boxes) child.kill('SIGTERM');
  for (const { ended } of boxes.splice(0)) await bounded(ended, 'the end of a box');
});
it.after(() => {
  if (!missing) cable.close();
  folder.remove();
});

interface Ready {
  readonly id: string;
  readonly admin: string;
}

/** A real box in one of the networks. */
async function box(side: 0 | 1, name: string, ...flags: string[]): Promise<Ready> {
  const state = folderWith({ trusted_keys: trusted });
  const args = ['box', '--json', '--isolation-minimum', 'P1', '--listen', '0.0.0.0:0', '--admin', '0.0.0.0:0'];
  args.push('--name', name, '--state', state.path, '--pool', '1');
  const child = spawn('ip', ['netns', 'exec', cable.spaces[side], process.execPath, command, ...args, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (data) => {
    said += data;
  });
  const ended = once(child, 'exit').then(() => state.remove());
  boxes.push({ child, ended });
  const lines = createInterface({ input: child.stdout });
  const [line] = await bounded(
    Promise.race([once(lines, 'line'), ended.then(() => Promise.reject(new Error(said)))]),
    `the start of ${name}`,
  );
  return JSON.parse(line as string);
}

const type = (side: 0 | 1, ...words: string[]): Promise<Ran> =>
  run('ip', ['netns', 'exec', cable.spaces[side], process.execPath, command, ...words], {
    env: { PATH: process.env.PATH, HOME: folder.path, XDG_CONFIG_HOME: join(folder.path, 'config') },
  });
const signing = ['--identity', join(folder.path, 'id_ed25519')];

test('are found by multicast DNS from the other network, take what is pushed to their name or label, and say good-bye', async () => {
  const [north, south] = await Promise.all([box(0, 'north', '--label', 'room=545'), box(1, 'south', '--label', 'room=545')]);
  const listed = await type(1, 'boxes', '--json');
  assert.is(listed.stderr, '');
  const found = JSON.parse(listed.stdout) as { id: string; name: string; urls: string[]; sources: string[]; labels: object }[];
  assert.equal(
    found.map(({ id, name, labels }) => [id, name, labels]),
    [
      [north.id, 'north', { room: '545' }],
      [south.id, 'south', { room: '545' }],
    ],
  );
  assert.match(found[0]?.urls[0] ?? '', /^ws:\/\/10\.77\.0\.1:\d+\/v1$/);
  assert.match(found[0]?.sources[0] ?? '', /^dns-sd north .*\._swarmbox\._tcp\.local$/);

  const lamp = join(folder.path, 'Lamp.js');
  const byName = await type(1, 'push', lamp, '--to', 'north', ...signing);
  assert.is(byName.code, 0, byName.stderr);
  assert.match(byName.stdout, /^lamp 1\.0\.0 running on north /);
  const byLabel = await type(0, 'push', lamp, '--to', 'label:room=545', ...signing);
  assert.is(byLabel.code, 0, byLabel.stderr);
  assert.match(byLabel.stdout, /^lamp 1\.0\.1 running on north .*\nlamp 1\.0\.1 running on south /);
  const local = await type(0, 'ps', '--local', '--json', ...signing);
  assert.equal(
    (JSON.parse(local.stdout) as { box: string; result: { version: string }[] }[]).map(({ box: name, result }) => [
      name,
      result[0]?.version,
    ]),
    [
      ['north', '1.0.1'],
      ['south', '1.0.1'],
    ],
  );

  // One URL has all boxes, for a Prometheus that can reach it.
  const port = new URL(north.admin).port;
  const script = `const look = async () => {
    const groups = await (await fetch('http://10.77.0.1:${port}/http_sd')).json();
    return groups.length === 2 ? console.log(JSON.stringify(groups)) : setTimeout(look, 100);
  };
  look();`;
  const groups = await run('ip', ['netns', 'exec', cable.spaces[1], process.execPath, '-e', script]);
  const [own, other] = JSON.parse(groups.stdout);
  assert.equal([own.targets, own.labels.box], [[`10.77.0.1:${port}`], 'north']);
  assert.equal([other.targets, other.labels.box, other.labels.room], [[`10.77.0.2:${new URL(south.admin).port}`], 'south', '545']);

  boxes[1]?.child.kill('SIGTERM');
  await boxes[1]?.ended;
  const left = JSON.parse((await type(0, 'boxes', '--json')).stdout) as { name: string }[];
  assert.equal(
    left.map(({ name }) => name),
    ['north'],
  );
});

test('W13 do not take what is pushed to a name that another box claims', async () => {
  await Promise.all([box(0, 'north'), box(1, 'north')]);
  const { code, stderr } = await type(1, 'push', join(folder.path, 'Lamp.js'), '--to', 'north', ...signing);
  assert.is(code, 4);
  assert.match(stderr, /'north' is claimed by several boxes/);
});

it.run();
