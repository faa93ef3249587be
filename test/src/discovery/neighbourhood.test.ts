import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { meta } from '../../../src/discovery/index.ts';
import { generateKeyPair } from '../../../src/envelope/index.ts';
import type { DiscoveryPlugin, ThingGroup } from '../../../src/plugins/index.ts';
import { folderWith } from '../../support/folder.ts';
import { TestNeighbourhood } from '../../support/neighbourhood.ts';

const it = suite('the boxes out there');
const ids = Array.from({ length: 3 }, () => generateKeyPair().publicKey.id);
const folder = folderWith();
it.after(folder.remove);
let around: TestNeighbourhood;
const start = (plugins: readonly DiscoveryPlugin[] = []): void => {
  around = new TestNeighbourhood(folder.path, plugins);
  for (const [i, name] of ['a', 'b', 'c'].entries()) {
    around.there.set(`ws://${name}:1/v1`, { id: ids[i] as (typeof ids)[0], name, labels: { nr: String(i) }, version: undefined });
  }
};
it.before.each(() => start());
it.after.each(() => around.close());

const names = () => around.neighbourhood.boxes.map(({ name, urls }) => name ?? urls[0]);
/** A plugin that does what a test says. */
const scripted = (run: (publish: (groups: readonly ThingGroup[]) => void, signal: AbortSignal) => Promise<void>): DiscoveryPlugin => ({
  kind: 'discovery',
  name: 'scripted',
  parse: (raw) => raw,
  create: () => ({ run: (signal, publish) => run(publish, signal) }),
});

it('puts together what its sources say, and asks who is there', async () => {
  await around.apply({ static: [{ targets: ['a:1', 'b:1'] }, { targets: ['a:1', 'gone:1'], labels: { room: '545' } }] });
  await around.until(() => around.neighbourhood.settled, 'all are asked');
  assert.equal(names(), ['a', 'b', 'ws://gone:1/v1']);
  const [a, , gone] = around.neighbourhood.boxes;
  assert.equal([a?.id, a?.labels, a?.sources], [ids[0], { nr: '0', room: '545' }, ['static[0]', 'static[1]']]);
  assert.is(gone?.problem, 'nobody there');
  assert.equal(around.events.sort(), ['+a', '+b']);
});

it('follows its configuration: what did not change goes on', async () => {
  let runs = 0;
  await around.close();
  start([
    scripted(async (publish) => {
      runs++;
      publish([{ source: '', targets: ['c:1'], labels: {} }]);
    }),
  ]);
  await around.apply({ scripted: {}, static: { targets: ['a:1'] } });
  await around.until(() => names().join() === 'a,c', 'both are there');
  await around.apply({ scripted: {}, static: { targets: ['b:1'] } });
  await around.until(() => names().join() === 'b,c', 'the one took the place of the other');
  assert.is(runs, 1);
  assert.equal(around.events.sort(), ['+a', '+b', '+c', '-a']);
});

it('reads files again when they change, and keeps what a broken one said', async () => {
  const file = join(folder.path, 'lab.yaml');
  await around.apply({ file_sd: { files: ['*.yaml', 'one.json'] } });
  await around.until(() => around.neighbourhood.settled, 'nothing is found');
  writeFileSync(file, '- targets: [a:1]\n- targets: [b:1]\n  labels: { room: "545" }\n');
  await around.until(() => names().join() === 'a,b', 'the file is read');
  assert.equal(around.neighbourhood.boxes[1]?.labels, { nr: '1', room: '545' });
  writeFileSync(file, '- targets: [a:1');
  await around.until(() => around.reports.length > 0, 'the file is refused');
  assert.match(around.reports[0] ?? '', /^file_sd .*lab\.yaml: .*; what it said before stays$/);
  assert.equal(names(), ['a', 'b']);
  writeFileSync(join(folder.path, 'one.json'), '[{"targets": ["c:1"]}]');
  writeFileSync(file, '- targets: [b:1]');
  await around.until(() => names().join() === 'b,c', 'both files are read');
  rmSync(file);
  await around.until(() => names().join() === 'c', 'the file is gone');
});

