import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FolderKeeper } from '../../src/folder-keeper.ts';

const it = suite('folders of swarmlets');

function keeper() {
  const kept: [string, readonly string[]][] = [];
  const folders = { keep: async (swarmlet: string, principals: readonly string[]) => void kept.push([swarmlet, principals]) };
  const store = { history: () => [{ version: { principal: 'alice@lab' } }, { version: { principal: 'bob@lab' } }] };
  return { kept, keeper: new FolderKeeper(folders as never, store as never) };
}

it('are looked at once for all changes of a moment, and kept for the owners of its versions', async () => {
  const { kept, keeper: one } = keeper();
  for (const swarmlet of ['lamp', 'lamp', 'fan']) one.look(swarmlet);
  assert.equal(kept, [], 'a start does not wait for it');
  while (kept.length < 2) await pause(10);
  const owners = ['alice@lab', 'bob@lab'];
  assert.equal(kept, [
    ['lamp', owners],
    ['fan', owners],
  ]);
});

it('are left as they are once the box is closed', async () => {
  const { kept, keeper: one } = keeper();
  one.look('lamp');
  one.close();
  await pause(200);
  assert.equal(kept, []);
});

it.run();
