import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DeployStatement } from '../../../src/envelope/index.ts';
import { type Commanded, Person } from '../../support/cli.ts';
import { FakeBox } from '../../support/fake-box.ts';
import { folderWith } from '../../support/folder.ts';
import { hasOpenSsh, sshKey } from '../../support/keys.ts';

const it = suite('boxes by name and label');
if (!hasOpenSsh) console.log('skipped: boxes by name and label: OpenSSH is not installed');
const test = hasOpenSsh ? it : it.skip;

const home = folderWith({ 'Lamp.js': 'exports.setup = function () {};', 'secret.txt': 'hidden' });
if (hasOpenSsh) sshKey(home.path, 'alice');
let folder: { path: string; remove(): void };
let person: Person;
let boxes: FakeBox[];
it.before.each(async () => {
  folder = folderWith({ 'config/accessors/config.yaml': '' });
  person = new Person(folder.path);
  boxes = [];
  for (const [name, room] of [
    ['north', '545'],
    ['south', '545'],
    ['west', '546'],
  ] as const) {
    const box = await FakeBox.open();
    Object.assign(box, { name, labels: { room } });
    box.methods.set('list', () => ({ swarmlets: [] }));
    box.methods.set('deploy', () => {
      const { swarmlet, version, sequence } = box.statements.at(-1) as DeployStatement;
      return { swarmlet, version, sequence, digest: box.digests.at(-1), state: 'running', principal: 'alice@lab', timeline: {} };
    });
    boxes.push(box);
  }
  settings({ targets: boxes.map(({ address }) => address) });
});
it.after.each(async () => {
  for (const box of boxes) await box.close();
  folder.remove();
});
it.after(home.remove);

const configFile = (): string => join(folder.path, 'config/accessors/config.yaml');
const knownFile = (): string => join(folder.path, 'config/accessors/known_boxes');
const settings = (...groups: object[]): void => writeFileSync(configFile(), JSON.stringify({ discovery: { static: groups } }));
const type = (...words: string[]): Promise<Commanded> =>
  person.type([...words, ...(words[0] === 'boxes' ? [] : ['--identity', join(home.path, 'alice')])]);
const audiences = (): unknown[] => boxes.map(({ statements }) => statements.find(({ action }) => action === 'deploy')?.audience);

test('lists the boxes out there, by label if asked', async () => {
  const { code, out, err } = await type('boxes');
  assert.is(code, 0);
  assert.is(err, '');
  const lines = out.trimEnd().split('\n');
  assert.match(lines[0] ?? '', /^NAME +ADDRESS +SEEN +VERSION +LABELS +ID +SOURCE$/);
  assert.match(lines[1] ?? '', new RegExp(`^north +${boxes[0]?.url} +0s ago +9\\.8\\.7 +room=545 +SHA256:\\S+ +static$`));
  assert.is(lines.length, 4);
  const listed = JSON.parse((await type('boxes', '-l', 'room=546', '--json')).out);
  assert.is(listed.length, 1);
  const [{ lastSeen, ...west }] = listed;
  assert.ok(Date.parse(lastSeen) > Date.now() - 60_000);
  assert.equal(west, {
    id: boxes[2]?.id,
    name: 'west',
    ambiguous: false,
    urls: [boxes[2]?.url],
    labels: { room: '546' },
    version: '9.8.7',
    sources: ['static'],
    problem: null,
  });
  assert.match((await type('boxes', '-l', 'room=1')).out, /^None of the 3 boxes that were found has these labels/);
});

test('says what to do where no box is', async () => {
  writeFileSync(configFile(), 'discovery: { static: { targets: [] } }');
  const { code, out } = await type('boxes');
  assert.is(code, 0);
  assert.match(out, /^No box was found\..*accessors box\n/);
  assert.is((await type('boxes', '--json')).out, '[]\n');
  const missing = await type('ps', '--to', 'north');
  assert.is(missing.code, 3);
  assert.match(missing.err, /No box is called 'north'\. No box was found at all\. See: accessors boxes/);
});

test('names the file of settings that is wrong, and a source that does not answer', async () => {
  writeFileSync(configFile(), 'discovry: {}');
  const wrong = await type('boxes');
  assert.is(wrong.code, 1);
  assert.match(wrong.err, /config\.yaml: without "discovry" \(did you mean discovery\?\)/);
  await boxes[2]?.close();
  writeFileSync(
    configFile(),
    JSON.stringify({ discovery: { http_sd: { url: `http://${boxes[2]?.address}/` }, static: { targets: [boxes[0]?.address] } } }),
  );
  const { code, out, err } = await type('boxes');
  assert.is(code, 0);
  assert.match(err, /^accessors: http_sd http:\/\/127\.0\.0\.1:\d+\/: .*ECONNREFUSED/);
  assert.match(out, /^north /m);
});

