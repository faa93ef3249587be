import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CodedError } from '../../../hosts/common/index.ts';
import { Person } from '../../support/cli.ts';
import { FakeBox } from '../../support/fake-box.ts';
import { folderWith } from '../../support/folder.ts';
import { hasOpenSsh, sshKey } from '../../support/keys.ts';

const it = suite('commands that talk to a box');
if (!hasOpenSsh) console.log('skipped: commands that talk to a box: OpenSSH is not installed');
const test = hasOpenSsh ? it : it.skip;

const folder = folderWith();
let box: FakeBox;
let person: Person;
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const status = {
  swarmlet: 'lamp',
  version: '1.0.2',
  digest: digest('b'),
  content: digest('c'),
  sequence: 4,
  state: 'running',
  reason: null,
  principal: 'alice@lab',
  since: new Date(Date.now() - 7_200_500).toISOString(),
  isolation: 'process',
  level: 'P3',
  limits: { memoryMiB: 64 },
  usage: { memoryMiB: 7.25, cpuPercent: 0.4, messagesIn: 1, messagesOut: 2, droppedLogs: 0 },
};

it.before.each(async () => {
  box = await FakeBox.open();
  box.methods.set('status', () => status);
  box.methods.set('list', () => ({ swarmlets: [status, { ...status, swarmlet: 'evil\x1b[2J\nname', state: 'failed', reason: 'memory' }] }));
  person = new Person(folder.path, { ACCESSORS_BOX: box.url });
});
it.after.each(() => box.close());
it.after(folder.remove);
if (hasOpenSsh) person = new Person(folder.path);
if (hasOpenSsh) sshKey(folder.path, 'alice');
const identity = ['--identity', join(folder.path, 'alice')];

