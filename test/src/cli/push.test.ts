import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CodedError } from '../../../hosts/common/index.ts';
import type { DeployStatement } from '../../../src/envelope/index.ts';
import { type Commanded, Person } from '../../support/cli.ts';
import { FakeBox } from '../../support/fake-box.ts';
import { folderWith } from '../../support/folder.ts';
import { hasOpenSsh, sshKey } from '../../support/keys.ts';

const it = suite('accessors push');
if (!hasOpenSsh) console.log('skipped: accessors push: OpenSSH is not installed');
const test = hasOpenSsh ? it : it.skip;

const folder = folderWith({
  'Lamp.js': `exports.setup = function () { this.parameter('gain'); };`,
  'Web.js': `require('http-client'); require('util'); exports.setup = function () {};`,
  'Ünïque Nämé.js': 'exports.setup = function () {};',
  '-rf.js': 'exports.setup = function () {};',
});
if (hasOpenSsh) sshKey(folder.path, 'alice');
const identity = ['--identity', join(folder.path, 'alice')];
const lamp = join(folder.path, 'Lamp.js');
const person = new Person(folder.path);
let box: FakeBox;
let deployed: DeployStatement[];

it.before.each(async () => {
  box = await FakeBox.open();
  deployed = [];
  box.methods.set('deploy', () => accepted(box));
});
it.after.each(() => box.close());
it.after(folder.remove);

/** The answer to a deployment that runs. */
function accepted(by: FakeBox): object {
  const statement = by.statements.at(-1) as DeployStatement;
  deployed.push(statement);
  const { swarmlet, version, sequence } = statement;
  const timeline = {
    receivedAt: '2026-11-22T18:44:29.000Z',
    verifiedAt: '2026-11-22T18:44:29.001Z',
    runningAt: '2026-11-22T18:44:29.012Z',
  };
  return { swarmlet, version, sequence, digest: by.digests.at(-1), state: 'running', principal: 'alice@lab', timeline };
}

function present(state: string): object {
  return { swarmlet: 'lamp', version: '1.0.2', digest: `sha256:${'b'.repeat(64)}`, sequence: 4, state };
}

const push = (words: readonly string[], given: Parameters<Person['type']>[1] = {}): Promise<Commanded> =>
  person.type(['push', ...identity, '--to', box.url, ...words], given);

test('signs the swarmlet with what was asked for, and waits until it runs', async () => {
  const options =
    '--param gain=2 --param text=hello=you --limit memoryMiB=64 --run-for 90s --restart always --capability net:connect:*:443 --isolation process';
  const { code, out } = await push([lamp, ...options.split(' ')]);
  assert.is(code, 0);
  assert.match(out, /^lamp 1\.0\.0 running on ws:\S+ \(sha256:[0-9a-f]{12}\)\n$/);
  const [statement] = deployed;
  assert.ok(statement);
  const { nonce, issuedAt, expires, files, ...rest } = statement;
  assert.equal(rest, {
    action: 'deploy',
    audience: [box.id],
    swarmlet: 'lamp',
    sequence: 1,
    replaces: null,
    version: '1.0.0',
    main: 'Lamp.js',
    capabilities: ['net:connect:*:443'],
    parameters: { gain: 2, text: 'hello=you' },
    run: { for: 'PT90S', restart: 'always' },
    limits: { memoryMiB: 64 },
    isolation: 'process',
  });
  assert.is(Date.parse(expires) - Date.parse(issuedAt), 300_000);
  assert.equal(Object.keys(files), ['Lamp.js']);
});

test('shows its steps and the timeline on a terminal only', async () => {
  const { out, err } = await push([lamp], { attended: true });
  assert.match(out, /\n {2}verified 1 ms, running 12 ms\n$/);
  assert.match(err, /^Lamp\.js: 1 file, 56 B$/m);
  assert.match(err, /^Signing the deployment of lamp with SHA256:/m);
  const quiet = await push([lamp]);
  assert.is(quiet.err, '');
  assert.is(quiet.out.split('\n').length, 2);
  assert.is(JSON.parse((await push([lamp, '--json'])).out).state, 'running');
});

test('follows what runs, and leaves it to the box when nothing does', async () => {
  const cases: [state: string, replaces: unknown][] = [
    ['running', `sha256:${'b'.repeat(64)}`],
    ['stopped', undefined],
    ['failed', `sha256:${'b'.repeat(64)}`],
  ];
  for (const [state, replaces] of cases) {
    box.methods.set('status', () => present(state));
    await push([lamp]);
    const statement = deployed.at(-1);
    assert.equal([statement?.sequence, statement?.version, statement?.replaces], [5, '1.0.3', replaces], state);
  }
});

