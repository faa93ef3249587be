import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CodedError } from '../../../hosts/common/index.ts';
import { connect, KnownBoxes, keyPairSigner, type Signer } from '../../../src/client/index.ts';
import { generateKeyPair } from '../../../src/envelope/index.ts';
import { FakeBox } from '../../support/fake-box.ts';
import { folderWith } from '../../support/folder.ts';

const it = suite('connect');
const pair = generateKeyPair();
const signer = keyPairSigner(pair);
let box: FakeBox;
let folder: ReturnType<typeof folderWith>;
let knownBoxes: KnownBoxes;

it.before.each(async () => {
  box = await FakeBox.open();
  folder = folderWith();
  knownBoxes = new KnownBoxes(join(folder.path, 'known_boxes'));
});
it.after.each(async () => {
  await box.close();
  folder.remove();
});

const codeOf = async (promise: Promise<unknown>): Promise<CodedError> => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('it was not refused');
};

it('proves both sides to each other and remembers a new box', async () => {
  const connection = await connect(box.url, { signer, knownBoxes });
  assert.is(connection.principal, 'alice@lab');
  assert.is(connection.firstContact, true);
  assert.is(connection.box.id, box.id);
  connection.close();
  const [statement] = box.statements;
  assert.equal(statement?.audience, [box.id]);
  assert.is(readFileSync(knownBoxes.file, 'utf8'), `${box.address} ${box.keys.publicKey.text}\n`);
  const again = await connect(box.url, { signer, knownBoxes });
  assert.is(again.firstContact, false);
  again.close();
});

it('remembers that a box speaks TLS, and that it does since some time', () => {
  knownBoxes.add('a:1', pair.publicKey, false);
  knownBoxes.add('[::1]:2', pair.publicKey, true);
  const urls = (): string[] => knownBoxes.addresses().map(({ url }) => url);
  assert.equal(urls(), ['ws://a:1/v1', 'wss://[::1]:2/v1']);
  assert.match(readFileSync(knownBoxes.file, 'utf8'), `[::1]:2 ${pair.publicKey.text} wss\n`);
  assert.is(knownBoxes.renew('a:1', pair.publicKey, true), false);
  assert.equal(urls(), ['wss://a:1/v1', 'wss://[::1]:2/v1']);
  assert.equal(knownBoxes.find('::1'), [{ address: '[::1]:2', url: 'wss://[::1]:2/v1', id: pair.publicKey.id }]);
});

it('refuses a box whose key changed before it signs anything, naming the line', async () => {
  knownBoxes.add('other:1', pair.publicKey, false);
  knownBoxes.add(box.address, pair.publicKey, false);
  const error = await codeOf(connect(box.url, { signer, knownBoxes }));
  assert.is(error.code, 'BOX_CHANGED');
  assert.match(error.message, `${knownBoxes.file}:2`);
  assert.match(error.message, `accessors boxes forget ${box.address}`);
  assert.equal(box.statements, []);
});

it('refuses a box that is not the one of --box-id before it signs anything', async () => {
  const error = await codeOf(connect(box.url, { signer, boxId: pair.publicKey.id }));
  assert.is(error.code, 'WRONG_BOX');
  assert.equal(box.statements, []);
});

it('refuses a box that shows the key of another one, and does not remember it', async () => {
  box.proofOverride = 'something else';
  const error = await codeOf(connect(box.url, { signer, knownBoxes }));
  assert.is(error.code, 'BOX_UNPROVEN');
  assert.equal(knownBoxes.find(box.address), []);
});

it('refuses a box whose id is not that of its key', async () => {
  box.helloOverrides = {
    box: { id: pair.publicKey.id, name: '', labels: {}, publicKey: box.keys.publicKey.text, sealKey: Buffer.alloc(32).toString('base64') },
  };
  const error = await codeOf(connect(box.url, { signer, knownBoxes }));
  assert.is(error.code, 'BOX_UNPROVEN');
  assert.match(error.message, `its id ${pair.publicKey.id} is not that of its key`);
  assert.equal(box.statements, []);
});

