import { chmodSync, chownSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import nacl from 'tweetnacl';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BoxIdentity } from '../../../src/identity/index.ts';
import { code, sshKeygen } from '../../support/envelopes.ts';
import { folderWith } from '../../support/folder.ts';
import { hasOpenSsh, sshKey } from '../../support/keys.ts';

const it = suite('the identity of a box');
const openSsh = hasOpenSsh ? it : it.skip;
if (!hasOpenSsh) console.log('skipped: keys of ssh-keygen: it is not installed');
const folders: { remove(): void }[] = [];
it.after.each(() => {
  for (const folder of folders.splice(0)) folder.remove();
});

function state(): { path: string; file: string } {
  const folder = folderWith();
  folders.push(folder);
  return { path: folder.path, file: join(folder.path, 'box_ed25519') };
}

it('makes a key on the first start, for its user alone, and keeps it', () => {
  const path = join(state().path, 'deep/er');
  const { id, sealKeys, keys } = BoxIdentity.open(path);
  assert.equal(readdirSync(path).sort(), ['box_ed25519', 'box_ed25519.pub']);
  assert.is(readFileSync(join(path, 'box_ed25519.pub'), 'utf8'), `${keys.publicKey.text} swarmlet box\n`);
  assert.is(statSync(join(path, 'box_ed25519')).mode & 0o777, 0o600);
  assert.is(statSync(path).mode & 0o777, 0o700);
  const again = BoxIdentity.open(path);
  assert.is(again.id, id);
  assert.equal(again.sealKeys, sealKeys);
});

it('keeps nothing without a folder', () => {
  assert.is.not(BoxIdentity.open('').id, BoxIdentity.open('').id);
});

it('opens what was sealed to it', () => {
  const { sealKeys } = BoxIdentity.open('');
  const sender = nacl.box.keyPair();
  const nonce = new Uint8Array(24);
  const sealed = nacl.box(Buffer.from('"secret"'), nonce, sealKeys.publicKey, sender.secretKey);
  assert.is(Buffer.from(nacl.box.open(sealed, nonce, sender.publicKey, sealKeys.secretKey) ?? []).toString(), '"secret"');
});

openSsh('writes a key that ssh-keygen reads, and takes one that it made', () => {
  const { path, file } = state();
  const { id, keys } = BoxIdentity.open(path);
  assert.is(sshKeygen(['-lf', file]).split(' ')[1], id);
  assert.is(sshKeygen(['-y', '-f', file]).trim(), `${keys.publicKey.text} swarmlet box`);
  const other = state();
  sshKey(other.path, 'box_ed25519');
  assert.is(BoxIdentity.open(other.path).id, sshKeygen(['-lf', other.file]).split(' ')[1]);
});

openSsh('refuses a key with a passphrase', () => {
  const { path } = state();
  sshKey(path, 'box_ed25519', 'secret');
  assert.throws(() => BoxIdentity.open(path), code('BAD_FILE', 'passphrase'));
});

for (const mode of [0o644, 0o640, 0o604, 0o660]) {
  it(`refuses a key file of mode ${mode.toString(8)} and says what to run`, () => {
    const { path, file } = state();
    BoxIdentity.open(path);
    chmodSync(file, mode);
    assert.throws(() => BoxIdentity.open(path), code('BAD_FILE', `chmod 600 ${file}`));
  });
}

it('refuses a link in place of the key', () => {
  const { path, file } = state();
  BoxIdentity.open(path);
  renameSync(file, `${file}.moved`);
  symlinkSync('box_ed25519.moved', file);
  assert.throws(() => BoxIdentity.open(path), code('BAD_FILE', 'is a link'));
});

it('never replaces a file that holds no key', () => {
  const { path, file } = state();
  writeFileSync(file, 'precious\n', { mode: 0o600 });
  assert.throws(() => BoxIdentity.open(path), code('BAD_FILE', 'expected an OpenSSH private key'));
  assert.is(readFileSync(file, 'utf8'), 'precious\n');
});

const isRoot = process.geteuid?.() === 0;
if (!isRoot) console.log('skipped: the key file of another user: only root can make one');
(isRoot ? it : it.skip)('refuses the key file of another user', () => {
  const { path, file } = state();
  BoxIdentity.open(path);
  chownSync(file, 65534, 65534);
  assert.throws(() => BoxIdentity.open(path), code('BAD_FILE', 'belongs to user 65534'));
});

it.run();
