import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { generateKeyPair, type KeyId } from '../../../src/envelope/index.ts';
import { TrustList, type TrustListEvents } from '../../../src/trust/index.ts';
import { code } from '../../support/envelopes.ts';
import { folderWith } from '../../support/folder.ts';

const it = suite('the trust list on disk');
const boundMs = 10_000;
const alice = generateKeyPair().publicKey;
const bob = generateKeyPair().publicKey;
const line = (name: string, key: typeof alice, options = '') => `${name} ${options}namespaces="swarmlet" ${key.text}\n`;

interface Fixture {
  readonly folder: string;
  readonly trustedKeys: string;
  readonly revokedKeys: string;
  open(now?: () => number): TrustList;
}

const opened: { close(): void }[] = [];
const folders: { remove(): void }[] = [];
it.after.each(() => {
  for (const list of opened.splice(0)) list.close();
  for (const folder of folders.splice(0)) folder.remove();
});

function fixture(files: Record<string, string> = {}): Fixture {
  const folder = folderWith(files);
  folders.push(folder);
  const [trustedKeys, revokedKeys] = [join(folder.path, 'trusted_keys'), join(folder.path, 'revoked_keys')];
  return {
    folder: folder.path,
    trustedKeys,
    revokedKeys,
    open(now = Date.now) {
      const list = TrustList.open({ trustedKeys, revokedKeys, now });
      opened.push(list);
      return list;
    },
  };
}

/** The arguments of the next such event; a bound instead of a sleep. */
async function next<K extends keyof TrustListEvents>(list: TrustList, event: K): Promise<TrustListEvents[K]> {
  const target = new EventTarget();
  let given: TrustListEvents[K] | undefined;
  list.once(event, (...args) => {
    given = args;
    target.dispatchEvent(new Event('given'));
  });
  const alive = setTimeout(() => undefined, boundMs); // the watch itself keeps no process alive
  try {
    await once(target, 'given', { signal: AbortSignal.timeout(boundMs) });
  } finally {
    clearTimeout(alive);
  }
  return given as TrustListEvents[K];
}

const trusts = (list: TrustList, keyId: KeyId, now = Date.now()) => list.get(keyId, now) !== undefined;

it('trusts nobody without files', () => {
  const list = TrustList.open({ trustedKeys: '', revokedKeys: '' });
  opened.push(list);
  assert.is(list.size, 0);
  assert.not(trusts(list, alice.id));
  assert.not(trusts(fixture().open(), alice.id));
});

it('reads both files when it opens', () => {
  const list = fixture({ trusted_keys: line('alice', alice) + line('bob', bob, 'cert-authority,'), revoked_keys: `${bob.id}\n` }).open();
  assert.is(list.get(alice.id, 0)?.principal, 'alice');
  assert.is(list.size, 1);
  assert.ok(list.isRevoked(bob.id));
  assert.not(list.isRevoked(alice.id));
  assert.match(list.warnings[0] ?? '', 'trusted_keys:2: skipped');
});

for (const name of ['trusted_keys', 'revoked_keys']) {
  it(`does not open with a malformed ${name}`, () => {
    assert.throws(() => fixture({ [name]: '# one\nwhat is this\n' }).open(), code('BAD_FILE', `${name}:2: `));
  });
}

it('gives a key only while its time is', () => {
  const list = fixture({ trusted_keys: line('alice', alice, 'valid-after="20260101Z",valid-before="20270101Z",') }).open();
  assert.not(trusts(list, alice.id, Date.UTC(2025, 11, 31, 23, 59, 59)));
  assert.ok(trusts(list, alice.id, Date.UTC(2026, 0, 1)));
  assert.ok(trusts(list, alice.id, Date.UTC(2027, 0, 1)));
  assert.not(trusts(list, alice.id, Date.UTC(2027, 0, 1) + 1));
});

