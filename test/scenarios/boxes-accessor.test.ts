import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NodeHost, packageRoot } from '../../hosts/node/index.ts';
import { silentLog } from '../../src/audit/index.ts';
import { Deployment } from '../../src/deployment.ts';
import { fileEntry } from '../../src/envelope/index.ts';
import { Policy } from '../../src/trust/index.ts';
import { folderWith } from '../support/folder.ts';
import { Outputs } from '../support/live.ts';
import { TestNeighbourhood } from '../support/neighbourhood.ts';
import { alice, openBox, type TestBox } from '../support/service.ts';
import { deployOf, sealed } from '../support/signed.ts';
import { within } from '../support/socket-client.ts';

const it = suite('the accessor Boxes');
let box: TestBox;
const ends: (() => unknown)[] = [];
it.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const policy = Policy.parse([{ capabilities: ['deployment'], isolation: 'inline' }], {});
const library = readFileSync(join(packageRoot, 'dist/accessors/deployment/Boxes.js'), 'utf8');

interface Seen {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly labels: object;
}

it('tells which boxes come and go, in the form that a Push takes', async () => {
  box = await openBox({ name: 'north', labels: { room: '545' } });
  ends.push(() => box.close());
  const folder = folderWith({ 'lab.json': JSON.stringify([{ targets: [new URL(box.url).host] }]) });
  ends.push(() => folder.remove());
  const deployment = new Deployment(silentLog);
  const node = new NodeHost({
    modules: [{ name: 'deployment', pure: false, create: () => deployment }],
    accessorPath: [join(packageRoot, 'accessors')],
  });
  const boxes = node.instantiate('boxes', 'deployment/Boxes');
  boxes.setParameter('discovery', { file_sd: { files: [join(folder.path, '*.json')] } });
  const outputs = new Outputs(boxes);
  boxes.initialize();
  ends.push(async () => {
    boxes.wrapup();
    await deployment.ended();
  });
  const seen = (await outputs.value('appeared')) as Seen;
  assert.equal([seen.id, seen.name, seen.url, seen.labels], [box.service.identity.id, 'north', box.url, { room: '545' }]);
  folder.remove();
  assert.is(((await outputs.value('disappeared')) as Seen).id, box.service.identity.id);
  const lists = outputs.of('boxes').map((list) => (list as Seen[]).map(({ name }) => name).join());
  assert.ok(lists.includes('north'), lists.join(' '));
});

it('says why it cannot look', async () => {
  const deployment = new Deployment(silentLog);
  const node = new NodeHost({
    modules: [{ name: 'deployment', pure: false, create: () => deployment }],
    accessorPath: [join(packageRoot, 'accessors')],
  });
  const boxes = node.instantiate('boxes', 'deployment/Boxes');
  boxes.setParameter('discovery', { dnssd: {} });
  const outputs = new Outputs(boxes);
  boxes.initialize();
  assert.match(String(await outputs.value('error')), /did you mean dns-sd\?/);
  boxes.wrapup();
  await deployment.ended();
});

const WATCHER = `exports.setup = function () {
  this.output('seen');
  this.output('error');
  var boxes = this.instantiate('boxes', 'deployment/Boxes');
  this.connect(boxes, 'appeared', 'seen');
  this.connect(boxes, 'error', 'error');
  if (OWN) boxes.setParameter('discovery', { static: { targets: [] } });
};`;

for (const isolation of ['process', 'thread', 'inline']) {
  it(`tells a swarmlet what its box knows, and lets it look nowhere else (${isolation})`, async () => {
    const around = new TestNeighbourhood();
    ends.push(() => around.close());
    around.there.set('ws://a:1/v1', { id: alice.publicKey.id, name: 'south', labels: {}, version: undefined });
    await around.apply({ static: { targets: ['a:1'] } });
    await around.until((all) => all[0]?.name === 'south', 'the box is found');
    box = await openBox({ tier: undefined, pool: 0, isolationMinimum: 'P1', policy, neighbourhood: around.neighbourhood });
    ends.push(() => box.close());
    const output = (port: string): Promise<unknown> =>
      within(new Promise((resolve) => box.service.on('output', (sent) => sent.port === port && resolve(sent.value))), `output ${port}`);
    const deploy = (swarmlet: string, own: boolean): object => {
      const code = WATCHER.replace('OWN', String(own));
      const files = { 'Main.js': fileEntry(code), 'deployment/Boxes.js': fileEntry(library) };
      return sealed(deployOf(swarmlet, 1, code, { files, capabilities: ['deployment'], isolation }), alice);
    };
    const seen = output('seen');
    await box.service.submit(deploy('watcher', false));
    assert.is(((await seen) as Seen).name, 'south');
    const error = output('error');
    await box.service.submit(deploy('nosy', true));
    assert.match(String(await error), /may not set discovery of a Boxes inside a swarmlet/);
  });
}

it.run();