test('finds a box by its name, and remembers it by that', async () => {
  const { code, err } = await type('ps', '--to', 'north');
  assert.is(code, 0);
  assert.match(err, `The box at ${boxes[0]?.address} is new: ${boxes[0]?.id}, recorded in`);
  assert.match(readFileSync(knownFile(), 'utf8'), /^north ssh-ed25519 \S+\n$/);
  // Another one by that name, at any address, is not the one it was.
  settings({ targets: [boxes[1]?.address] });
  Object.assign(boxes[1] as FakeBox, { name: 'north' });
  const other = await type('ps', '--to', 'north');
  assert.is(other.code, 4);
  assert.match(other.err, /is not the one it was: .*known_boxes:1 has SHA256:.*accessors boxes forget north/);
  assert.is((await type('boxes', 'forget', 'north')).code, 0);
  assert.is((await type('ps', '--to', 'north')).code, 0);
});

test('W13 refuses a name that two boxes claim, and an address where another box answers', async () => {
  Object.assign(boxes[1] as FakeBox, { name: 'north' });
  const { code, err } = await type('ps', '--to', 'north');
  assert.is(code, 4);
  assert.match(err, /'north' is claimed by several boxes: SHA256:\S+ at ws:\S+, SHA256:\S+ at ws:\S+\. Give the URL/);
  assert.match((await type('boxes')).out, /^north \(ambiguous\) /m);
  settings({ targets: [boxes[0]?.address], labels: { __meta_swarmbox_id: boxes[2]?.id, __meta_swarmbox_name: 'west' } });
  const impostor = await type('push', join(home.path, 'Lamp.js'), '--to', 'west');
  assert.is(impostor.code, 4);
  assert.match(
    impostor.err,
    new RegExp(`is ${boxes[0]?.id.replaceAll('+', '\\+')}, not ${boxes[2]?.id.replaceAll('+', '\\+')} as discovery says`),
  );
  assert.equal(boxes[0]?.statements, []);
});

test('pushes to all boxes with a label, in one statement that is meant for the label', async () => {
  const { code, out } = await type('push', join(home.path, 'Lamp.js'), '--to', 'label:room=545');
  assert.is(code, 0);
  assert.match(out, /^lamp 1\.0\.0 running on north /m);
  assert.match(out, /^lamp 1\.0\.0 running on south /m);
  assert.equal(audiences(), [[{ labels: { room: '545' } }], [{ labels: { room: '545' } }], undefined]);
  assert.is(boxes[0]?.digests.at(-1), boxes[1]?.digests.at(-1));
});

test('means boxes by their ids where the label is hearsay, or something is sealed', async () => {
  settings({ targets: boxes.map(({ address }) => address), labels: { site: 'lab' } });
  assert.is((await type('push', join(home.path, 'Lamp.js'), '--to', 'label:room=546', '--to', 'label:site=lab')).code, 0);
  const sorted = (list: unknown): string[] => (list as unknown[]).map((entry) => JSON.stringify(entry)).sort();
  const expected = sorted([boxes[0]?.id, boxes[1]?.id, { labels: { room: '546' } }]);
  assert.equal(audiences().map(sorted), [expected, expected, expected]);
});

test('seals only to boxes that are known, and by their ids', async () => {
  const words = ['push', join(home.path, 'Lamp.js'), '--to', 'label:room=545', '--secret', `key=@${join(home.path, 'secret.txt')}`];
  const stranger = await type(...words);
  assert.is(stranger.code, 4);
  assert.match(stranger.err, /north: The box at .* is new, and a secret is sealed only/);
  assert.is((await type('ps', '--to', 'label:room=545')).code, 0);
  assert.is((await type(...words)).code, 0);
  assert.equal([...(audiences()[0] as string[])].sort(), [boxes[0]?.id, boxes[1]?.id].sort());
});

test('asks all boxes, prints a row each, and ends with the code of the first that failed', async () => {
  await boxes[1]?.close();
  const { code, out, err } = await type('status', 'lamp', '--all');
  assert.is(code, 3);
  assert.is(out, '');
  const lines = err.split('\n').filter((line) => /^accessors: /.test(line));
  assert.equal(
    lines.map((line) => line.split(':')[1]?.trim()),
    ['north', 'west', 'ws'],
  );
  assert.match(lines[2] ?? '', /ECONNREFUSED/);
});

test('takes each box once, however it is meant', async () => {
  const { out } = await type('ps', '--to', 'north', '--to', 'label:room=545', '--all', '--json');
  assert.equal(
    JSON.parse(out)
      .map(({ box }: { box: string }) => box)
      .sort(),
    ['north', 'south', 'west'],
  );
});

test('refuses what no label looks like', async () => {
  for (const label of ['label:', 'label:room', 'label:=5']) assert.is((await type('ps', '--to', label)).code, 2);
  assert.is((await type('boxes', '-l', 'room')).code, 2);
});

it.run();
