import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect, KnownBoxes, keyPairSigner, list, push, subscribe } from '../../src/deploy.ts';
import { alice, openBox, type TestBox } from '../support/service.ts';

const it = suite('the client for programs');
let box: TestBox;
it.before.each(async () => {
  box = await openBox();
});
it.after.each(() => box.close());

it('connects, pushes, lists and listens', async () => {
  const knownBoxes = new KnownBoxes(join(box.folder, 'known_boxes'));
  const connection = await connect(new URL(box.url).host, { signer: keyPairSigner(alice), knownBoxes });
  assert.equal([connection.firstContact, connection.confirmed], [true, false]);
  await subscribe(connection, 'lamp', { outputs: true });
  const heard = new Promise((resolve) => connection.on('output', ({ value }) => resolve(value)));
  const code = 'exports.setup = function () {};';
  const { digest, state } = await push(connection, { kind: 'code', code, main: 'Lamp.js' }, { parameters: { gain: 2 } });
  assert.is(state, 'running');
  box.tier.last.emit('output', 'light', 7);
  assert.is(await heard, 7);
  assert.equal(
    (await list(connection)).map((status) => [status.swarmlet, status.digest]),
    [['lamp', digest]],
  );
  assert.equal(box.tier.last.image?.parameters, { gain: 2 });
  const second = await connection.again();
  assert.equal([second.firstContact, second.confirmed], [false, true]);
  second.close();
  connection.close();
});

it.run();
