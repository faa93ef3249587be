import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AttackedBox, alice, cli, deployOf, expired, polled, QUIET, revoked, sealed, stranger } from '../support/attacked-box.ts';
import { Attacker, initialize, NEVER } from '../support/attacker.ts';
import { hasOpenSsh, sshKey } from '../support/keys.ts';
import { needing } from '../support/live.ts';
import { run } from '../support/run.ts';

const it = suite('threats: pages, commands, logs and files');
const withSsh = needing(it, 'OpenSSH', hasOpenSsh);
let box: AttackedBox;
const attacker = new Attacker(() => box);
let key = '';
it.before(async () => {
  box = await AttackedBox.open();
  if (!hasOpenSsh) return;
  key = sshKey(box.folder, 'id_person');
  appendFileSync(join(box.folder, 'trusted_keys'), `alice@lab ${readFileSync(`${key}.pub`, 'utf8')}`);
  await polled(
    () => box.command(['ps', '--to', box.url, '--identity', key]),
    ({ code }) => code === 0,
    'the box knows the key',
  );
  box.changed();
});
it.after(() => box.close());

/** The status of an HTTP request to the admin port. */
function admin(
  path: string,
  method: string,
  headers: Record<string, string>,
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(`${box.admin}${path}`, { method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (data) => {
        body += data;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

it('D01: no page of another site talks to the deployment port', async () => {
  for (const origin of ['http://evil.example', 'null', box.admin]) {
    const { SocketClient } = await import('../support/socket-client.ts');
    const client = new SocketClient(box.url, { origin });
    assert.is(await client.refusal(), 403, origin);
  }
  await box.holds();
});

it('D02: the admin port answers to its own names alone', async () => {
  const { port } = new URL(box.admin);
  for (const path of ['/-/healthy', '/-/ready', '/metrics', '/']) {
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', `localhost.:1`]) {
      const { status } = await admin(path, 'GET', { host });
      assert.ok([403, 404, 421].includes(status), `${path} for ${host}: ${status}`);
    }
  }
  assert.is((await admin('/-/healthy', 'GET', { host: `localhost:${port}` })).status, 200);
  await box.holds();
});

it('D03: nothing changes because of a request that any page can make', async () => {
  for (const method of ['POST', 'PUT', 'DELETE']) {
    for (const path of ['/-/reload', '/-/healthy', '/api/undeploy']) {
      const { status } = await admin(path, method, { origin: 'http://evil.example', 'content-type': 'text/plain' });
      assert.ok(status >= 400, `${method} ${path}: ${status}`);
    }
  }
  await box.holds();
});

it('D04: no other site reads what the admin port answers', async () => {
  const { headers } = await admin('/-/healthy', 'GET', { origin: 'http://evil.example' });
  assert.not(headers['access-control-allow-origin']);
  await box.holds();
});

const ESCAPES = '\u001b[31m\u0007\r\n{"level":"info","event":"accepted"}\u2028\u202e\u009b31m';

withSsh('D07: what comes from outside stays in its line, and is no command to a terminal', async () => {
  const wire = await box.wire(alice);
  const before = box.stderr.split('\n').length;
  const codes = [
    await wire.deploys(sealed(deployOf(`t-${ESCAPES}`, 1, QUIET), alice)),
    await wire.deploys(sealed(deployOf('t-lamp', attacker.sequence, QUIET, { [ESCAPES]: 1 }), alice)),
    await wire.deploys({ payload: ESCAPES }),
  ];
  assert.equal(codes, ['MALFORMED', 'MALFORMED', 'MALFORMED']);
  const text = JSON.stringify(ESCAPES);
  const code = initialize(`console.log(${text}); console.error(${text}); self.send('out', ${text}); throw new Error(${text});`);
  const failed = await wire.deploys(sealed(deployOf('t-escapes', attacker.sequence, code, NEVER), alice));
  assert.is(failed, 'SETUP_FAILED');
  const shown = [['logs', 't-escapes'], ['status', 't-escapes'], ['ps'], ['history', 't-escapes'], ['audit']];
  for (const args of shown) {
    const { stdout, stderr } = await box.command([...args, '--to', box.url, '--identity', key]);
    assert.not(
      [...(stdout + stderr)].some((letter) => /[\p{Cc}\p{Zl}\p{Zp}\u202e]/u.test(letter) && letter !== '\n'),
      `${args}: ${JSON.stringify(stdout + stderr)}`,
    );
  }
  const lines = box.stderr
    .split('\n')
    .slice(before)
    .filter((line) => line !== '');
  for (const line of lines) assert.ok(JSON.parse(line), line);
  assert.not(lines.some((line) => line.startsWith('{"level":"info","event":"accepted"}')));
  await box.holds(codes);
});

it('D08: no path of the box is in what it answers', async () => {
  const wire = await box.wire(alice);
  const codes = [
    await wire.deploys({}),
    await wire.deploys(sealed(deployOf('t-lamp', attacker.sequence, QUIET, { requires: { modules: ['x@1'] } }), alice)),
    await wire.deploys(sealed(deployOf('control', attacker.sequence, QUIET), alice)),
  ];
  await wire.deploys(sealed(deployOf('t-lamp', attacker.sequence, "exports.setup = function () { require('fs'); };", NEVER), alice));
  await wire.call('history', { swarmlet: 't-lamp' });
  const said = JSON.stringify(wire.messages);
  for (const secret of [box.folder, process.cwd(), 'SECRET-MARKER', '/dist/']) assert.not(said.includes(secret), secret);
  await box.holds(codes);
});

it('D09: a stranger is told one thing, whatever is wrong with the key', async () => {
  const answers = new Set<string>();
  for (const pair of [stranger, revoked, expired]) {
    const client = box.client();
    const { error } = await client.call('authenticate', { envelope: await client.introduction(box.id, pair) });
    answers.add(JSON.stringify(error).replaceAll(pair.publicKey.id, 'KEY'));
    client.end();
  }
  assert.is(answers.size, 1, [...answers].join('\n'));
  await box.holds();
});

withSsh('D10: a file may be named like an option or a command', async () => {
  for (const [name, swarmlet] of [
    ['-rf.js', 't-rf'],
    ['$(id).js', 't-id'],
    ['a;reboot.js', 't-reboot'],
  ] as const) {
    const file = box.file(name, QUIET);
    assert.ok(file);
    const { code, stderr } = await box.command(['push', '--to', box.url, '--identity', key, '--name', swarmlet, '--', name]);
    assert.is(code, 0, stderr);
    const wire = await box.wire(alice);
    const { sequence } = (await wire.call('status', { swarmlet })).result as { sequence: number };
    const { commonFields } = await import('../support/attacked-box.ts');
    assert.is(
      await wire.outcome('undeploy', {
        envelope: sealed({ action: 'undeploy', swarmlet, sequence: sequence + 1, ...commonFields() }, alice),
      }),
      'done',
    );
  }
  await box.holds();
});

withSsh('D11: a box that is another one than before gets nothing', async () => {
  const known = join(box.folder, 'config/accessors/known_boxes');
  const text = readFileSync(known, 'utf8');
  const other = stranger.publicKey.text;
  writeFileSync(known, text.replace(/ssh-ed25519 \S+/g, other));
  box.file('Lamp.js', QUIET);
  const { code, stderr } = await box.command(
    ['push', 'Lamp.js', '--to', box.url, '--identity', key, '--name', 't-lamp', '--secret', 'a=-'],
    {},
    '"SECRET-VALUE"',
  );
  assert.is(code, 4, stderr);
  assert.match(stderr, /known_boxes:\d/);
  writeFileSync(known, text);
  assert.not((await box.running()).includes('t-lamp'));
  await box.holds();
});

it('D12: what the box keeps is its own, whatever the umask', async () => {
  const state = join(box.folder, 'umask-state');
  const flags = [
    'box',
    '--json',
    '--listen',
    '127.0.0.1:0',
    '--admin',
    '127.0.0.1:0',
    '--state',
    state,
    '--isolation-minimum',
    'P1',
    '--pool',
    '0',
  ];
  const script = `umask 0; exec "$@"`;
  const { spawn } = await import('node:child_process');
  const child = spawn('sh', ['-c', script, 'sh', process.execPath, cli, ...flags], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH, HOME: box.folder },
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const open = [state, ...(readdirSync(state, { recursive: true }) as string[]).map((name) => join(state, name))].filter(
    (path) => (statSync(path).mode & 0o077) !== 0,
  );
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
  assert.equal(
    open.filter((path) => !path.endsWith('.pub')),
    [],
  );
  await box.holds();
});

it('D16: an option that nobody knows is an error, and none turns verification off', async () => {
  const misspelt = box.file('bad.yaml', 'listen: 127.0.0.1:0\ntrustedKey: x\n');
  const { code, stderr } = await run(process.execPath, [cli, 'box', '--config', misspelt], {
    env: { PATH: process.env.PATH, HOME: box.folder },
  });
  assert.is.not(code, 0);
  assert.match(stderr, 'bad.yaml:2');
  assert.match(stderr, 'trustedKeys');
  const help = await box.command(['box', '--help']);
  assert.not.match(help.stdout, /insecure|no-verify|skip/i);
  await box.holds();
});

it.run();
