import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pae, payloadType } from '../../../src/envelope/index.ts';
import { AttackedBox, polled, QUIET } from '../../support/attacked-box.ts';
import { sshKeygen } from '../../support/envelopes.ts';
import { hasOpenSsh, sshKey } from '../../support/keys.ts';
import { needing } from '../../support/live.ts';

const suiteOfTests = suite('accessors sign and submit');
const it = needing(suiteOfTests, 'OpenSSH', hasOpenSsh);
let box: AttackedBox;
let carol = '';
let dave = '';
suiteOfTests.before(async () => {
  box = await AttackedBox.open();
  if (!hasOpenSsh) return;
  [carol, dave] = [sshKey(box.folder, 'carol'), sshKey(box.folder, 'dave')];
  for (const [who, file] of [
    ['carol@lab', carol],
    ['dave@lab', dave],
  ] as const) {
    appendFileSync(join(box.folder, 'trusted_keys'), `${who} ${readFileSync(`${file}.pub`, 'utf8')}`);
  }
  await polled(
    () => as(dave, 'ps'),
    ({ code }) => code === 0,
    'the box knows the keys',
  );
  box.changed();
  box.file('Vault.js', QUIET.replace('{ this.input', "{ this.parameter('depth'); this.input"));
});
suiteOfTests.after(() => box.close());

const as = (key: string, ...args: readonly string[]) => {
  const talks = args[0] === 'sign' ? [] : ['--to', box.url];
  return box.command([...args, ...talks, '--identity', key]);
};

it('lets two people sign one deployment, and either of them send it', async () => {
  const alone = await as(carol, 'push', 'Vault.js', '--name', 'vault-a');
  assert.is(alone.code, 4, alone.stderr);
  assert.match(alone.stderr, 'accessors sign FILE');
  const signed = await as(carol, 'push', 'Vault.js', '--name', 'vault-a', '--out', 'vault.json', '--param', 'depth=2');
  assert.is(signed.code, 0, signed.stderr);
  assert.match(signed.stdout, 'accessors sign vault.json');
  assert.is((await as(carol, 'submit', 'vault.json')).code, 4);

  const again = await as(carol, 'sign', 'vault.json');
  assert.is(again.code, 1);
  assert.match(again.stderr, /another person/, again.stderr);
  const second = await as(dave, 'sign', 'vault.json');
  assert.is(second.code, 0, second.stderr);
  for (const shown of ['deploy vault-a 1.0.0', 'Vault.js', 'depth', box.id]) assert.match(second.stderr, shown);

  // Anybody can check it with what he has: it is a DSSE envelope with SSHSIG signatures.
  const { payload, signatures } = JSON.parse(readFileSync(join(box.folder, 'vault.json'), 'utf8')) as {
    payload: string;
    signatures: { sig: string }[];
  };
  for (const [i, file] of [carol, dave].entries()) {
    const armored = `-----BEGIN SSH SIGNATURE-----\n${signatures[i]?.sig.replace(/.{70}/g, '$&\n')}\n-----END SSH SIGNATURE-----\n`;
    const sig = box.file(`vault.${i}.sig`, armored);
    const list = box.file(`list.${i}`, `who@lab ${readFileSync(`${file}.pub`, 'utf8')}`);
    sshKeygen(['-Y', 'verify', '-f', list, '-I', 'who@lab', '-n', 'swarmlet', '-s', sig], pae(payloadType, Buffer.from(payload, 'base64')));
  }

  const sent = await as(dave, 'submit', 'vault.json');
  assert.is(sent.code, 0, sent.stderr);
  assert.match(sent.stdout, 'vault-a 1.0.0 running');
  const replayed = await as(carol, 'submit', 'vault.json', '--json');
  assert.is(replayed.code, 0, replayed.stderr);
  assert.is((JSON.parse(replayed.stdout) as { state: string }).state, 'running');
});

it('does the same for what stops a swarmlet, starts it anew, or takes it back', async () => {
  for (const [action, file] of [
    ['restart', 'restart.json'],
    ['stop', 'stop.json'],
  ] as const) {
    assert.is((await as(carol, action, 'vault-a')).code, 4, 'one person is not enough');
    const kept = await as(carol, action, 'vault-a', '--out', file);
    assert.is(kept.code, 0, kept.stderr);
    assert.is((await as(dave, 'sign', file, '--json')).code, 0);
    const sent = await as(carol, 'submit', file, '--json');
    assert.is(sent.code, 0, sent.stderr);
    assert.is((JSON.parse(sent.stdout) as { state: string }).state, action === 'stop' ? 'stopped' : 'running');
  }
});

it('says what is wrong with a file', async () => {
  writeFileSync(join(box.folder, 'not.json'), '{"payload": 1}');
  const cases: [string[], number, string][] = [
    [['sign', 'none.json'], 2, 'none.json cannot be read'],
    [['sign', 'not.json'], 1, 'not.json is no signed statement'],
    [['push', 'Vault.js', '--name', 'vault-a', '--out', 'vault.json'], 2, 'there is such a file already'],
    [['sign'], 2, 'FILE'],
  ];
  for (const [args, code, words] of cases) {
    const result = await as(carol, ...args);
    assert.is(result.code, code, result.stderr);
    assert.match(result.stderr, words);
  }
  await box.holds(['THRESHOLD_NOT_MET', 'THRESHOLD_NOT_MET', 'REPLAYED', 'THRESHOLD_NOT_MET', 'THRESHOLD_NOT_MET']);
});

suiteOfTests.run();
