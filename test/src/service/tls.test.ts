import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect, keyPairSigner } from '../../../src/client/index.ts';
import { Policy } from '../../../src/trust/index.ts';
import { folderWith } from '../../support/folder.ts';
import { rejection } from '../../support/rejection.ts';
import { alice, openBox, type TestBox } from '../../support/service.ts';
import { deployOf, sealed } from '../../support/signed.ts';

const shipped = join(import.meta.dirname, '../../support/tls');
const pem = (name: string): string => readFileSync(join(shipped, name), 'utf8');

const it = suite('a box with TLS');
const folder = folderWith();
const files = { cert: join(folder.path, 'box.crt'), key: join(folder.path, 'box.key') };
let box: TestBox;
let url: string;

function install(name: 'box' | 'renewed'): void {
  copyFileSync(join(shipped, `${name}.crt`), files.cert);
  copyFileSync(join(shipped, `${name}.key`), files.key);
}

it.before(async () => {
  install('box');
  box = await openBox({ tls: files, gateway: { handshakeMs: 500, strangersOfAddress: 1 } });
  url = box.url.replace('ws:', 'wss:');
});
it.after(async () => {
  await box.close();
  folder.remove();
});

const signer = keyPairSigner(alice);

/** The certificate that the box shows now. */
function shown(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port: box.service.address?.port as number, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.toString() ?? '');
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

it('is reached by those who know its certificate, and lets them stay', async () => {
  const connection = await connect(url, { signer, ca: pem('box.crt') });
  assert.equal(await connection.list(), []);
  const stranger = connectTls({ port: box.service.address?.port as number, host: '127.0.0.1', rejectUnauthorized: false });
  await once(stranger, 'close'); // it took longer than a stranger may, and there was room for it
  assert.equal(await connection.list(), []);
  connection.close();
});

it('is not taken for one whose certificate is not known, and says what to do', async () => {
  const error = await rejection(connect(url, { signer }));
  assert.is(error.code, 'BOX_NOT_REACHED');
  assert.match(error.message, /self-signed certificate.*--ca FILE/);
  assert.is((await rejection(connect(url, { signer, ca: pem('renewed.crt') }))).code, 'BOX_NOT_REACHED');
  assert.is((await rejection(connect(url.replace('wss:', 'ws:'), { signer }))).code, 'BOX_NOT_REACHED');
});

it('shows a renewed certificate to the next caller, and keeps the old one while the new one is not whole', async () => {
  const before = await connect(url, { signer, ca: pem('box.crt') });
  copyFileSync(join(shipped, 'renewed.crt'), files.cert); // its key is still the old one
  box.service.reload();
  assert.is(await shown(), pem('box.crt'));
  assert.match(JSON.stringify(box.log), /the certificate in force stays/);
  copyFileSync(join(shipped, 'renewed.key'), files.key);
  for (const end = Date.now() + 10_000; (await shown()) !== pem('renewed.crt'); ) assert.ok(Date.now() < end, 'it was never renewed');
  (await connect(url, { signer, ca: pem('renewed.crt') })).close();
  assert.equal(await before.list(), []);
  before.close();
});

it('does not start with files that are no pair', async () => {
  const error = await rejection(openBox({ tls: { cert: join(shipped, 'box.crt'), key: join(shipped, 'renewed.key') } }));
  assert.equal([error.code, /box\.crt: it and the key in .*renewed\.key cannot be used/.test(error.message)], ['BAD_FILE', true]);
});

it('takes other rules while it runs', async () => {
  box.service.reload(Policy.parse([{ swarmlets: ['fan'] }]));
  assert.is((await rejection(box.service.submit(sealed(deployOf('lamp', 1, ''), alice)))).code, 'FORBIDDEN');
  await box.service.submit(sealed(deployOf('fan', 1, ''), alice));
});

it.run();