test('goes above a last sequence that only the refusal tells, but not over what somebody else pushed meanwhile', async () => {
  box.methods.set('deploy', () => {
    const statement = box.statements.at(-1) as DeployStatement;
    if (statement.sequence <= 7) throw new CodedError('STALE_SEQUENCE', 'too old', { detail: { last: 7 } });
    return accepted(box);
  });
  assert.is((await push([lamp])).code, 0);
  assert.equal([deployed.at(-1)?.sequence, deployed.at(-1)?.replaces], [8, null]);
  box.methods.set('status', () => present('running'));
  box.methods.set('deploy', () => {
    throw new CodedError('CONFLICT', 'lamp should replace A, but B (1.0.3 by bob@lab) is; look at it and push again');
  });
  const { code, err } = await push([lamp]);
  assert.is(code, 5);
  assert.match(err, 'bob@lab');
});

test('sends one statement to several boxes, whose order is the time', async () => {
  const other = await FakeBox.open();
  other.methods.set('deploy', () => accepted(other));
  const before = Date.now();
  const { code, out } = await push([lamp, '--to', other.url]);
  await other.close();
  assert.is(code, 0);
  assert.is(out.trimEnd().split('\n').length, 2);
  assert.is(box.digests.at(-1), other.digests.at(-1));
  assert.equal(deployed.at(-1)?.audience, [box.id, other.id]);
  assert.ok((deployed.at(-1)?.sequence ?? 0) >= before);
  assert.is(deployed.at(-1)?.replaces, null);
});

test('pushes to the boxes that are there, and ends with the code of the first that failed', async () => {
  const gone = await FakeBox.open();
  await gone.close();
  const { code, out, err } = await push([lamp, '--to', gone.url]);
  assert.is(code, 7);
  assert.match(out, `running on ${box.url}`);
  assert.match(err, `accessors: ${gone.url}: No box answers`);
  const json = JSON.parse((await push([lamp, '--to', gone.url, '--json'])).out);
  assert.equal([json[0].result.state, json[1].error.code], ['running', 'BOX_NOT_REACHED']);
});

test('learns the outcome when the answer was lost, by sending the same again', async () => {
  let digest: string | undefined;
  box.methods.set('deploy', (_, socket) => {
    if (digest === undefined) {
      digest = box.digests.at(-1);
      socket.terminate();
      return new Promise(() => {});
    }
    throw new CodedError('REPLAYED', 'used before', { detail: { digest, sequence: 1, state: 'running' } });
  });
  box.methods.set('status', () => {
    if (digest === undefined) throw new CodedError('NOT_FOUND', 'none');
    return { ...present('running'), version: '1.0.0', digest };
  });
  const { code, out } = await push([lamp]);
  assert.is(code, 0);
  assert.match(out, `lamp 1.0.0 running on ${box.url} (${digest?.slice(0, 19)})`);
  assert.is(new Set(box.digests.filter((_, i) => box.statements[i]?.action === 'deploy')).size, 1);
});

test('ends with 7 when the answer was lost and the box is gone', async () => {
  box.methods.set('deploy', (_, socket) => {
    socket.terminate();
    return box.close().then(() => new Promise(() => {}));
  });
  const { code, err } = await push([lamp]);
  assert.is(code, 7);
  assert.match(err, box.url);
});

test('asks for capabilities before anything is signed or sent', async () => {
  const file = join(folder.path, 'Web.js');
  const { code, err } = await push([file]);
  assert.is(code, 1);
  assert.match(err, /^accessors: Web\.js requires http-client, .* add --capability http-client\.\n$/);
  assert.equal(box.statements, []);
  assert.match((await push([file, '--dry-run'])).out, /^Add: --capability http-client$/m);
  assert.is((await push([file, '--capability', 'http-client'])).code, 0);
});

test('shows with --dry-run what would be asked for; of secrets the names', async () => {
  const file = join(folder.path, 'secret.txt');
  writeFileSync(file, 'HIDDEN');
  const options = ['--param', 'gain=2', '--secret', `key=@${file}`, '--limit', 'memoryMiB=64', '--capability', 'files', '--run-for', '90s'];
  const { code, out } = await push([lamp, '--dry-run', ...options]);
  assert.is(code, 0);
  for (const line of [
    '1 file,',
    'parameters  {"gain":2}',
    'sealed  ["key"]',
    'limits  {"memoryMiB":64}',
    'capabilities  ["files"]',
    'run  {"for":"PT90S"}',
  ]) {
    assert.match(out, line);
  }
  assert.not.match(out, 'HIDDEN');
  assert.equal(deployed, []);
});