test('lists swarmlets, and keeps their names from acting on the terminal', async () => {
  const { code, out, err } = await person.type(['ps', ...identity]);
  assert.is(code, 0);
  assert.match(err, new RegExp(`^The box at ${box.address} is new: ${box.id.replaceAll('+', '\\+')}, recorded in .*known_boxes\n$`));
  const [headings, first, second, ...rest] = out.trimEnd().split('\n');
  assert.match(headings ?? '', /^NAME +VERSION +STATE +SINCE +MEMORY +CPU +BY +REASON$/);
  assert.match(first ?? '', /^lamp +1\.0\.2 +running +2h +7\.3 MiB +0% +alice@lab$/);
  assert.match(second ?? '', /^evil\\u001b\[2J\\u000aname +1\.0\.2 +failed .* memory$/);
  assert.equal(rest, []);
  const again = await person.type(['ps', ...identity, '--json']);
  assert.is(again.err, '');
  assert.is(JSON.parse(again.out).length, 2);
});

test('cuts lines to the terminal and colours states only there', async () => {
  const colourful = new Person(folder.path, { ACCESSORS_BOX: box.url, NO_COLOR: '' });
  const { out } = await colourful.type(['ps', ...identity], { attended: true });
  assert.match(out, '\x1b[32mrunning');
  assert.not.match((await person.type(['ps', ...identity], { attended: true })).out, '\x1b');
});

test('shows one swarmlet in full', async () => {
  const { code, out } = await person.type(['status', 'lamp', ...identity]);
  assert.is(code, 0);
  assert.match(out, /^state +running$/m);
  assert.match(out, /^usage +memoryMiB 7\.25, cpuPercent 0\.4/m);
});

test('ends with the code that the box refuses for', async () => {
  const cases: [string, number][] = [
    ['NOT_FOUND', 3],
    ['UNTRUSTED_KEY', 4],
    ['FORBIDDEN', 4],
    ['CONFLICT', 5],
    ['SETUP_FAILED', 6],
    ['START_TIMEOUT', 6],
    ['UNSUPPORTED', 1],
  ];
  for (const [refusal, expected] of cases) {
    box.methods.set('undeploy', () => {
      throw new CodedError(refusal, `no\x1b, ${refusal}`);
    });
    const { code, err } = await person.type(['stop', 'lamp', ...identity]);
    assert.is(code, expected, refusal);
    assert.match(err.trimEnd().split('\n').at(-1) ?? '', `accessors: no\\u001b, ${refusal}`);
  }
});

test('asks several boxes, prints a row each, and ends with the code of the first that failed', async () => {
  const other = await FakeBox.open();
  other.methods.set('list', () => ({ swarmlets: [] }));
  const gone = await FakeBox.open();
  await gone.close();
  const { code, out, err } = await person.type(['ps', ...identity, '--to', other.url, '--to', gone.url, '--to', box.url]);
  await other.close();
  assert.is(code, 7);
  assert.match(out, new RegExp(`^${box.url} +lamp `, 'm'));
  assert.match(err, new RegExp(`^accessors: ${gone.url}: No box answers at ${gone.url} .*ECONNREFUSED`, 'm'));
});

test('refuses a box that changed, and forgets it when told', async () => {
  assert.is((await person.type(['ps', ...identity])).code, 0);
  const { port, address } = box;
  await box.close();
  box = await FakeBox.open(undefined, port);
  box.methods.set('list', () => ({ swarmlets: [] }));
  const { code, err } = await person.type(['ps', ...identity]);
  assert.is(code, 4);
  assert.match(err, /known_boxes:\d+ has SHA256:/);
  assert.match(err, `accessors boxes forget ${address}`);
  assert.is((await person.type(['boxes', 'forget', address])).code, 0);
  assert.is((await person.type(['boxes', 'forget', address])).code, 3);
  assert.is((await person.type(['ps', ...identity])).code, 0);
});

test('sends a value to an input, as JSON or as text, negative numbers included', async () => {
  const sent: unknown[] = [];
  box.methods.set('input', () => {
    const last = box.statements.at(-1);
    if (last?.action === 'input') sent.push([last.swarmlet, last.port, last.value]);
    return status;
  });
  for (const value of ['21.5', '-5', '{"on":true}', 'hello', '"5"']) {
    assert.is((await person.type(['send', 'lamp', 'level', value, ...identity])).code, 0);
  }
  assert.equal(
    sent.map((one) => (one as unknown[])[2]),
    [21.5, -5, { on: true }, 'hello', '5'],
  );
});

test('rolls back to the version before, or to the one that is named', async () => {
  const entry = (version: string, letter: string, state: string) => ({ version, digest: digest(letter), sequence: 1, state });
  box.methods.set('history', () => ({
    versions: [entry('1.0.2', 'b', 'running'), entry('1.0.1', 'd', 'failed'), entry('1.0.0', 'a', 'superseded')],
  }));
  const asked: unknown[] = [];
  box.methods.set('rollback', () => {
    const last = box.statements.at(-1);
    asked.push(last?.action === 'rollback' && last.to);
    return status;
  });
  for (const wanted of [[], ['1.0.1'], ['sha256:aaaaaa']])
    assert.is((await person.type(['rollback', 'lamp', ...wanted, ...identity])).code, 0);
  assert.equal(asked, [digest('a'), digest('d'), digest('a')]);
  const { code, err } = await person.type(['rollback', 'lamp', '9.9.9', ...identity]);
  assert.is(code, 3);
  assert.match(err, 'lamp has no version 9.9.9 on this box; it has: 1.0.2, 1.0.1, 1.0.0');
  assert.match((await person.type(['history', 'lamp', ...identity])).out, /^1\.0\.1 +failed/m);
});

test('shows log lines, and goes on with those that come until Ctrl-C', async () => {
  const at = '2026-11-22T18:44:29.000Z';
  box.methods.set('logs', ({ follow }) => {
    if (follow) setTimeout(() => box.notify('log', { swarmlet: 'lamp', level: 'error', line: 'second\u0007', at }), 5);
    return { lines: [{ level: 'info', line: 'first', at }] };
  });
  assert.match((await person.type(['logs', 'lamp', ...identity])).out, /^\d\d:\d\d:\d\d\.000 first\n$/);
  const interrupt = new AbortController();
  const { code, out } = await person.type(['logs', '-f', 'lamp', ...identity], {
    signal: interrupt.signal,
    onLine: (line) => line.includes('second') && interrupt.abort(new CodedError('INTERRUPTED', 'Interrupted.')),
  });
  assert.is(code, 130);
  assert.match(out, /first\n.* error second\\u0007\n$/);
});

test('watches outputs, and ends with 7 when the box goes away', async () => {
  const subscribed: unknown[] = [];
  box.methods.set('subscribe', (params) => {
    subscribed.push(params);
    setTimeout(() => {
      box.notify('output', { swarmlet: 'lamp', port: 'light', value: { on: 1, text: '\u2028' }, at: '2026-11-22T18:44:29Z' });
      box.cut();
    }, 5);
    return {};
  });
  const { code, out, err } = await person.type(['watch', 'lamp', 'light', ...identity]);
  assert.equal(subscribed, [{ swarmlet: 'lamp', outputs: ['light'], states: true }]);
  assert.match(out, /^\S+ light \{"on":1,"text":"\\u2028"\}\n$/);
  assert.match(err, 'was lost');
  assert.is(code, 7);
});

test('says of a swarmlet that is followed why nothing comes: it is not there, or does not run', async () => {
  const said = async (...argv: string[]): Promise<string> => {
    const interrupt = new AbortController();
    const onTold = (line: string): unknown => line.includes('Ctrl-C') && interrupt.abort(new CodedError('INTERRUPTED', 'Interrupted.'));
    const { code, err } = await person.type([...argv, ...identity], { signal: interrupt.signal, onTold });
    assert.is(code, 130, err);
    return err;
  };
  box.methods.delete('status');
  assert.match(await said('watch', 'lmap'), 'There is no swarmlet "lmap" on this box yet; what it sends later is shown here');
  box.methods.set('logs', () => ({ lines: [] }));
  box.methods.set('status', () => ({ ...status, state: 'failed', reason: 'memory' }));
  assert.match(await said('watch', 'lamp'), /^lamp is failed \(memory\) since 2h; what it sends later is shown here/m);
  assert.match(await said('logs', '-f', 'lamp'), /^lamp is failed \(memory\) since 2h; what it prints later is shown here/m);
});

test('gives up after the time of --timeout', async () => {
  box.methods.set('list', () => new Promise(() => {}));
  const { code, err } = await person.type(['ps', ...identity, '--timeout', '200ms']);
  assert.is(code, 124);
  assert.match(err, 'Not done within 200ms');
});

test('names the locked key and what to do, and sends nothing', async () => {
  sshKey(folder.path, 'locked', 'secret');
  const { code, err } = await person.type(['ps', '--identity', join(folder.path, 'locked')]);
  assert.is(code, 1);
  assert.match(err, `ssh-add ${join(folder.path, 'locked')}`);
  assert.equal(box.statements, []);
  writeFileSync(join(folder.path, 'known_boxes'), '');
});

it.run();