it('sees a file that is replaced by rename, as editors do', async () => {
  const { open, trustedKeys } = fixture({ trusted_keys: line('alice', alice) });
  const list = open();
  const removed = next(list, 'removed');
  const changed = next(list, 'changed');
  writeFileSync(`${trustedKeys}.new`, line('bob', bob));
  renameSync(`${trustedKeys}.new`, trustedKeys);
  assert.equal(await removed, [[alice.id]]);
  await changed;
  assert.ok(trusts(list, bob.id));
  assert.not(trusts(list, alice.id));
});

it('sees files and folders that come into being later', async () => {
  const { folder } = fixture();
  const trustedKeys = join(folder, 'later/trusted_keys');
  const list = TrustList.open({ trustedKeys, revokedKeys: '' });
  opened.push(list);
  const changed = next(list, 'changed');
  mkdirSync(join(folder, 'later'));
  writeFileSync(trustedKeys, line('alice', alice));
  await changed;
  assert.ok(trusts(list, alice.id));
});

it('sees a change behind a link, and a link that is turned elsewhere', async () => {
  const { folder, trustedKeys, open } = fixture({ 'one/keys': line('alice', alice), 'two/keys': '' });
  symlinkSync('one', join(folder, 'current'));
  symlinkSync(join('current', 'keys'), trustedKeys);
  const list = open();
  assert.ok(trusts(list, alice.id));
  const first = next(list, 'changed');
  writeFileSync(join(folder, 'one/keys'), line('alice', alice) + line('bob', bob));
  await first;
  assert.ok(trusts(list, bob.id));
  const second = next(list, 'changed');
  symlinkSync('two', join(folder, 'next'));
  renameSync(join(folder, 'next'), join(folder, 'current'));
  await second;
  assert.is(list.size, 0);
});

it('trusts nobody once the file is gone', async () => {
  const { open, trustedKeys } = fixture({ trusted_keys: line('alice', alice) });
  const list = open();
  const removed = next(list, 'removed');
  unlinkSync(trustedKeys);
  assert.equal(await removed, [[alice.id]]);
  assert.not(trusts(list, alice.id));
});

it('keeps the list in force when the new one is malformed, and says which line', async () => {
  const { open, trustedKeys } = fixture({ trusted_keys: line('alice', alice) });
  const list = open();
  const warning = next(list, 'warning');
  writeFileSync(trustedKeys, line('alice', alice) + line('bob', bob).slice(0, 60));
  const [message] = await warning;
  assert.ok(message.startsWith(`${trustedKeys}:2: `), message);
  assert.match(message, 'stays in force');
  assert.ok(trusts(list, alice.id));
  const changed = next(list, 'changed');
  writeFileSync(trustedKeys, line('bob', bob));
  await changed;
  assert.ok(trusts(list, bob.id));
});

it('keeps the list in force when the new one cannot be read', async () => {
  const { open, trustedKeys } = fixture({ trusted_keys: line('alice', alice) });
  const list = open();
  const warning = next(list, 'warning');
  rmSync(trustedKeys);
  mkdirSync(trustedKeys);
  assert.match((await warning)[0], 'is not a regular file');
  assert.ok(trusts(list, alice.id));
});

it('reads no file that is still being written', async () => {
  const { open, trustedKeys } = fixture({ trusted_keys: line('alice', alice) });
  const list = open();
  const warnings: string[] = [];
  list.on('warning', (message) => warnings.push(message));
  // In one event loop a writer that is due five times as often runs between any two looks, however slow the machine is.
  let written = 'half a line';
  await new Promise<void>((resolve) => {
    const writer = setInterval(() => {
      written += ' more';
      writeFileSync(trustedKeys, written);
      if (written.length < 100) return;
      clearInterval(writer);
      resolve();
    }, 50);
  });
  const changed = next(list, 'changed');
  writeFileSync(trustedKeys, line('bob', bob));
  await changed;
  assert.equal(warnings, []);
  assert.ok(trusts(list, bob.id));
});

