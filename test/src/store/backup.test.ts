import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileEntry } from '../../../src/envelope/index.ts';
import { backUp, restore, verifyBackup } from '../../../src/store/index.ts';
import { Person } from '../../support/cli.ts';
import { CODE, change, codeOf, deploy, Place, state } from '../../support/place.ts';
import { rejection } from '../../support/rejection.ts';

const it = suite('backup of a box');

let here: Place;
it.before.each(() => {
  here = new Place();
});
it.after.each(() => here.remove());

const thrown = (work: () => unknown): { code: string; message: string } => {
  try {
    work();
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('Expected an error');
};

/** A box with a swarmlet that runs, one that was stopped, and a file that travelled by digest. */
async function busyBox() {
  const box = await here.box();
  const file = 'module.exports = 1;';
  const { text, ...entry } = fileEntry(file);
  assert.is(text, file);
  const files = { 'Main.js': fileEntry(CODE), 'node_modules/x.js': entry };
  assert.is(await codeOf(box.submit(deploy('lamp', 1, { files }))), 'MISSING_BLOB');
  const { FolderBlobs } = await import('../../../src/store/folder-blobs.ts');
  await box.close();
  await new FolderBlobs(join(here.state, 'blobs')).put(`sha256:${entry.sha256}`, Buffer.from(file));
  const again = await here.box();
  await again.submit(deploy('lamp', 1, { files }));
  await again.submit(deploy('fan', 4));
  await again.submit(change('undeploy', 'fan', 5));
  return again;
}

it('copies what a running box keeps, and another one goes on from it', async () => {
  const box = await busyBox();
  const backup = join(here.folder.path, 'backup');
  const made = backUp(here.state, backup, true);
  assert.equal(
    [made.withKey, made.versions, made.swarmlets.map(({ swarmlet, sequence }) => `${swarmlet} ${sequence}`)],
    [true, 2, ['fan 5', 'lamp 1']],
  );
  await box.submit(deploy('fan', 6)); // after the backup
  const { id } = box.identity;
  await box.close();
  rmSync(here.state, { recursive: true });
  assert.equal(restore(backup, here.state), made);
  const moved = await here.box();
  await state(moved, 'lamp', 'running');
  assert.equal([moved.identity.id, moved.status('fan').state, moved.status('fan').sequence], [id, 'stopped', 5]);
  assert.is(moved.tier.last.image?.files.get('node_modules/x.js'), 'module.exports = 1;');
  await moved.submit(deploy('fan', 6));
});

it('takes the folders of the swarmlets along', async () => {
  await (await busyBox()).close();
  const note = 'folders/lamp/alice@lab-0123456789abcdef/a b/note';
  mkdirSync(join(here.state, dirname(note)), { recursive: true });
  writeFileSync(join(here.state, note), 'on');
  const backup = join(here.folder.path, 'backup');
  backUp(here.state, backup, true);
  const moved = join(here.folder.path, 'moved');
  restore(backup, moved);
  assert.is(readFileSync(join(moved, note), 'utf8'), 'on');
  writeFileSync(join(backup, note), 'off');
  assert.match(thrown(() => verifyBackup(backup)).message, /note.*is not as it was/);
  const manifest = readFileSync(join(backup, 'backup.json'), 'utf8');
  for (const name of ['folders/../../x', '/folders/x', 'folders/./x', 'folders//x', 'other/x']) {
    writeFileSync(join(backup, 'backup.json'), manifest.replace(note, name));
    assert.is(thrown(() => verifyBackup(backup)).code, 'BAD_FILE', name);
  }
});

it('is of one moment also while statements come in', async () => {
  const box = await busyBox();
  let sequence = 5; // of the last one that was taken
  let isOver = false;
  const writing = (async () => {
    while (!isOver) await box.submit(deploy('fan', ++sequence, { parameters: { text: 'x'.repeat(20_000) } }));
  })();
  writing.catch(() => {}); // looked at below
  for (let round = 0; round < 12; round++) {
    const before = sequence;
    await new Promise((resolve) => setImmediate(resolve));
    const target = join(here.folder.path, `backup-${round}`);
    const fan = backUp(here.state, target, true).swarmlets.find(({ swarmlet }) => swarmlet === 'fan');
    assert.ok((fan?.sequence ?? 0) >= before - 1 && (fan?.sequence ?? 0) <= sequence + 1, `${fan?.sequence} after ${before}`);
    const { code, out } = await new Person(here.folder.path).type(['audit', 'verify', '--state', target]);
    assert.is(code, 0, out);
  }
  isOver = true;
  await writing;
});

it('refuses after a restore what was issued before it: a sequence that went back opens no door (R01, R04)', async () => {
  const box = await busyBox();
  const backup = join(here.folder.path, 'backup');
  backUp(here.state, backup, true);
  const taken = deploy('fan', 6);
  const waiting = deploy('fan', 7); // in a queue, not yet delivered
  await box.submit(taken);
  await box.close();
  rmSync(here.state, { recursive: true });
  restore(backup, here.state);
  const restored = await here.box();
  for (const statement of [taken, waiting]) {
    const refused = (await rejection(restored.submit(statement))) as { code: string; message: string };
    assert.is(refused.code, 'EXPIRED');
    assert.match(refused.message, /issued before .* restored from a backup, and may have been carried out already; sign it anew/);
  }
  await restored.submit(deploy('fan', 6));
  await restored.close();
  assert.is(await codeOf((await here.box()).submit(taken)), 'EXPIRED', 'it remembers that');
});

it('leaves the key out where it is asked to, and then makes another box', async () => {
  const box = await busyBox();
  const backup = join(here.folder.path, 'backup');
  assert.is(backUp(here.state, backup, false).withKey, false);
  assert.equal(
    readdirSync(backup).filter((name) => name.startsWith('box_')),
    [],
  );
  await box.close();
  const { id } = box.identity;
  rmSync(here.state, { recursive: true });
  restore(backup, here.state);
  const other = await here.box();
  await state(other, 'lamp', 'running');
  assert.is.not(other.identity.id, id);
});

it('is open to nobody else, and has an audit that is whole', async () => {
  const umask = process.umask(0);
  try {
    const box = await busyBox();
    const backup = join(here.folder.path, 'backup');
    for (let sequence = 10; sequence < 20; sequence++) await box.submit(change('undeploy', 'fan', sequence));
    backUp(here.state, backup, true);
    assert.is(statSync(backup).mode & 0o777, 0o700);
    for (const name of ['store.db', 'box_ed25519', 'audit.jsonl', 'backup.json'])
      assert.is(statSync(join(backup, name)).mode & 0o777, 0o600, name);
    const { code, out } = await new Person(here.folder.path).type(['audit', 'verify', '--state', backup]);
    assert.is(code, 0, out);
    assert.equal(
      readdirSync(here.folder.path).filter((name) => name.includes('draft')),
      [],
    );
  } finally {
    process.umask(umask);
  }
});

it('leaves the records out that are newer than the database', async () => {
  const box = await busyBox();
  await box.close();
  const newer = JSON.stringify({ seq: 100_000, at: new Date().toISOString(), prev: '' });
  appendFileSync(join(here.state, 'audit.jsonl'), `${newer}\n${newer}\n`);
  const backup = join(here.folder.path, 'backup');
  backUp(here.state, backup, true);
  const lines = readFileSync(join(backup, 'audit.jsonl'), 'utf8').trimEnd().split('\n');
  assert.is(JSON.parse(lines.at(-1) as string).seq, lines.length);
});

it('is found out when a file of it was changed, removed, or is not one of a backup', async () => {
  await busyBox();
  const make = (name: string): string => {
    const backup = join(here.folder.path, name);
    backUp(here.state, backup, true);
    return backup;
  };
  const blob = (backup: string): string => join(backup, 'blobs', readdirSync(join(backup, 'blobs'))[0] as string);
  const cases: [name: string, spoil: (backup: string) => void, problem: RegExp][] = [
    ['changed', (backup) => appendFileSync(join(backup, 'store.db'), 'x'), /store\.db: is not as it was when the backup was made/],
    ['removed', (backup) => rmSync(blob(backup)), /blobs\/\w+: is missing/],
    ['unnamed', (backup) => rmSync(join(backup, 'backup.json')), /is no backup/],
    [
      'linked',
      (backup) =>
        writeFileSync(join(backup, 'backup.json'), '{"kind":"backup of a box","at":"2026-01-01T00:00:00Z","files":{"../x":"00"}}'),
      /backup\.json/,
    ],
  ];
  for (const [name, spoil, problem] of cases) {
    const backup = make(name);
    spoil(backup);
    const found = thrown(() => verifyBackup(backup));
    assert.is(found.code, 'BAD_FILE');
    assert.match(found.message, problem);
    assert.match(thrown(() => restore(backup, join(here.folder.path, `${name}-restored`))).message, problem);
    assert.is(existsSync(join(here.folder.path, `${name}-restored`)), false);
  }
});

it('goes to a new folder and comes back into an empty one only', async () => {
  const box = await busyBox();
  const backup = join(here.folder.path, 'backup');
  assert.match(thrown(() => backUp(here.folder.path, backup, true)).message, /is not the folder of a box/);
  backUp(here.state, backup, true);
  assert.match(thrown(() => backUp(here.state, backup, true)).message, /is there already/);
  assert.match(thrown(() => restore(backup, here.state)).message, /is not empty/);
  await box.submit(deploy('lamp', 9)); // it was left alone
  const empty = join(here.folder.path, 'empty');
  mkdirSync(empty);
  restore(backup, empty);
});

it('reads a backup that an older program made, and not one of a newer', async () => {
  const box = await busyBox();
  await box.close();
  const backup = join(here.folder.path, 'backup');
  here.sql('alter table clock drop column restored', 'pragma user_version = 2');
  backUp(here.state, backup, true);
  restore(backup, join(here.folder.path, 'restored'));
  here.sql('pragma user_version = 99');
  assert.match(thrown(() => backUp(here.state, join(here.folder.path, 'newer'), true)).message, /newer version of this program/);
});

it('is made, looked through and taken back by commands', async () => {
  const box = await busyBox();
  const person = new Person(here.folder.path);
  const backup = join(here.folder.path, 'backup');
  const made = await person.type(['state', 'backup', backup, '--state', here.state]);
  assert.equal([made.code, made.err], [0, '']);
  assert.match(made.out, /^2 swarmlets in 2 versions as of \S+ are in .*backup\.\nThe private key of the box is in it/);
  const verified = await person.type(['state', 'verify', backup, '--json']);
  assert.equal(JSON.parse(verified.out).swarmlets, [
    { swarmlet: 'fan', sequence: 5 },
    { swarmlet: 'lamp', sequence: 1 },
  ]);
  const refused = await person.type(['state', 'restore', backup, '--state', here.state]);
  assert.is(refused.code, 1);
  assert.match(refused.err, /is not empty/);
  await box.close();
  const restored = await person.type(['state', 'restore', backup, '--state', join(here.folder.path, 'moved')]);
  assert.is(restored.code, 0);
  assert.match(restored.out, /will refuse what was issued before now/);
  assert.is((await person.type(['state', 'backup', '--state', here.state])).code, 2);
});

it.run();
