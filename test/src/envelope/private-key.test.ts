import { sign, verify } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatPrivateKey, generateKeyPair, parsePrivateKey } from '../../../src/envelope/index.ts';
import { code, sshKeygen } from '../../support/envelopes.ts';
import { folderWith } from '../../support/folder.ts';
import { hasOpenSsh, sshKey } from '../../support/keys.ts';

const it = suite('private keys');
const openSsh = hasOpenSsh ? it : it.skip;
if (!hasOpenSsh) console.log('skipped: what ssh-keygen makes and reads: it is not installed');
const folder = folderWith();
it.after(() => folder.remove());

const pair = generateKeyPair();
const text = formatPrivateKey(pair, 'a box');
const bytesOf = (file: string) => Buffer.from(file.split('\n').slice(1, -2).join(''), 'base64');
const fileOf = (bytes: Buffer) => text.replace(/KEY-----\n[^-]+/, `KEY-----\n${bytes.toString('base64')}\n`);

it('reads what it wrote, with comments of every length', () => {
  for (let length = 0; length < 9; length += 1) {
    const again = parsePrivateKey(formatPrivateKey(pair, 'x'.repeat(length)));
    assert.is(again.publicKey.id, pair.publicKey.id);
    assert.ok(verify(null, Buffer.from('m'), pair.publicKey.keyObject, sign(null, Buffer.from('m'), again.privateKey)));
  }
});

openSsh('writes what ssh-keygen reads', () => {
  const file = join(folder.path, 'ours');
  writeFileSync(file, text, { mode: 0o600 });
  assert.is(sshKeygen(['-y', '-f', file]).trim(), `${pair.publicKey.text} a box`);
});

openSsh('reads what ssh-keygen writes', () => {
  const file = sshKey(folder.path, 'theirs');
  const { publicKey } = parsePrivateKey(readFileSync(file, 'utf8'));
  assert.is(publicKey.text, readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' '));
});

openSsh('says of a key with a passphrase that it has one', () => {
  const file = sshKey(folder.path, 'locked', 'secret');
  assert.throws(() => parsePrivateKey(readFileSync(file, 'utf8')), code('MALFORMED', 'passphrase'));
});

openSsh('refuses a key of another type', () => {
  const file = sshKey(folder.path, 'rsa', '', 'rsa');
  assert.throws(() => parsePrivateKey(readFileSync(file, 'utf8')), code('MALFORMED', '"ssh-rsa"'));
});

it('refuses a file that is cut at any place', () => {
  const bytes = bytesOf(text);
  for (let length = 0; length < bytes.length; length += 1) {
    assert.throws(() => parsePrivateKey(fileOf(bytes.subarray(0, length))), code('MALFORMED'), `${length} bytes`);
  }
});

it('gives the same key, or refuses, whichever byte is wrong', () => {
  const bytes = bytesOf(text);
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    try {
      assert.is(parsePrivateKey(fileOf(changed)).publicKey.id, pair.publicKey.id, `byte ${at}`);
    } catch (error) {
      code('MALFORMED')(error);
    }
  }
});

it('refuses a public half that belongs to another key', () => {
  const other = generateKeyPair().publicKey.blob.subarray(-32);
  const bytes = bytesOf(text);
  const point = pair.publicKey.blob.subarray(-32);
  const outer = Buffer.from(bytes);
  other.copy(outer, bytes.indexOf(point));
  assert.throws(() => parsePrivateKey(fileOf(outer)), code('MALFORMED', 'different keys'));
  const inner = Buffer.from(bytes);
  other.copy(inner, bytes.indexOf(point, bytes.indexOf(point) + 1));
  assert.throws(() => parsePrivateKey(fileOf(inner)), code('MALFORMED', 'different keys'));
});

for (const [name, file] of Object.entries({
  nothing: '',
  'another kind of key': '-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n',
  'a file without its end': text.slice(0, -20),
  'a public key': pair.publicKey.text,
})) {
  it(`refuses ${name}`, () => assert.throws(() => parsePrivateKey(file), code('MALFORMED', 'expected an OpenSSH private key')));
}

it.run();
