import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Policy } from '../../../src/trust/index.ts';
import { turn } from '../../support/fake-tier.ts';
import { CODE, change, codeOf, deploy, Place } from '../../support/place.ts';
import { bob } from '../../support/service.ts';
import { deployOf, sealed } from '../../support/signed.ts';

const it = suite('how many swarmlets a key may have');

let here: Place;
it.before.each(() => {
  here = new Place();
});
it.after.each(() => here.remove());

const policy = Policy.parse([{ quota: 2 }]);

it('refuses one more than the policy gives to a key, and none of another key', async () => {
  const box = await here.box({ policy });
  await box.submit(deploy('lamp', 1));
  await box.submit(deploy('fan', 1));
  assert.is(await codeOf(box.submit(deploy('door', 1))), 'QUOTA_EXCEEDED');
  await box.submit(deploy('lamp', 2));
  await box.submit(sealed(deployOf('door', 1, CODE), bob));
});

it('counts what is about to start, and not what was taken off the box or taken over by somebody else', async () => {
  const box = await here.box({ policy });
  box.tier.willing = false;
  const starting = [box.submit(deploy('lamp', 1)), box.submit(deploy('fan', 1))];
  assert.is(await codeOf(box.submit(deploy('door', 1))), 'QUOTA_EXCEEDED');
  while (box.tier.isolates.length < 2) await turn();
  box.tier.willing = true;
  for (const isolate of box.tier.isolates) isolate.ready();
  await Promise.all(starting);
  await box.close();
  const again = await here.box({ policy });
  assert.is(await codeOf(again.submit(deploy('door', 1))), 'QUOTA_EXCEEDED', 'it counts what comes back');
  await again.submit(change('undeploy', 'lamp', 2));
  await again.submit(deploy('door', 1));
  const [{ digest }] = again.history('lamp') as [{ digest: string }];
  assert.is(await codeOf(again.submit(change('rollback', 'lamp', 3, { to: digest }))), 'QUOTA_EXCEEDED');
  await again.submit(sealed(deployOf('fan', 2, CODE), bob));
  await again.submit(change('rollback', 'lamp', 3, { to: digest }));
});

it.run();
