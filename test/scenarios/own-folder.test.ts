import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Service } from '../../src/service.ts';
import { Policy } from '../../src/trust/index.ts';
import { initialize } from '../support/isolate.ts';
import { Place } from '../support/place.ts';
import { Pushed } from '../support/pushed.ts';
import { alice, bob } from '../support/service.ts';

/** Whose the folder of a swarmlet is, and for how long. */
const it = suite('the own folder');
const ends: (() => unknown)[] = [];
let here: Place;
let box: Service;

/** With process isolates. */
const open = async (swarmlets?: number): Promise<Service> => {
  const more = { tier: undefined, pool: 0, isolationMinimum: 'P1' as const, policy: Policy.parse([{ capabilities: ['*'] }]) };
  box = await here.box({ ...more, ...(swarmlets !== undefined && { supervisor: { swarmlets } }) });
  return box;
};

it.before.each(() => {
  here = new Place();
});
it.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await here.remove();
});

/** Tells what is in its folder, then leaves a note there. */
const noting = (note: string): string =>
  initialize(`
  var fs = require('fs');
  self.send('out', { ${note}: fs.readdirSync('/') });
  fs.writeFileSync('${note}', 'here');`);
const files = { capabilities: ['files'] };
const seenBy = async (pushed: Pushed, note: string): Promise<unknown> =>
  ((await pushed.value((value) => (value as Record<string, unknown>)[note] !== undefined)) as Record<string, unknown>)[note];

it('is there again for who deploys the name again, and empty for everybody else', async () => {
  const lamp = new Pushed(await open(), 'lamp', ends);
  await lamp.push(noting('first'), files);
  assert.equal(await seenBy(lamp, 'first'), []);
  await lamp.stop();
  await lamp.push(noting('again'), files);
  assert.equal(await seenBy(lamp, 'again'), ['first']);
  await lamp.stop();
  await lamp.push(noting('other'), files, bob);
  assert.equal(await seenBy(lamp, 'other'), []);
  await lamp.push(noting('back'), files, alice); // an upgrade of what another person deployed
  assert.equal(await seenBy(lamp, 'back'), ['again', 'first']);
  await lamp.push(noting('mine'), files, bob);
  assert.equal(await seenBy(lamp, 'mine'), ['other']);
});

it('is removed with the last version of its owner, and with the name', async () => {
  const lamp = new Pushed(await open(2), 'lamp', ends);
  const folder = join(here.state, 'folders', lamp.name);
  await lamp.push(noting('one'), files, bob);
  await seenBy(lamp, 'one');
  for (let version = 0; version < 9; version++) await lamp.push('exports.setup = function () {};', {}, alice);
  assert.equal(readdirSync(folder).length, 1);
  await lamp.push(noting('late'), files, alice); // as many versions as are kept
  await seenBy(lamp, 'late');
  await until(() => readdirSync(folder).length === 1);
  assert.match(readdirSync(folder)[0] as string, /^alice@lab-[0-9a-f]{16}$/);
  await lamp.stop();
  for (const name of ['fan', 'door', 'bell']) {
    const other = new Pushed(box, name, ends);
    await other.push('exports.setup = function () {};');
    await other.stop();
  }
  await until(() => !existsSync(folder));
});

it('outlives the box, and is removed at its start when nobody can come back to it', async () => {
  const lamp = new Pushed(await open(), 'lamp', ends);
  await lamp.push(noting('first'), files);
  await seenBy(lamp, 'first');
  await box.close();
  ends.length = 0;
  const lost = join(here.state, 'folders', 'lost', 'somebody');
  mkdirSync(lost, { recursive: true });
  writeFileSync(join(lost, 'secret'), '');
  await open();
  await until(() => !existsSync(join(here.state, 'folders', 'lost')));
  const again = new Pushed(box, 'lamp', ends, lamp.name);
  await again.push(noting('again'), files);
  assert.equal(await seenBy(again, 'again'), ['first']);
});

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`Waited for ${holds}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it.run();
