import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Asking, chooseIdentity, readKeyFile, sshKeygenSigner } from '../../../src/client/index.ts';
import { formatArmored, parseSshSignature, verifySsh } from '../../../src/envelope/index.ts';
import { folderWith } from '../../support/folder.ts';
import { hasOpenSsh, sshAgent, sshKey } from '../../support/keys.ts';

const it = suite('ssh-keygen signer');
if (!hasOpenSsh) console.log('skipped: signing with ssh-keygen: OpenSSH is not installed');
const test = hasOpenSsh ? it : it.skip;

const folder = folderWith();
it.after(folder.remove);
const message = Buffer.from('DSSEv1 4 text 5 hello');
const asking = (env: NodeJS.ProcessEnv = {}): Asking => ({ env: { PATH: process.env.PATH, HOME: folder.path, ...env }, canAsk: false });
const refusal = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as Error).message}`;
  }
  throw new Error('it was not refused');
};
function made(name: string, passphrase = '', type = 'ed25519'): string {
  const file = join(folder.path, name);
  return existsSync(file) ? file : sshKey(folder.path, name, passphrase, type);
}

test('signs with a key file so that ssh-keygen and we find it good', async () => {
  const file = made('plain');
  const signer = sshKeygenSigner({ kind: 'file', file }, asking());
  const blob = await signer.sign('swarmlet', message);
  assert.ok(verifySsh(parseSshSignature(blob), signer.publicKey, 'swarmlet', message, { requirePresence: true }));
  writeFileSync(join(folder.path, 'signature'), formatArmored(blob));
  writeFileSync(join(folder.path, 'signers'), `alice@lab ${signer.publicKey.text}\n`);
  const args = [
    '-Y',
    'verify',
    '-f',
    join(folder.path, 'signers'),
    '-I',
    'alice@lab',
    '-n',
    'swarmlet',
    '-s',
    join(folder.path, 'signature'),
  ];
  assert.match(execFileSync('ssh-keygen', args, { input: message }).toString(), `Good "swarmlet" signature for alice@lab`);
  assert.match(execFileSync('ssh-keygen', ['-lf', file]).toString(), signer.keyId);
});

test('fails at once for a key with a passphrase and no terminal, and names the next step', async () => {
  const file = made('locked', 'secret');
  assert.is(readKeyFile(file).passphrase, true);
  const said = await refusal(
    sshKeygenSigner({ kind: 'file', file }, asking({ SSH_ASKPASS: '/bin/true', DISPLAY: ':0' })).sign('swarmlet', message),
  );
  assert.match(said, 'KEY_LOCKED');
  assert.match(said, `ssh-add ${file}`);
  assert.not.match(said, '\n');
  const other = folderWith({ 'ssh-keygen': '#!/bin/sh\necho asked > "$0.ran"\nexit 1\n' });
  chmodSync(join(other.path, 'ssh-keygen'), 0o755);
  await refusal(sshKeygenSigner({ kind: 'file', file }, asking({ PATH: `${other.path}:/bin:/usr/bin` })).sign('swarmlet', message));
  assert.not.ok(existsSync(join(other.path, 'ssh-keygen.ran'))); // nothing that could wait for an answer was started
  other.remove();
  const byPublic = sshKeygenSigner({ kind: 'file', file: `${file}.pub` }, asking());
  assert.match(await refusal(byPublic.sign('swarmlet', message)), /KEY_LOCKED .*ssh-add .*locked$/);
});

test('takes the first Ed25519 key of the agent, before the default file, and leaves no file behind', async () => {
  const agent = await sshAgent(folder.path, [made('rsa', '', 'rsa'), made('plain')]);
  const temporary = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('accessors-key-'));
  const before = temporary();
  try {
    const identity = await chooseIdentity(undefined, asking({ SSH_AUTH_SOCK: agent.socket }));
    assert.is(identity.kind, 'agent');
    const signer = sshKeygenSigner(identity, asking({ SSH_AUTH_SOCK: agent.socket }));
    assert.is(signer.publicKey.text, readKeyFile(made('plain')).publicKey.text);
    const blob = await signer.sign('swarmlet', message);
    assert.ok(verifySsh(parseSshSignature(blob), signer.publicKey, 'swarmlet', message, { requirePresence: true }));
  } finally {
    await agent.close();
  }
  assert.equal(temporary(), before);
});

test('lets the agent sign for a public file whose private half is elsewhere', async () => {
  const file = made('away');
  const agent = await sshAgent(folder.path, [file]);
  renameSync(file, `${file}.moved`);
  try {
    const signer = sshKeygenSigner({ kind: 'file', file: `${file}.pub` }, asking({ SSH_AUTH_SOCK: agent.socket }));
    const blob = await signer.sign('swarmlet', message);
    assert.ok(verifySsh(parseSshSignature(blob), signer.publicKey, 'swarmlet', message, { requirePresence: true }));
  } finally {
    await agent.close();
  }
  const alone = sshKeygenSigner({ kind: 'file', file: `${file}.pub` }, asking({ SSH_AUTH_SOCK: agent.socket }));
  const said = await refusal(alone.sign('swarmlet', message));
  assert.match(said, 'SIGNING_FAILED');
  assert.match(said, 'away.pub');
});

test('falls back to ~/.ssh/id_ed25519, and says where it looked when there is none', async () => {
  const said = await refusal(chooseIdentity(undefined, asking({ SSH_AUTH_SOCK: join(folder.path, 'no.sock') })));
  assert.match(said, /NO_KEY .*\.ssh\/id_ed25519.*accessors key new/);
  mkdirSync(join(folder.path, '.ssh'));
  writeFileSync(join(folder.path, '.ssh/id_ed25519'), readFileSync(made('plain')));
  assert.equal(await chooseIdentity(undefined, asking()), { kind: 'file', file: join(folder.path, '.ssh/id_ed25519') });
});

test('refuses what boxes do not take, naming the file', async () => {
  const cases: [name: string, problem: RegExp][] = [
    [made('rsa', '', 'rsa'), /KEY_UNUSABLE .*rsa .*ssh-rsa/],
    [join(folder.path, 'nowhere'), /NO_KEY_FILE .*nowhere.*ENOENT/],
    [join(folder.path, 'text'), /KEY_UNUSABLE .*text is no OpenSSH key/],
    [join(folder.path, 'cut'), /KEY_UNUSABLE .*cut is (?:cut short|no OpenSSH private key)/],
  ];
  writeFileSync(join(folder.path, 'text'), '<html>\n');
  const whole = readFileSync(made('plain'), 'utf8').split('\n');
  writeFileSync(join(folder.path, 'cut'), [whole[0], 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ==', whole.at(-2)].join('\n'));
  for (const [file, problem] of cases) {
    assert.match(await refusal((async () => sshKeygenSigner({ kind: 'file', file }, asking()))()), problem);
  }
});

it.run();