test('takes files along that getResource reads, by their paths from the folder of the swarmlet', async () => {
  mkdirSync(join(folder.path, 'data'), { recursive: true });
  const rooms = join(folder.path, 'data/rooms.csv');
  writeFileSync(rooms, '545,ön\n');
  assert.is((await push([lamp, '--file', rooms])).code, 0);
  assert.equal(Object.keys(deployed[0]?.files ?? {}), ['Lamp.js', 'data/rooms.csv']);
  assert.is(deployed[0]?.files['data/rooms.csv']?.text, '545,ön\n');
  const shown = JSON.parse((await push([lamp, '--file', rooms, '--dry-run', '--json'])).out);
  assert.equal(shown.files[1], { name: 'data/rooms.csv', size: 8, path: rooms });
  writeFileSync(join(folder.path, 'lamp.png'), Buffer.from([0x89, 0xff]));
  const refused = async (path: string): Promise<string> => (await push([lamp, '--file', path])).err;
  assert.match(await refused(join(folder.path, 'lamp.png')), /lamp\.png cannot travel with the swarmlet: it is no text in UTF-8/);
  assert.match(await refused(join(folder.path, 'none.txt')), /none\.txt cannot travel with the swarmlet: ENOENT/);
  assert.match(await refused('/etc/hostname'), /outside of .*, the folder of the swarmlet/);
  assert.is(deployed.length, 1);
});

test('shows with --dry-run what would be sent, and sends nothing', async () => {
  const { code, out } = await push([lamp, '--dry-run', '--json', '--param', 'gain=2']);
  assert.is(code, 0);
  const shown = JSON.parse(out);
  assert.equal([shown.swarmlet, shown.main, shown.parameters], ['lamp', 'Lamp.js', { gain: 2 }]);
  assert.equal(shown.files, [{ name: 'Lamp.js', size: 56, path: lamp }]);
  assert.is(box.connections, 0);
});

test('refuses options that no box would take, before anything is sent', async () => {
  const cases: [words: string[], message: RegExp][] = [
    [['--limit', 'memory=5'], /--limit: .*memory/],
    [['--limit', 'memoryMiB=lots'], /--limit memoryMiB takes a whole number, got 'lots'/],
    [['--limit', 'memoryMiB'], /--limit takes NAME=VALUE, got 'memoryMiB'/],
    [['--param', 'a=1', '--param', 'a=2'], /--param a is given twice/],
    [['--version', 'new'], /--version: .*SemVer.*1\.4\.0/],
    [['--run-for', 'P1Y'], /--run-for: .*ISO 8601/],
    [['--run-for', 'long'], /--run-for takes a time/],
    [['--restart', 'sometimes'], /--restart takes always, on-failure, never; got 'sometimes'/],
    [['--wait', 'forever'], /--wait takes running, healthy, completed/],
    [['--isolation', 'none'], /--isolation takes process, thread, inline/],
    [['--capability', 'rm -rf'], /--capability: /],
    [['--name', 'Lamp!'], /--name: .*a-z/],
    [['--upgrade', 'both'], /--upgrade takes start-first, stop-first/],
    [['--secret', 'key=sesame'], /--secret key takes @FILE, or -/],
    [['--secret', `gain=@${lamp}`, '--param', 'gain=1'], /--param gain and --secret gain/],
    [['--replaces', '1.0.0'], /--replaces takes sha256:/],
    [['--force', '--replaces', `sha256:${'0'.repeat(64)}`], /give one of them/],
  ];
  for (const [words, message] of cases) {
    const { code, err } = await push([lamp, ...words]);
    assert.match(err, message);
    assert.is(err.trimEnd().split('\n').length, 1);
    assert.is(code, 2, words.join(' '));
  }
  assert.equal(box.statements, []);
});

test('goes the way that was asked for, over whatever is there', async () => {
  box.methods.set('status', () => present('running'));
  const { code } = await push([lamp, '--upgrade', 'stop-first', '--input', 'on=true', '--input', 'room=545 b', '--force']);
  assert.is(code, 0);
  const { upgrade, inputs, replaces } = deployed[0] ?? {};
  assert.equal([upgrade, inputs, replaces], ['stop-first', { on: true, room: '545 b' }, undefined]);
  const digest = `sha256:${'c'.repeat(64)}`;
  await push([lamp, '--replaces', digest]);
  assert.is(deployed.at(-1)?.replaces, digest);
});