it('brings a slowly signed challenge on a second connection', async () => {
  const slow: Signer = {
    ...signer,
    sign: (namespace, message) => {
      box.cut(); // as a box does after five seconds
      return new Promise((resolve) => setTimeout(() => resolve(signer.sign(namespace, message)), 50));
    },
  };
  const connection = await connect(box.url, { signer: slow, knownBoxes });
  connection.close();
  assert.is(box.connections, 2);
  assert.is(box.statements.length, 1);
});

it('brings a challenge on a second connection when the first one is cut before anybody here can know', async () => {
  const late: Signer = {
    ...signer,
    sign: (namespace, message) => {
      box.cut();
      return signer.sign(namespace, message);
    },
  };
  const connection = await connect(box.url, { signer: late, knownBoxes });
  connection.close();
  assert.is(box.connections, 2);
});

it('says which URL does not answer', async () => {
  const { url } = box;
  await box.close();
  const error = await codeOf(connect(url, { signer, knownBoxes }));
  assert.is(error.code, 'BOX_NOT_REACHED');
  assert.match(error.message, url);
  assert.match(error.message, 'ECONNREFUSED');
  box = await FakeBox.open();
});

it('takes a web server for no box', async () => {
  const server = createServer((_, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const error = await codeOf(connect(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, { signer, knownBoxes }));
  server.close();
  assert.is(error.code, 'BOX_NOT_REACHED');
  assert.match(error.message, '404');
});

it('gives errors of the box with their code and detail', async () => {
  box.methods.set('status', () => {
    throw new CodedError('STALE_SEQUENCE', 'too old', { detail: { last: 7 } });
  });
  const connection = await connect(box.url, { signer, knownBoxes });
  const error = await codeOf(connection.status('lamp'));
  connection.close();
  assert.is(error.code, 'STALE_SEQUENCE');
  assert.equal(error.detail, { last: 7 });
});

it('passes notifications on, and ends what waits when the connection is lost', async () => {
  box.methods.set('status', () => new Promise(() => {}));
  const connection = await connect(box.url, { signer, knownBoxes });
  const output = new Promise((resolve) => connection.on('output', resolve));
  box.notify('output', { swarmlet: 'lamp', port: 'light', value: [1, { on: true }], at: '2026-11-22T18:44:29Z' });
  assert.equal(await output, { swarmlet: 'lamp', port: 'light', value: [1, { on: true }], at: '2026-11-22T18:44:29Z' });
  const waiting = codeOf(connection.status('lamp'));
  box.cut();
  assert.is((await waiting).code, 'CONNECTION_LOST');
  assert.is((await codeOf(connection.list())).code, 'CONNECTION_LOST');
});

it('says once why the box closed the connection', async () => {
  box.methods.set('status', (_, socket) => {
    socket.close(1001, 'the box is stopping');
    return new Promise(() => {});
  });
  const connection = await connect(box.url, { signer, knownBoxes });
  assert.match((await codeOf(connection.status('lamp'))).message, 'was lost (the box is stopping).');
});

it('leaves a box that does not speak the protocol any more', async () => {
  const connection = await connect(box.url, { signer, knownBoxes });
  const closed = new Promise<CodedError>((resolve) => connection.on('closed', resolve));
  box.notify('log', { __proto__: null, constructor: 1 });
  assert.match((await closed).message, 'does not speak swarmlet.v1');
});

it('signs changes for this box only, after whatever came last', async () => {
  box.methods.set('status', () => ({ swarmlet: 'lamp', sequence: 2, state: 'running' }));
  box.methods.set('undeploy', () => {
    if (box.statements.length < 3) throw new CodedError('STALE_SEQUENCE', 'too old', { detail: { last: 8 } });
    return { swarmlet: 'lamp', sequence: 9, state: 'stopped' };
  });
  const connection = await connect(box.url, { signer, knownBoxes });
  const status = await connection.change({ action: 'undeploy', swarmlet: 'lamp' });
  connection.close();
  assert.is(status.state, 'stopped');
  assert.equal(
    box.statements.slice(1).map(({ action, audience, ...rest }) => [action, audience, 'sequence' in rest && rest.sequence]),
    [
      ['undeploy', [box.id], 3],
      ['undeploy', [box.id], 9],
    ],
  );
});

it.run();
