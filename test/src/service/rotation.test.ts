import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type BoxConnection, connect, KnownBoxes, keyPairSigner } from '../../../src/client/index.ts';
import { generateKeyPair, type KeyId, leadsTo, signSuccession } from '../../../src/envelope/index.ts';
import { BoxIdentity } from '../../../src/identity/index.ts';
import { sealFor } from '../../../src/push/seal.ts';
import { Person } from '../../support/cli.ts';
import { CODE, deploy, Place, state } from '../../support/place.ts';
import { rejection } from '../../support/rejection.ts';
import { alice } from '../../support/service.ts';
import { trustLine } from '../../support/signed.ts';

const it = suite('a box that gets a new key');

let here: Place;
let person: Person;
it.before.each(() => {
  here = new Place();
  person = new Person(here.folder.path);
});
it.after.each(() => here.remove());

const listen = { listen: { host: '127.0.0.1', port: 0 } };
const rotate = async () => {
  const { code, out, err } = await person.type(['key', 'rotate', '--state', here.state, '--json']);
  assert.is(code, 0, err);
  return JSON.parse(out) as { before: KeyId; id: KeyId; succession: string };
};

it('is followed by whoever knew it by a key before, and by nobody without the signature of that', async () => {
  const known = new KnownBoxes(join(here.folder.path, 'known_boxes'));
  const open = async (): Promise<BoxConnection> => {
    const box = await here.box(listen);
    const options = { signer: keyPairSigner(alice), knownBoxes: known, knownAs: 'box-1' };
    const connection = await connect(`ws://127.0.0.1:${box.address?.port}/v1`, options);
    connection.close();
    await box.close();
    return connection;
  };
  const first = await open();
  assert.equal([first.firstContact, first.renewed], [true, false]);
  await rotate();
  const { id } = await rotate(); // it was not met in between
  const second = await open();
  assert.equal([second.firstContact, second.renewed, second.confirmed, second.box.id], [false, true, true, id]);
  assert.match(readFileSync(known.file, 'utf8'), /^box-1 ssh-ed25519 \S+\n$/);
  assert.is((await open()).renewed, false);
  // A line of another key: what the box shows does not lead there.
  writeFileSync(known.file, `box-1 ${generateKeyPair().publicKey.text}\n`);
  const box = await here.box(listen);
  const refused = rejection(
    connect(`ws://127.0.0.1:${box.address?.port}/v1`, { signer: keyPairSigner(alice), knownBoxes: known, knownAs: 'box-1' }),
  );
  assert.is((await refused).code, 'BOX_CHANGED');
});

it('follows a chain only where each key signed the next', () => {
  const [a, b, c, d] = [generateKeyPair(), generateKeyPair(), generateKeyPair(), generateKeyPair()];
  const at = '2026-11-22T18:44:29Z';
  const [ab, bc] = [signSuccession(a, b.publicKey, at), signSuccession(b, c.publicKey, at)];
  assert.ok(leadsTo([ab, bc], a.publicKey.id, c.publicKey.id));
  assert.ok(leadsTo([], a.publicKey.id, a.publicKey.id));
  for (const chain of [
    [bc],
    [bc, ab],
    [ab, { ...bc, to: d.publicKey.text }],
    [ab, { ...bc, at: '2027-01-01T00:00:00Z' }],
    [ab, { ...bc, signature: ab.signature }],
    [ab, { ...bc, signature: 'x' }],
    [{ ...ab, from: 'no key' }, bc],
  ]) {
    assert.not(leadsTo(chain, a.publicKey.id, chain[1]?.to === d.publicKey.text ? d.publicKey.id : c.publicKey.id), JSON.stringify(chain));
  }
  assert.not(leadsTo([signSuccession(d, c.publicKey, at)], a.publicKey.id, c.publicKey.id));
});

it('opens what was sealed for a key before, runs what it ran, and takes what is addressed to it by an old id', async () => {
  const box = await here.box();
  const { id, sealKeys } = box.identity;
  const secret = (sequence: number, text: string): object =>
    deploy('lamp', sequence, { audience: [id], sealed: { apiKey: { [id]: sealFor(sealKeys.publicKey, text) } } });
  await box.submit(secret(1, 'sesame'));
  await box.command({ action: 'deploy', swarmlet: 'own', version: '1.0.0', main: 'Main.js', files: { 'Main.js': CODE } });
  const waiting = secret(2, 'open');
  await box.close();
  await rotate();
  const next = await here.box();
  await state(next, 'lamp', 'running');
  await state(next, 'own', 'running');
  const parameters = next.tier.isolates.map(({ image }) => image?.parameters.apiKey);
  assert.ok(parameters.includes('sesame'));
  await next.submit(waiting);
  assert.is(next.tier.last.image?.parameters.apiKey, 'open');
});

it('is one or the other, not running, and has an audit that the new key vouches for', async () => {
  const box = await here.box();
  await box.submit(deploy('lamp', 1));
  const { id } = box.identity;
  const running = await person.type(['key', 'rotate', '--state', here.state]);
  assert.equal([running.code, BoxIdentity.open(here.state).id], [1, id]);
  assert.match(running.err, /another box keeps its state there; stop that one/);
  await box.close();
  const { before, id: next } = await rotate();
  assert.is(before, id);
  const mode = (name: string): number => statSync(join(here.state, name)).mode & 0o777;
  assert.equal([mode('box_ed25519'), mode('box_ed25519.before'), mode('box_ed25519.succession')], [0o600, 0o600, 0o644]);
  assert.not.match(readFileSync(join(here.state, 'box_ed25519.succession'), 'utf8'), 'sealKey');
  const verified = await person.type(['audit', 'verify', '--state', here.state, '--json']);
  assert.equal([verified.code, JSON.parse(verified.out).box], [0, next], verified.out);
  // Interrupted before the new key was there.
  const last = readFileSync(join(here.state, 'box_ed25519.before'), 'utf8');
  const lost = signSuccession(generateKeyPair(), generateKeyPair().publicKey, '2026-11-22T18:44:29Z');
  appendFileSync(join(here.state, 'box_ed25519.before'), `${JSON.stringify({ ...JSON.parse(last), succession: lost })}\n`);
  assert.equal(BoxIdentity.open(here.state).ids, [next, id]);
  assert.is((await person.type(['key', 'rotate', '--state', here.folder.path])).code, 3);
});

it('is trusted by its peers as before once their operator follows it', async () => {
  const box = await here.box();
  const { id } = box.identity;
  const list = join(here.folder.path, 'peers');
  writeFileSync(
    list,
    `# peers\nbox:attic namespaces="swarmlet" ${box.identity.keys.publicKey.text} the attic\n${trustLine('alice@lab', alice)}`,
  );
  await box.close();
  const { id: next, succession } = await rotate();
  const followed = await person.type(['trust', 'follow', succession, '--trusted-keys', list]);
  assert.equal([followed.code, followed.out], [0, `Trusted: ${next} box:attic, instead of ${id} (${list})\n`]);
  const [comment, line] = readFileSync(list, 'utf8').split('\n');
  assert.equal(
    [comment, line],
    ['# peers', `box:attic namespaces="swarmlet" ${BoxIdentity.open(here.state).keys.publicKey.text} the attic`],
  );
  assert.match((await person.type(['trust', 'follow', succession, '--trusted-keys', list])).out, /is trusted already, as box:attic/);
  assert.is((await person.type(['trust', 'follow', succession, '--trusted-keys', join(here.folder.path, 'trusted_keys')])).code, 3);
  assert.is((await person.type(['trust', 'follow', list, '--trusted-keys', list])).code, 2);
});

it.run();
