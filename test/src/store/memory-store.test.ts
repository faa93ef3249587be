import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { generateKeyPair } from '../../../src/envelope/index.ts';
import { MemoryStore, type StoreLimits } from '../../../src/store/index.ts';
import { admitter, commonFields, deployOf } from '../../support/signed.ts';

const it = suite('what the box remembers');
const alice = generateKeyPair();

/** A store, and a way to bring statements into it as the box does; gives the digest. */
function shop(limits: Partial<StoreLimits> = {}) {
  const store = new MemoryStore(limits);
  const admit = admitter(alice, store);
  const accept = (statement: object): string => {
    const verified = admit(statement);
    void store.accept(verified, {});
    return verified.digest;
  };
  /** Accepts, and lets it have the place. */
  const run = (name: string, sequence: number, code = '// nothing', more: object = {}): string => {
    const digest = accept(deployOf(name, sequence, code, more));
    store.settled(name, sequence);
    store.placed(name, digest);
    store.changed(name, digest, { state: 'running', reason: null, at: '' });
    return digest;
  };
  return { store, accept, run };
}

const refusal = (code: string) => (error: { code?: string }) => error.code === code;

it('refuses a statement that it took before, and tells what became of it', () => {
  const { store, accept } = shop();
  const statement = deployOf('lamp', 1, '// nothing');
  const digest = accept(statement);
  store.changed('lamp', digest, { state: 'running', reason: null, at: '' });
  assert.throws(
    () => accept(statement),
    (error: { code: string; detail: unknown }) => {
      assert.is(error.code, 'REPLAYED');
      assert.equal(error.detail, { digest, sequence: 1, state: 'running' });
      return true;
    },
  );
});

it('keeps the last sequence, also after the swarmlet was forgotten', () => {
  const { store, accept, run } = shop();
  run('lamp', 7);
  store.placed('lamp', null);
  store.forget('lamp');
  assert.equal(store.lastSequence('lamp'), { sequence: 7, digest: null, version: null, principal: null });
  assert.throws(() => accept(deployOf('lamp', 7, '//')), refusal('STALE_SEQUENCE'));
  accept(deployOf('lamp', 8, '//'));
});

it('gives CONFLICT to the second of two who followed one version, while the first is still starting', () => {
  const { accept, run, store } = shop();
  const first = run('lamp', 1);
  const winner = accept(deployOf('lamp', 2, '// b', { replaces: first }));
  assert.throws(
    () => accept(deployOf('lamp', 3, '// c', { replaces: first })),
    (error: { code: string; detail: { digest: string } }) => error.code === 'CONFLICT' && error.detail.digest === winner,
  );
  store.settled('lamp', 2); // it did not start, and the first keeps its place
  accept(deployOf('lamp', 3, '// c', { replaces: first }));
});

it('lists versions newest first, keeps ten of them, and always the one in place', () => {
  const { store, accept, run } = shop();
  const placed = run('lamp', 1);
  for (let sequence = 2; sequence <= 14; sequence++) {
    const digest = accept(deployOf('lamp', sequence, '//'));
    store.settled('lamp', sequence);
    store.changed('lamp', digest, { state: 'failed', reason: 'exception', at: '' });
  }
  const sequences = store.history('lamp').map(({ version }) => version.statement.sequence);
  assert.equal(sequences, [14, 13, 12, 11, 10, 9, 8, 7, 6, 1]);
  assert.ok(store.version('lamp', placed));
});

it('makes room by dropping versions that were replaced, the oldest first, and refuses when that is not enough', () => {
  const { store, run } = shop({ bytes: 5000 });
  const code = `// ${'x'.repeat(1000)}`;
  run('a', 1, code);
  store.changed('a', run('a', 2, code), { state: 'running', reason: null, at: '' });
  for (const { version } of store.history('a').slice(1)) store.changed('a', version.digest, { state: 'superseded', reason: null, at: '' });
  run('b', 1, code);
  run('c', 1, code);
  assert.equal(
    store.history('a').map(({ version }) => version.statement.sequence),
    [2],
  );
  assert.throws(() => run('d', 1, code), refusal('QUOTA_EXCEEDED'));
  assert.is(store.lastSequence('d'), undefined, 'nothing of it was taken');
});

it('takes an input once, by its nonce', () => {
  const { accept, run } = shop();
  run('lamp', 1);
  const input = { action: 'input', ...commonFields(), swarmlet: 'lamp', port: 'on', value: true };
  accept(input);
  assert.throws(() => accept(input), refusal('REPLAYED'));
});

it('takes no more inputs than it can remember, and forgets those that expired', () => {
  const { accept, run } = shop({ nonces: 2 });
  run('lamp', 1);
  const input = (): object => ({ action: 'input', ...commonFields(), swarmlet: 'lamp', port: 'on', value: true });
  accept(input());
  accept(input());
  assert.throws(() => accept(input()), refusal('QUOTA_EXCEEDED'));
});

it('bounds the names that it knows, and the nonces of what has a sequence', () => {
  const { accept, run } = shop({ names: 2, nonces: 1 });
  run('a', 1);
  const b = deployOf('b', 1, '//');
  accept(b);
  assert.throws(() => accept(deployOf('c', 1, '//')), refusal('QUOTA_EXCEEDED'));
  accept(deployOf('a', 2, '//'));
  assert.throws(() => accept(b), refusal('STALE_SEQUENCE'), 'its nonce is forgotten, its sequence is not');
});

it('never takes the time to be earlier than that of what it accepted', () => {
  const { store, run } = shop();
  const before = Date.now();
  run('lamp', 1);
  assert.ok(store.latestTime() >= before);
});

it.run();