it('asks a URL again and again, and keeps what was said when it fails', async () => {
  let body = JSON.stringify([{ targets: ['a:7928'], labels: { [meta.url]: 'ws://a:1/v1', [meta.id]: ids[0] } }]);
  let status = 200;
  const server = createServer((_, response) => response.writeHead(status, { 'Content-Type': 'application/json' }).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await around.apply({
      http_sd: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/http_sd`, refresh_interval: '10ms' },
    });
    await around.until(() => names().join() === 'a', 'the list is read');
    assert.is(around.neighbourhood.boxes[0]?.adminPort, 7928);
    status = 500;
    await around.until(() => around.reports.length > 0, 'a failure is told');
    assert.match(around.reports[0] ?? '', /answers 500; what it said before stays$/);
    assert.equal(names(), ['a']);
    [status, body] = [200, JSON.stringify([{ targets: ['b:1'] }])];
    await around.until(() => names().join() === 'b', 'the new list is read');
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

it('W14 bounds what a discoverer may find, and what one says cannot harm another', async () => {
  await around.close();
  start([
    scripted(async (publish) => {
      const flood = (from: number): ThingGroup[] =>
        Array.from({ length: 1000 }, (_, i) => ({ source: `s${from + i}`, targets: [], labels: {} })).map((group, i) => ({
          ...group,
          targets: [`10.${(from + i) >> 16}.${((from + i) >> 8) & 255}.${(from + i) & 255}:1`],
        }));
      for (let i = 0; i < 100; i++) publish(flood(1000 * i));
      publish([{ source: 'bad', targets: 'no list', labels: {} } as unknown as ThingGroup]);
      publish('nonsense' as unknown as readonly ThingGroup[]);
    }),
  ]);
  await around.apply({ scripted: {}, static: { targets: ['b:1'] } });
  await around.until((boxes) => boxes.length === 1001, 'as many as may be');
  await around.until(() => names().includes('b'), 'the other is there');
  assert.equal(around.reports, [
    'scripted found more than 1000 sources or 10000 targets; the rest is left out',
    'scripted bad: expected a list of at most 1000 targets',
  ]);
});

it('goes on when a discoverer fails, in whatever way, and begins it anew', async () => {
  let runs = 0;
  await around.close();
  start([
    scripted(async (publish, signal) => {
      runs++;
      if (runs === 1) throw new Error('first');
      if (runs === 2) setTimeout(() => (undefined as unknown as string).length, 1);
      publish([{ source: '', targets: [runs === 2 ? 'a:1' : 'c:1'], labels: {} }]);
      if (runs === 2) setTimeout(() => publish([{ source: 'late', targets: ['b:1'], labels: {} }]), 20);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    }),
  ]);
  await around.apply({ scripted: {} });
  await around.until(() => names().join() === 'c', 'the third run is the one that counts');
  assert.match(around.reports.join('\n'), /^scripted failed: first\nscripted failed: Cannot read properties of undefined/);
});

it('says what is wrong with its configuration', () => {
  const cases: [discovery: unknown, message: RegExp][] = [
    [{ fil_sd: {} }, /discovery should be a plugin \(did you mean file_sd\?\), got "fil_sd"/],
    [{ consul: {} }, /discovery should be one of static, file_sd, http_sd, dns-sd, known_boxes, or of a package, got "consul"/],
    [['static'], /discovery should be plugins by name/],
    [{ static: { targets: ['a'] } }, /discovery\.static should be targets\.0: 'a' is no target/],
    [{ static: [{ targets: [] }, { target: ['a:1'] }] }, /discovery\.static\[1\] should be .*/],
    [{ file_sd: { file: 'x' } }, /files: expected a list of paths/],
    [{ http_sd: { url: 'ftp://x' } }, /url: expected an http:\/\/ or https:\/\/ URL/],
    [{ 'dns-sd': { anounce: true } }, /without "anounce" \(did you mean announce\?\)/],
  ];
  for (const [discovery, message] of cases) assert.throws(() => void around.apply(discovery), message);
});

it.run();
