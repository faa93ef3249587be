import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatKey, keyOf, newKey, parseKey } from '../../../../src/dashboard/page/ssh-key.ts';
import { filesOf, nameOf, nextVersion, signed } from '../../../../src/dashboard/page/statement.ts';
import { formatPrivateKey, generateKeyPair, parseEnvelope, parsePrivateKey, seedOf } from '../../../../src/envelope/index.ts';
import { folderWith } from '../../../support/folder.ts';
import { alice, openBox } from '../../../support/service.ts';

const it = suite('signing in the page');

it('reads the key that ssh-keygen makes, and says what it cannot do with others', async () => {
  const folder = folderWith();
  const make = (name: string, ...more: string[]): string => {
    const file = join(folder.path, name);
    execFileSync('ssh-keygen', ['-q', '-C', 'alice@lab', '-f', file, ...more]);
    return file;
  };
  const file = make('plain', '-t', 'ed25519', '-N', '');
  const key = await parseKey(readFileSync(file, 'utf8'));
  assert.is(`${key.line} ${key.comment}`, readFileSync(`${file}.pub`, 'utf8').trim());
  assert.match(execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' }), ` ${key.id} `);
  const refused: [text: string, says: RegExp][] = [
    [readFileSync(make('locked', '-t', 'ed25519', '-N', 'secret'), 'utf8'), /has a passphrase/],
    [readFileSync(make('other', '-t', 'ecdsa', '-N', ''), 'utf8'), /type ed25519/],
    [readFileSync(`${file}.pub`, 'utf8'), /public half/],
    ['hello', /no private key of OpenSSH/],
    [`${readFileSync(file, 'utf8').slice(0, 120)}\n-----END OPENSSH PRIVATE KEY-----`, /damaged/],
  ];
  for (const [text, says] of refused) {
    const error = await parseKey(text).then(
      () => new Error('it was taken'),
      (reason: Error) => reason,
    );
    assert.match(error.message, says);
  }
  folder.remove();
});

it('writes keys as OpenSSH has them, and reads those of boxes', async () => {
  const made = await newKey();
  assert.is(parsePrivateKey(formatKey(made)).publicKey.id, made.id);
  const pair = generateKeyPair();
  assert.is((await parseKey(formatPrivateKey(pair, 'box'))).id, pair.publicKey.id);
});

it('signs statements that a box takes: deploy, rollback, stop', async () => {
  const box = await openBox();
  const key = await keyOf(seedOf(alice), 'alice');
  const target = { box: box.service.identity.id, nowMs: Date.now() };
  const deploy = async (sequence: number, text: string): Promise<object> =>
    signed(key, target, {
      action: 'deploy',
      swarmlet: 'lamp',
      sequence,
      version: `1.0.${sequence}`,
      main: 'Lamp.js',
      files: await filesOf([{ name: 'Lamp.js', text }]),
    });
  await box.service.submit(await deploy(1, '// ÄÖÜ 灯'));
  const { digest } = box.service.status('lamp');
  await box.service.submit(await deploy(2, '// two'));
  await box.service.submit(signed(key, target, { action: 'rollback', swarmlet: 'lamp', sequence: 3, to: digest }));
  assert.equal([box.service.status('lamp').version, box.service.status('lamp').principal], ['1.0.1', 'alice@lab']);
  await box.service.submit(signed(key, target, { action: 'undeploy', swarmlet: 'lamp', sequence: 4 }));
  assert.is(box.service.status('lamp').state, 'stopped');
  await box.close();
});

it('names the key in the envelope as OpenSSH does', async () => {
  const key = await newKey();
  const envelope = parseEnvelope(signed(key, { box: key.id, nowMs: 0 }, { action: 'restart', swarmlet: 'lamp', sequence: 1 }));
  assert.is(envelope.signatures[0]?.keyId, key.id);
});

it('proposes names and versions', () => {
  assert.equal(['RampJSTest.js', 'lib/Mein Gerät.js', '_x.js'].map(nameOf), ['rampjstest', 'mein-ger-t', 'x']);
  assert.equal([undefined, '1.2.3', '1.0.9-beta', 'odd'].map(nextVersion), ['1.0.0', '1.2.4', '1.0.10', '1.0.0']);
});

it.run();
