import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folderWith } from '../../support/folder.ts';
import { needing } from '../../support/live.ts';
import { CODE, change, deploy, Place, state } from '../../support/place.ts';
import { rejection } from '../../support/rejection.ts';
import { alice } from '../../support/service.ts';
import { deployOf, sealed } from '../../support/signed.ts';

const it = suite('a box whose disk takes nothing');

const ends: (() => unknown)[] = [];
it.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const succeeds = (program: string, ...args: string[]): boolean => spawnSync(program, args, { stdio: 'ignore' }).status === 0;

/** A place whose state folder is a file system of its own. */
function placeOn(...mount: string[]): Place {
  const here = new Place();
  mkdirSync(here.state, { mode: 0o700 });
  assert.ok(succeeds('mount', ...mount, here.state));
  ends.push(
    () => here.remove(),
    () => succeeds('umount', '-l', here.state),
    async () => {
      for (const service of here.open) await service.close();
    },
  );
  return here;
}

/** Room for the statement, for the database's copy of it, and for its file. */
const smallDisk = (): Place => placeOn('-t', 'tmpfs', '-o', 'size=16m,mode=0700', 'tmpfs');

/** A disk with files that can be made immutable: writing to one fails then, also by a descriptor that is open. */
function ext4(): Place {
  const { path, remove } = folderWith({});
  const image = join(path, 'image');
  writeFileSync(image, Buffer.alloc(16 * 1024 * 1024));
  assert.ok(succeeds('mkfs.ext4', '-q', image));
  ends.push(remove);
  return placeOn('-o', 'loop', image);
}

function canMount(): boolean {
  const { path, remove } = folderWith({});
  const mounted = succeeds('mount', '-t', 'tmpfs', 'tmpfs', path);
  if (mounted) succeeds('umount', '-l', path);
  remove();
  return mounted;
}

function canLoop(): boolean {
  try {
    return succeeds('chattr', '-i', ext4().state);
  } catch {
    return false; // no right to mount, no loop device, or no mkfs.ext4
  } finally {
    for (const end of ends.splice(0).reverse()) void end();
  }
}

const withMount = needing(it, 'the right to mount', canMount());
const withExt4 = needing(it, 'the right to mount a loop device, mkfs.ext4 and chattr (package e2fsprogs)', canLoop());

const large = (swarmlet: string, sequence: number): object => sealed(deployOf(swarmlet, sequence, `// ${'x'.repeat(500_000)}`), alice);

function fill(here: Place): () => void {
  const ballast = join(here.state, 'ballast');
  assert.throws(() => {
    for (;;) appendFileSync(ballast, Buffer.alloc(4096));
  });
  return () => rmSync(ballast);
}

withMount('refuses statements on a full disk and keeps what runs, then takes them again (D14)', async () => {
  const here = smallDisk();
  const box = await here.box();
  await box.submit(deploy('lamp', 1));
  const makeRoom = fill(here);
  const second = large('lamp', 2);
  const refused = (await rejection(box.submit(second))) as { code: string; message: string };
  assert.is(refused.code, 'BUSY', refused.message);
  assert.match(refused.message, /out of space on its disk/);
  assert.is(refused.message.includes(here.state), false);
  assert.equal([box.status('lamp').state, box.status('lamp').sequence, box.history('lamp').length], ['running', 1, 1]);
  makeRoom();
  await box.submit(second);
  await box.close();
  const again = await here.box();
  await state(again, 'lamp', 'running');
  assert.is(again.status('lamp').version, '1.0.2');
  await again.close();
  assert.ok(succeeds('mount', '-o', 'remount,ro', here.state));
  const unwritable = (await rejection(here.box())) as { code: string; message: string };
  assert.is(unwritable.code, 'BAD_FILE');
  assert.is(unwritable.message.includes('\n'), false);
});

withMount('takes with the first try what comes when there is room again, whatever is being refused at that moment', async () => {
  const here = smallDisk();
  const box = await here.box();
  for (let round = 1; round <= 8; round++) {
    const makeRoom = fill(here);
    const other = box.submit(large('fan', round)).then(
      () => 'taken',
      (error) => error.code,
    );
    for (let turns = 0; turns < round; turns++) await new Promise((resolve) => setImmediate(resolve));
    makeRoom();
    await box.submit(deploy('lamp', round));
    assert.ok(['taken', 'BUSY'].includes(await other)); // as its write came to the disk before or after
  }
  await box.close();
  const again = await here.box();
  await state(again, 'lamp', 'running');
  assert.is(again.status('lamp').version, '1.0.8');
  assert.equal(again.history('lamp').length, 8);
});

withExt4('refuses statements while its disk cannot be written and keeps what runs, then takes them without a restart (D14)', async () => {
  const here = ext4();
  const box = await here.box();
  await box.submit(deploy('lamp', 1));
  const files = [here.state, ...readdirSync(here.state).map((name) => join(here.state, name))];
  assert.ok(succeeds('chattr', '+i', ...files));
  for (const statement of [deploy('lamp', 2), change('undeploy', 'lamp', 3), deploy('fan', 1)]) {
    const refused = (await rejection(box.submit(statement))) as { code: string; message: string };
    assert.equal([refused.code, refused.message], ['BUSY', 'The box is unable to write to its disk; try again in a moment']);
  }
  assert.equal([box.status('lamp').state, box.status('lamp').version], ['running', '1.0.1']);
  box.tier.last.emit('output', 'light', 1);
  assert.match(here.warnings.join('\n'), /The state cannot be written, and no statement is taken/);
  assert.ok(succeeds('chattr', '-i', ...files));
  await box.submit(deploy('lamp', 2));
  await box.submit(deploy('fan', 1));
  await box.close();
  const again = await here.box();
  await state(again, 'lamp', 'running');
  assert.is(again.status('lamp').version, '1.0.2');
});

withExt4('goes on without a disk that fell out of use under it, and ends in order', async () => {
  const here = ext4();
  const box = await here.box();
  await box.submit(deploy('lamp', 1));
  assert.ok(succeeds('mount', '-o', 'remount,abort', here.state)); // as after an error of the disk: EROFS from now on
  assert.is((await rejection(box.submit(deploy('lamp', 2)))).code, 'BUSY');
  assert.is(box.status('lamp').state, 'running');
  assert.equal(
    box.tier.isolates.map(({ over }) => over),
    [false, true],
    'what was made ready for the second is given up',
  );
  await box.close();
  assert.ok(box.tier.last.over);
});

it('names the folder when its disk cannot be written at the start', async () => {
  const here = new Place();
  ends.push(() => here.remove());
  writeFileSync(here.state, CODE);
  const refused = (await rejection(here.box())) as { code: string; message: string };
  assert.is(refused.code, 'BAD_FILE');
  assert.ok(refused.message.includes(here.state));
});

it.run();
