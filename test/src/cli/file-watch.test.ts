import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FileWatch } from '../../../src/cli/file-watch.ts';
import { folderWith } from '../../support/folder.ts';

const it = suite('file watch');
const folder = folderWith({ 'A.js': 'one', 'B.js': 'one' });
const files = new FileWatch();
const over = new AbortController();
it.after(() => {
  over.abort();
  files.close();
  folder.remove();
});

it('tells of a file that was saved only when it is whole', async () => {
  const file = join(folder.path, 'A.js');
  files.follow([file]);
  let told = false;
  const saved = files.next(over.signal).finally(() => {
    told = true;
  });
  writeFileSync(file, '');
  await pause(150); // longer than the watch waits for the next step of a save
  assert.not(told);
  appendFileSync(file, 'two');
  assert.is(await saved, 'A.js');
});

it('sees a file that an editor puts in the place of the old one, and no other', async () => {
  const file = join(folder.path, 'A.js');
  const saved = files.next(over.signal);
  writeFileSync(join(folder.path, 'B.js'), 'two');
  writeFileSync(join(folder.path, 'A.new'), 'three');
  renameSync(join(folder.path, 'A.new'), file);
  assert.is(await saved, 'A.js');
});

it.run();
