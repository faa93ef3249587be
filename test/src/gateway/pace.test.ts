import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Pace } from '../../../src/gateway/pace.ts';
import { within } from '../../support/socket-client.ts';

const it = suite('pace');

it('lets all that wait go on together, and those that come back then with the next', async () => {
  const pace = new Pace(20);
  const seen: string[] = [];
  const hold = (name: string): Promise<void> =>
    new Promise((resolve) =>
      pace.hold(() => {
        seen.push(name);
        setImmediate(() => seen.push('the end of the turn'));
        resolve();
      }),
    );
  const again = hold('first').then(() => hold('first again'));
  for (const until = performance.now() + 10; performance.now() < until; ); // the second comes later, in the same turn
  await within(Promise.all([again, hold('second')]), 'both');
  assert.equal(seen.slice(0, 2), ['first', 'second']);
  assert.equal(seen.at(-1), 'first again');
});

it.run();
