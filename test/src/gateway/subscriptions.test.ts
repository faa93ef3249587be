import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Peer, Subscriptions } from '../../../src/gateway/index.ts';

const it = suite('subscriptions');

/** A caller that keeps what it is told. */
function listener(): { readonly peer: Peer; readonly told: unknown[] } {
  const told: unknown[] = [];
  const peer = { notify: (text: string) => told.push(JSON.parse(text)) } as unknown as Peer;
  return { peer, told };
}

const output = (swarmlet: string, port: string) => ({ swarmlet, port, value: 1 });

it('tells each caller what it asked for, and no other', () => {
  const subscriptions = new Subscriptions(10);
  const [all, some, states] = [listener(), listener(), listener()];
  subscriptions.watch(all.peer, 'lamp', { outputs: true, states: false });
  subscriptions.watch(some.peer, 'lamp', { outputs: new Set(['a']), states: false });
  subscriptions.watch(states.peer, 'lamp', { outputs: undefined, states: true });
  subscriptions.output(output('lamp', 'a'));
  subscriptions.output(output('lamp', 'b'));
  subscriptions.output(output('door', 'a'));
  subscriptions.state({ swarmlet: 'lamp' });
  subscriptions.log({ swarmlet: 'lamp' });
  assert.equal([all.told.length, some.told.length, states.told.length], [2, 1, 1]);
});

it('tells nothing any more to who left', () => {
  const subscriptions = new Subscriptions(10);
  const { peer, told } = listener();
  subscriptions.watch(peer, 'lamp', { outputs: true, states: true });
  subscriptions.follow(peer, 'door');
  subscriptions.leave(peer);
  subscriptions.output(output('lamp', 'a'));
  subscriptions.log({ swarmlet: 'door' });
  assert.equal(told, []);
});

it('lets one caller watch so many swarmlets and no more, the same one as often as it likes', () => {
  const subscriptions = new Subscriptions(2);
  const { peer } = listener();
  const watch = (swarmlet: string) => subscriptions.watch(peer, swarmlet, { outputs: true, states: true });
  watch('a');
  watch('b');
  watch('a');
  assert.throws(
    () => watch('c'),
    (error: { code: string }) => error.code === 'QUOTA_EXCEEDED',
  );
  subscriptions.unwatch(peer, 'a');
  watch('c');
});

it.run();