it('tells of keys that are revoked from now on', async () => {
  const { open, revokedKeys } = fixture({ trusted_keys: line('alice', alice), revoked_keys: `${bob.id}\n` });
  const list = open();
  const revoked = next(list, 'revoked');
  writeFileSync(revokedKeys, `${bob.id}\n${alice.text} lost\n`);
  assert.equal(await revoked, [[alice.id]]);
  assert.ok(list.isRevoked(alice.id) && list.isRevoked(bob.id));
});

it('lifts no revocation because the file is gone or malformed, but does when a line is', async () => {
  const { open, revokedKeys } = fixture({ revoked_keys: `${bob.id}\n` });
  const list = open();
  const gone = next(list, 'warning');
  unlinkSync(revokedKeys);
  assert.match((await gone)[0], 'is gone');
  assert.ok(list.isRevoked(bob.id));
  const malformed = next(list, 'warning');
  writeFileSync(revokedKeys, 'bob\n');
  assert.match((await malformed)[0], 'revoked_keys:1: ');
  assert.ok(list.isRevoked(bob.id));
  const changed = next(list, 'changed');
  writeFileSync(revokedKeys, '');
  await changed;
  assert.not(list.isRevoked(bob.id));
});

it('tells of a key whose time is over', async () => {
  let now = Date.UTC(2026, 11, 31);
  const list = fixture({ trusted_keys: line('alice', alice, 'valid-before="20270101Z",') + line('bob', bob) }).open(() => now);
  const removed = next(list, 'removed');
  now = Date.UTC(2027, 0, 2);
  assert.equal(await removed, [[alice.id]]);
});

it('reads at once when it is told to', () => {
  const { open, trustedKeys, revokedKeys } = fixture();
  const list = open();
  const events: string[] = [];
  list.on('changed', () => events.push('changed'));
  list.on('revoked', (keyIds) => events.push(`revoked ${keyIds.length}`));
  list.on('warning', (message) => events.push(message));
  writeFileSync(trustedKeys, line('alice', alice));
  writeFileSync(revokedKeys, bob.id);
  list.reload();
  assert.ok(trusts(list, alice.id));
  assert.equal(events, ['changed', 'revoked 1', 'changed']);
  writeFileSync(trustedKeys, 'x');
  list.reload();
  assert.ok(trusts(list, alice.id));
  assert.match(events[3] ?? '', 'trusted_keys:1: ');
  list.on('removed', (keyIds) => events.push(`removed ${keyIds.length}`));
  writeFileSync(trustedKeys, '');
  list.reload();
  assert.equal(events.slice(5), ['removed 1', 'changed', 'changed']);
});

const isRoot = process.geteuid?.() === 0;
if (!isRoot) console.log('skipped: a link of another user: only root can make one');
(isRoot ? it : it.skip)('follows no link to the file of another user', () => {
  const { folder, trustedKeys, open } = fixture({ theirs: line('alice', alice) });
  chmodSync(folder, 0o755);
  chownSync(join(folder, 'theirs'), 65534, 65534);
  symlinkSync('theirs', trustedKeys);
  assert.throws(() => open(), code('BAD_FILE', 'it is not followed'));
});

it('warns of a list that others may write or replace, and is in force all the same', () => {
  const { open, trustedKeys, folder } = fixture({ trusted_keys: line('alice@lab', alice), revoked_keys: '' });
  assert.equal(open().warnings, []);
  chmodSync(trustedKeys, 0o666);
  const list = open();
  assert.match(list.warnings.join(), /others may write .*trusted_keys, and so say who may push; run: chmod go-w/);
  assert.ok(list.get(alice.id, Date.now()));
  chmodSync(trustedKeys, 0o600);
  chmodSync(folder, 0o777);
  assert.match(open().warnings.join(), /others may replace .*trusted_keys/);
  chmodSync(folder, 0o1777);
  assert.equal(open().warnings, []);
});

it.run();
