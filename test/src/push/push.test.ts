import { createConnection, createServer, type Server } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type BoxConnection, connect, keyPairSigner } from '../../../src/client/index.ts';
import { type Closure, type DeployRequest, type Following, Push } from '../../../src/push/index.ts';
import { rejection } from '../../support/rejection.ts';
import { alice, bob, openBox, type TestBox } from '../../support/service.ts';
import { deployOf, sealed } from '../../support/signed.ts';

const it = suite('pushing');
let box: TestBox;
let connection: BoxConnection;
it.before.each(async () => {
  box = await openBox({ labels: { room: '545' } });
  connection = await box.connect();
});
it.after.each(() => box.close());

function closureOf(files: Readonly<Record<string, string>>): Closure {
  return { main: 'Main.js', files: new Map(Object.entries(files).map(([name, text]) => [name, { text, path: undefined }])), modules: [] };
}

const pushed = (files: Readonly<Record<string, string>>, more: Partial<DeployRequest> = {}, following?: Following, pair = alice): Push =>
  new Push(closureOf(files), { swarmlet: 'lamp', ...more }, keyPairSigner(pair), following);
const never = (): Promise<BoxConnection> => Promise.reject(new Error('the connection was not lost'));

/** A way to the box that counts what is sent to it. */
async function counted(): Promise<{ readonly url: string; readonly server: Server; bytes: number }> {
  const way = { url: '', server: createServer(), bytes: 0 };
  way.server.on('connection', (near) => {
    const far = createConnection({ port: Number(new URL(box.url).port), host: '127.0.0.1' });
    near.on('data', (data) => {
      way.bytes += data.length;
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.pipe(other);
      one.on('error', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => way.server.listen(0, '127.0.0.1', resolve));
  way.url = `ws://127.0.0.1:${(way.server.address() as { port: number }).port}/v1`;
  return way;
}

it('sends of a large swarmlet the one file that changed', async () => {
  const way = await counted();
  const near = await connect(way.url, { signer: keyPairSigner(alice) });
  const files: Record<string, string> = { 'Main.js': '// main' };
  for (let i = 0; i < 40; i++) files[`Part${i}.js`] = `// ${i} ${'x'.repeat(100_000)}`;
  await pushed(files).toOne(near, never);
  const all = way.bytes;
  assert.ok(all > 4_000_000);
  files['Part7.js'] = `// changed ${'x'.repeat(100_000)}`;
  await pushed(files).toOne(near, never);
  const second = way.bytes - all;
  assert.ok(second > 100_000 && second < 130_000, `${second} bytes`);
  assert.equal(Object.fromEntries(box.tier.last.image?.files ?? []), files);
  console.log(`bytes of the first push: ${all}, of one that changes a line: ${second}`);
  near.close();
  way.server.close();
});

it('sends what is small with the statement itself', async () => {
  const { digest } = await pushed({ 'Main.js': '// main' }).toOne(connection, never);
  assert.is(box.service.status('lamp').digest, digest);
});

it('is told by whom and with what it was overtaken, unless it takes the place of anything', async () => {
  await pushed({ 'Main.js': '// 1' }).toOne(connection, never);
  const first = box.service.status('lamp').digest;
  const other = await box.connect(bob);
  await pushed({ 'Main.js': '// 2' }, {}, undefined, bob).toOne(other, never);
  const error = await rejection(pushed({ 'Main.js': '// 3' }, {}, { kind: 'digest', digest: first }).toOne(connection, never));
  assert.is(error.code, 'CONFLICT');
  assert.match(error.message, /1\.0\.1 by bob@lab/);
  await pushed({ 'Main.js': '// 3' }, {}, { kind: 'anything' }).toOne(connection, never);
  assert.is(box.service.status('lamp').version, '1.0.2');
});

it('lets one of two that started from the same version win', async () => {
  await pushed({ 'Main.js': '// 1' }).toOne(connection, never);
  const other = await box.connect(bob);
  const outcomes = await Promise.allSettled([
    pushed({ 'Main.js': '// alice' }).toOne(connection, never),
    pushed({ 'Main.js': '// bob' }, {}, undefined, bob).toOne(other, never),
  ]);
  const codes = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'done' : outcome.reason.code));
  assert.equal(codes.sort(), ['CONFLICT', 'done']);
});

it('seals secrets, which the box opens for the swarmlet', async () => {
  const push = pushed({ 'Main.js': '// 1' }, { parameters: { gain: 2 }, secrets: { key: 'sesame' } });
  assert.is((await rejection(push.toOne(connection, never))).code, 'BOX_UNCONFIRMED', 'whoever answered there');
  const named = await connect(box.url, { signer: keyPairSigner(alice), boxId: box.service.identity.id });
  await push.toOne(named, never);
  named.close();
  assert.equal(box.tier.last.image?.parameters, { gain: 2, key: 'sesame' });
});

it('leaves a history that says which files changed', async () => {
  await pushed({ 'Main.js': '// 1', 'A.js': '', 'B.js': '' }).toOne(connection, never);
  await pushed({ 'Main.js': '// 2', 'B.js': '', 'C.js': '' }).toOne(connection, never);
  const [second, first] = await connection.history('lamp');
  assert.equal(second?.changes, { added: ['C.js'], changed: ['Main.js'], removed: ['A.js'] });
  assert.is(first?.changes, undefined);
});

it('refuses a file that no box would take, before anything is signed', async () => {
  const error = await rejection(pushed({ 'Main.js': 'x'.repeat(4 * 1024 * 1024 + 1) }).toOne(connection, never));
  assert.is(error.code, 'TOO_LARGE');
  assert.match(error.message, /^Main\.js has 4194305 bytes/);
});

it('reaches a box by its labels, all of which must fit', async () => {
  const to = (sequence: number, labels: object): object => sealed(deployOf('lamp', sequence, '//', { audience: [{ labels }] }), alice);
  assert.is((await box.service.submit(to(1, { room: '545' }))).state, 'running');
  assert.is((await rejection(box.service.submit(to(2, { room: '545', floor: '5' })))).code, 'WRONG_AUDIENCE');
});

it.run();
