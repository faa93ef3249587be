import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileEntry, sizeLimits } from '../../../src/envelope/index.ts';
import { alice, bob, openBox, type TestBox } from '../../support/service.ts';
import { commonFields, deployOf, sealed } from '../../support/signed.ts';
import type { Message, SocketClient } from '../../support/socket-client.ts';

const it = suite('files by digest');
let box: TestBox;
it.before.each(async () => {
  box = await openBox();
});
it.after.each(() => box.close());

async function authenticated(pair = alice): Promise<SocketClient> {
  const client = box.client();
  const hello = (await client.notification('hello')).params as { box: { id: string }; nonce: string };
  const fields = { ...commonFields(), nonce: hello.nonce, audience: [hello.box.id], clientNonce: hello.nonce };
  const { error } = await client.call('authenticate', { envelope: sealed({ action: 'authenticate', ...fields }, pair) });
  if (error) throw new Error(error.message);
  return client;
}

const apart = (text: string | Buffer): { sha256: string; size: number } => ({
  sha256: createHash('sha256').update(text).digest('hex'),
  size: Buffer.byteLength(text),
});
const digest = (text: string | Buffer): string => `sha256:${apart(text).sha256}`;
const codeOf = ({ error }: Message): string | undefined => error?.data.code;

const [MAIN, PART] = ['exports.setup = function () {};', '// a part, ÄÖÜ'];
const files = { 'Main.js': apart(MAIN), 'x/Part.js': apart(PART), 'Small.js': fileEntry('// inline') };
const deployment = (sequence = 1, more: object = { files }): object => sealed(deployOf('lamp', sequence, '', more), alice);

it('asks for what it lacks, takes the same envelope again, and runs the files', async () => {
  const client = await authenticated();
  const envelope = deployment();
  assert.equal((await client.call('deploy', { envelope })).result, { needs: [digest(MAIN), digest(PART)] });
  client.send(Buffer.from(MAIN));
  assert.equal((await client.call('deploy', { envelope })).result, { needs: [digest(PART)] });
  client.send(Buffer.from(PART));
  const { result } = await client.call('deploy', { envelope });
  assert.is((result as { state: string }).state, 'running');
  assert.equal(Object.fromEntries(box.tier.last.image?.files ?? []), { 'Main.js': MAIN, 'x/Part.js': PART, 'Small.js': '// inline' });
  assert.is(codeOf(await client.call('deploy', { envelope })), 'REPLAYED');
});

it('keeps what came when the connection is lost, for the next one', async () => {
  const first = await authenticated();
  const envelope = deployment();
  await first.call('deploy', { envelope });
  first.send(Buffer.from(MAIN));
  await first.call('list');
  first.end();
  await first.closed;
  const second = await authenticated();
  assert.equal((await second.call('deploy', { envelope })).result, { needs: [digest(PART)] });
  second.send(Buffer.from(PART));
  assert.ok((await second.call('deploy', { envelope })).result);
});

it('asks for nothing that a kept version names', async () => {
  const client = await authenticated();
  await client.call('deploy', { envelope: deployment() });
  for (const text of [MAIN, PART]) client.send(Buffer.from(text));
  await client.call('deploy', { envelope: deployment() });
  const changed = { ...files, 'x/Part.js': apart('// another') };
  assert.equal((await client.call('deploy', { envelope: deployment(2, { files: changed }) })).result, { needs: [digest('// another')] });
});

for (const [what, bytes] of [
  ['that nobody asked for', Buffer.from('stranger')],
  ['that a caller was asked for on another connection', Buffer.from(MAIN)],
  ['that has more bytes than were declared', Buffer.from('// longer')],
] as const) {
  it(`closes with 4400 for a file ${what}`, async () => {
    const other = await authenticated(bob);
    await other.call('deploy', { envelope: sealed(deployOf('other', 1, '', { files }), bob) });
    const client = await authenticated();
    const lying = { 'Main.js': { ...apart('// longer'), size: 3 } };
    await client.call('deploy', { envelope: deployment(1, { files: lying }) });
    client.send(bytes);
    assert.is((await client.closed).code, 4400);
  });
}

it('refuses a file larger than a blob, and a statement without a connection whose files it lacks', async () => {
  const client = await authenticated();
  const large = { 'Main.js': { ...apart(MAIN), size: sizeLimits.blobBytes + 1 } };
  assert.is(codeOf(await client.call('deploy', { envelope: deployment(1, { files: large }) })), 'TOO_LARGE');
  const error = await box.service.submit(deployment()).catch((caught) => caught);
  assert.equal([error.code, error.detail.digests], ['MISSING_BLOB', [digest(MAIN), digest(PART)]]);
});

it('does not start what is no text, and says which file', async () => {
  const client = await authenticated();
  const bytes = Buffer.from([0xff, 0xfe, 0x41]);
  const envelope = deployment(1, { files: { 'Main.js': apart(bytes) } });
  await client.call('deploy', { envelope });
  client.send(bytes);
  const { error } = await client.call('deploy', { envelope });
  assert.is(error?.data.code, 'MALFORMED');
  assert.match(error?.message ?? '', 'Main.js');
});

it('counts a statement that was not accepted as one that was refused', async () => {
  await box.close();
  box = await openBox({ gateway: { refusals: 3, refusalsPerSecond: 0 } });
  const client = await authenticated();
  const envelope = deployment();
  for (let i = 0; i < 3; i++) assert.ok((await client.call('deploy', { envelope })).result);
  assert.is(codeOf(await client.call('deploy', { envelope })), 'RATE_LIMITED');
});

it.run();
