import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatPrivateKey, generateKeyPair, type KeyPair } from '../../../src/envelope/index.ts';
import { Person } from '../../support/cli.ts';
import { folderWith } from '../../support/folder.ts';
import { hasOpenSsh } from '../../support/keys.ts';

const it = suite('accessors trust, accessors key');
let folder: ReturnType<typeof folderWith>;
let person: Person;
let list: string;
const pair = generateKeyPair();
const other = generateKeyPair();
const line = (given: KeyPair, comment: string): string => `${given.publicKey.text} ${comment}`;

it.before.each(() => {
  folder = folderWith({ 'alice.pub': `${line(pair, 'alice@lab')}\n` });
  person = new Person(folder.path);
  list = join(folder.path, 'state/accessors/trusted_keys');
});
it.after.each(() => folder.remove());

it('adds a public key file to the list of the box on this machine, which only its owner reads', async () => {
  const { code, out } = await person.type(['trust', 'add', join(folder.path, 'alice.pub')]);
  assert.is(code, 0);
  assert.match(out, `Trusted: ${pair.publicKey.id} alice@lab`);
  assert.is(readFileSync(list, 'utf8'), `alice@lab namespaces="swarmlet" ${line(pair, 'alice@lab')}\n`);
  assert.is(statSync(list).mode & 0o777, 0o600);
  const again = await person.type(['trust', 'add', join(folder.path, 'alice.pub')]);
  assert.is(again.code, 0);
  assert.match(again.err, /is trusted already, as alice@lab \(.*trusted_keys:1\)/);
});

it('takes a key as text, quoted or not, and lines as GitHub gives them with a principal', async () => {
  const file = join(folder.path, 'bob.keys');
  writeFileSync(file, `ssh-rsa AAAAB3NzaC1yc2E=\n${other.publicKey.text}\n`);
  const target = ['--trusted-keys', join(folder.path, 'trusted')];
  assert.is((await person.type(['trust', 'add', ...line(pair, 'alice@lab').split(' '), ...target])).code, 0);
  const without = await person.type(['trust', 'add', file, ...target]);
  assert.is(without.code, 2);
  assert.match(without.err, /bob\.keys has no comment .* --principal WHO/);
  assert.is((await person.type(['trust', 'add', file, '--principal', 'bob@lab', ...target])).code, 0);
  const { out } = await person.type(['trust', 'ls', '--json', ...target]);
  assert.equal(
    JSON.parse(out).map(({ principal, id }: { principal: string; id: string }) => [principal, id]),
    [
      ['alice@lab', pair.publicKey.id],
      ['bob@lab', other.publicKey.id],
    ],
  );
});

it('refuses what is no usable key, and changes nothing', async () => {
  const privateFile = join(folder.path, 'private');
  writeFileSync(privateFile, formatPrivateKey(pair, ''));
  const small = Buffer.concat([pair.publicKey.blob.subarray(0, -32), Buffer.alloc(32)]).toString('base64');
  const cases: [string, number, RegExp][] = [
    [privateFile, 2, /private is a private key: give its public half, .*private\.pub/],
    ['nowhere.pub', 2, /'nowhere\.pub' is neither a public key file nor the text/],
    [`ssh-ed25519 ${small} a@b`, 1, /small order|low order|order/],
    ['ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQ== a@b', 1, /ssh-rsa/],
    [line(pair, 'two words'), 2, /'two words' cannot be a principal/],
    [line(pair, '*@lab'), 2, /cannot be a principal/],
    [line(pair, 'a,b'), 2, /cannot be a principal/],
  ];
  for (const [given, expected, message] of cases) {
    const { code, err } = await person.type(['trust', 'add', given]);
    assert.match(err, message);
    assert.is(err.trimEnd().split('\n').length, 1);
    assert.is(code, expected, given);
    assert.not.ok(existsSync(list));
  }
});

it('keeps comments, order, mode and links, and removes by id, principal or key', async () => {
  const real = join(folder.path, 'real');
  const link = join(folder.path, 'link');
  writeFileSync(real, `# people\nalice@lab ${pair.publicKey.text}\n\n# robots\n`);
  chmodSync(real, 0o644);
  symlinkSync(real, link);
  const target = ['--trusted-keys', link];
  assert.is((await person.type(['trust', 'add', line(other, 'bob@lab'), ...target])).code, 0);
  assert.match((await person.type(['trust', 'ls', ...target])).out, /^alice@lab .*\nbob@lab /m);
  assert.is((await person.type(['trust', 'rm', 'alice@lab', ...target])).code, 0);
  assert.is(readFileSync(real, 'utf8'), `# people\n\n# robots\nbob@lab namespaces="swarmlet" ${line(other, 'bob@lab')}\n`);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.is(statSync(real).mode & 0o777, 0o644);
  const { code, err } = await person.type(['trust', 'rm', other.publicKey.id, 'nobody@lab', ...target]);
  assert.is(code, 3);
  assert.match(err, /has no key 'nobody@lab'/);
  assert.match(readFileSync(real, 'utf8'), 'bob@lab'); // nothing half done
  assert.is((await person.type(['trust', 'rm', other.publicKey.id, ...target])).code, 0);
  assert.is(readFileSync(real, 'utf8'), '# people\n\n# robots\n');
  assert.equal(readdirSync(folder.path).sort(), ['alice.pub', 'link', 'real']);
});

it('names file and line of a list that is malformed, and leaves it alone', async () => {
  const file = join(folder.path, 'bad');
  writeFileSync(file, '# fine\nalice@lab ssh-ed25519 notakey\n');
  for (const argv of [['add', join(folder.path, 'alice.pub')], ['ls'], ['rm', 'alice@lab']]) {
    const { code, err } = await person.type(['trust', ...argv, '--trusted-keys', file]);
    assert.is(code, 1);
    assert.match(err, `${file}:2:`);
  }
  assert.is(readFileSync(file, 'utf8'), '# fine\nalice@lab ssh-ed25519 notakey\n');
});

const test = hasOpenSsh ? it : it.skip;
if (!hasOpenSsh) console.log('skipped: accessors key: OpenSSH is not installed');

test('makes a key that it then shows, and never writes over one', async () => {
  const file = join(folder.path, 'ssh/id');
  const asking = await person.type(['key', 'new', file]);
  assert.is(asking.code, 1);
  assert.match(asking.err, '--no-passphrase');
  const { code, out } = await person.type(['key', 'new', file, '--comment', 'carol@lab', '--no-passphrase']);
  assert.is(code, 0);
  assert.match(out, /^ssh-ed25519 \S+ carol@lab\n$/);
  assert.match((await person.type(['key', 'new', file, '--no-passphrase'])).err, `${file} is there already`);
  const shown = JSON.parse((await person.type(['key', 'show', '--identity', file, '--json'])).out);
  assert.match(execFileSync('ssh-keygen', ['-lf', file]).toString(), shown.id);
  const said = await person.type(['key', 'show', '--identity', file]);
  assert.match(said.err, `accessors trust add '${said.out.trim()}'`);
});

it.run();