test('seals a secret only to a box that is known or named, and shows it nowhere', async () => {
  writeFileSync(join(folder.path, 'secret'), 'm4rk3r\n');
  const secret = ['--secret', `apiKey=@${join(folder.path, 'secret')}`];
  const shown = await push([lamp, ...secret, '--dry-run', '--json']);
  assert.equal(JSON.parse(shown.out).sealed, ['apiKey']);
  for (let i = 0; i < 2; i++) {
    const { code, err } = await push([lamp, ...secret]); // not recorded by the first
    assert.is(code, 4);
    assert.match(err, `add --box-id ${box.id}`);
  }
  assert.equal(box.statements, []);
  const { code, out, err } = await push([lamp, ...secret, '--box-id', box.id], { attended: true });
  assert.is(code, 0, err);
  const sealed = deployed[0]?.sealed?.apiKey?.[box.id] ?? '';
  assert.ok(Buffer.from(sealed, 'base64').length >= 73);
  assert.is((await push([lamp, ...secret])).code, 0, 'it is known now');
  assert.not.match(shown.out + out + err + JSON.stringify(box.statements), 'm4rk3r');
});

test('takes files with odd names', async () => {
  assert.is((await push([join(folder.path, 'Ünïque Nämé.js')])).code, 0);
  assert.equal([deployed.at(-1)?.main, deployed.at(-1)?.swarmlet], ['Ünïque Nämé.js', 'unique-name']);
  const here = process.cwd();
  process.chdir(folder.path);
  try {
    assert.is((await push(['--', '-rf.js'])).code, 0);
  } finally {
    process.chdir(here);
  }
  assert.equal([deployed.at(-1)?.main, deployed.at(-1)?.swarmlet], ['-rf.js', 'rf']);
  assert.is((await push([join(folder.path, 'nowhere.js')])).code, 3);
});

test('waits until the swarmlet completed, through restarts', async () => {
  const told = (from: string, to: string, reason: string | null = null): void =>
    box.notify('state', { swarmlet: 'lamp', digest: box.digests.at(-1), from, to, reason, at: '2026-11-22T18:44:29Z' });
  let state = 'running';
  box.methods.set('status', () => {
    if (deployed.length === 0) throw new CodedError('NOT_FOUND', 'none');
    return { ...present(state), digest: box.digests.findLast((_, i) => box.statements[i]?.action === 'deploy') };
  });
  box.methods.set('subscribe', () => {
    setTimeout(() => {
      state = 'backoff';
      told('running', 'failed', 'exception');
      told('failed', 'backoff');
      told('backoff', 'starting');
      told('starting', 'running');
      told('running', 'completed');
    }, 5);
    return {};
  });
  const { code, out } = await push([lamp, '--wait', 'completed']);
  assert.is(code, 0);
  assert.match(out, 'lamp 1.0.0 completed');
  deployed = [];
  box.methods.set('subscribe', () => {
    setTimeout(() => {
      state = 'failed';
      told('running', 'failed', 'memory');
    }, 5);
    return {};
  });
  state = 'running';
  const bad = await push([lamp, '--wait', 'healthy']);
  assert.is(bad.code, 6);
  assert.match(bad.err, 'lamp was accepted, but is failed (memory). See: accessors logs lamp');
});

test('pushes again at every save, also after one that does not parse', async () => {
  const file = join(folder.path, 'Saved.js');
  const source = (text: string): void => writeFileSync(file, `exports.setup = function () { ${text} };`);
  source("this.input('one');");
  const interrupt = new AbortController();
  const running = push([file, '--watch'], {
    signal: interrupt.signal,
    onLine: () => {
      if (deployed.length === 1) source('}');
      if (deployed.length === 2) interrupt.abort(new CodedError('INTERRUPTED', 'Interrupted.'));
    },
    onTold: (line) => line.includes('SyntaxError') && source("this.input('two');"),
  });
  const { code, err } = await running;
  assert.is(code, 130);
  assert.match(err, /Saved\.js:1:\d+: SyntaxError/);
  assert.match(deployed[1]?.files['Saved.js']?.text ?? '', 'two');
  assert.is(box.connections, 1);
});

it.run();
