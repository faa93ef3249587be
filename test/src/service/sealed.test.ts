import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sealFor } from '../../../src/push/seal.ts';
import { folderWith } from '../../support/folder.ts';
import { alice, openBox, type TestBox } from '../../support/service.ts';
import { deployOf, sealed } from '../../support/signed.ts';

const it = suite('sealed parameters');
const MARKER = 'm4rk3r-sesame';
let box: TestBox;
it.before.each(async () => {
  box = await openBox();
});
it.after.each(() => box.close());

function deployment(value: unknown, sequence = 1, sealKey = box.service.identity.sealKeys.publicKey): object {
  const { id } = box.service.identity;
  const more = { audience: [id], parameters: { gain: 2 }, sealed: { apiKey: { [id]: sealFor(sealKey, value) } } };
  return sealed(deployOf('lamp', sequence, '// lamp', more), alice);
}

it('are opened for the swarmlet alone: nothing that leaves the box has them', async () => {
  const told: unknown[] = [];
  for (const event of ['state', 'log', 'rejected', 'deployed', 'warning'] as const)
    box.service.on(event, (...all: unknown[]) => told.push(all));
  told.push(await box.service.submit(deployment(MARKER)));
  assert.equal(box.tier.last.image?.parameters, { gain: 2, apiKey: MARKER });
  box.tier.last.emit('log', 'info', `the key is ${MARKER}`);
  box.tier.last.end({ kind: 'failed', reason: 'exception', message: `bad key ${MARKER}` });
  box.tier.willing = false;
  const second = box.service.submit(deployment({ token: MARKER }, 2)).catch((error) => error);
  while (box.tier.isolates.length < 2 || !box.tier.last.image) await new Promise((resolve) => setImmediate(resolve));
  box.tier.last.failStart('exception', 'setup', `apiKey should be a number, got {"token":"${MARKER}"}`);
  const error = await second;
  assert.is(error.code, 'SETUP_FAILED');
  told.push(error.message, error.detail, box.service.status('lamp'), box.service.history('lamp'), box.service.logs('lamp'), box.log);
  const text = JSON.stringify(told);
  assert.match(text, 'the key is (sealed)');
  assert.not.match(text, MARKER);
});

it('are in no file of the box in clear', async () => {
  const folder = folderWith({});
  const durable = await openBox({ state: join(folder.path, 'state') });
  const { id, sealKeys } = durable.service.identity;
  const more = { audience: [id], sealed: { apiKey: { [id]: sealFor(sealKeys.publicKey, MARKER) } } };
  await durable.service.submit(sealed(deployOf('lamp', 1, '// lamp', more), alice));
  durable.tier.last.emit('log', 'info', `the key is ${MARKER}`);
  durable.tier.last.end({ kind: 'failed', reason: 'exception', message: MARKER });
  await durable.close();
  const files = (readdirSync(folder.path, { recursive: true }) as string[]).map((name) => join(folder.path, name));
  const texts = files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file, 'latin1'));
  assert.ok(
    texts.some((text) => text.includes('apiKey')),
    'the statement itself is kept',
  );
  assert.not.ok(texts.some((text) => text.includes(MARKER) || text.includes(Buffer.from(MARKER).toString('base64'))));
  folder.remove();
});

it('that were sealed for another key do not start, and the old version keeps its place', async () => {
  await box.service.submit(sealed(deployOf('lamp', 1, '// lamp'), alice));
  const error = await box.service.submit(deployment(MARKER, 2, Buffer.alloc(32, 9))).catch((caught) => caught);
  assert.is(error.code, 'SETUP_FAILED');
  assert.match(error.message, /sealed\["apiKey"\]: this box cannot open it/);
  assert.is(box.service.status('lamp').sequence, 2);
  assert.is(box.service.status('lamp').version, '1.0.1');
  assert.is(box.tier.isolates.length, 1);
});

it('are refused where opening them would hold the box up', async () => {
  const { id, sealKeys } = box.service.identity;
  const many = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`s${i}`, { [id]: sealFor(sealKeys.publicKey, i) }]));
  const error = await box.service
    .submit(sealed(deployOf('lamp', 1, '', { audience: [id], sealed: many }), alice))
    .catch((caught) => caught);
  assert.is(error.code, 'TOO_LARGE');
});

it.run();
