import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Log } from '../../../src/audit/index.ts';
import { HelloNonces } from '../../../src/box-nonces.ts';
import { isLoopback, parseListen, reachable } from '../../../src/listen-address.ts';
import { selfTest } from '../../../src/self-test.ts';
import { serviceOptions } from '../../../src/service-options.ts';
import { FakeTier } from '../../support/fake-tier.ts';

const it = suite('parts of the service');
const refusal = (code: string) => (error: { code?: string }) => error.code === code;

it('knows a nonce that it made, once, for two minutes', () => {
  let now = 5_000_000_000; // beyond what four bytes hold
  const nonces = new HelloNonces(() => now);
  const [first, second, third] = [nonces.make(), nonces.make(), nonces.make()];
  assert.is(Buffer.from(first, 'base64').length, 16);
  assert.is(new Set([first, second, third]).size, 3);
  assert.ok(nonces.take(first));
  assert.not(nonces.take(first));
  now += 120_000;
  assert.ok(nonces.take(second));
  now += 1;
  assert.not(nonces.take(third));
});

it('takes no nonce that was altered, or made by another', () => {
  const nonces = new HelloNonces();
  const bytes = Buffer.from(nonces.make(), 'base64');
  for (let i = 0; i < 16; i++) {
    const altered = Buffer.from(bytes);
    altered[i] = (altered[i] ?? 0) ^ 1;
    assert.not(nonces.take(altered.toString('base64')), `byte ${i}`);
  }
  assert.not(nonces.take(new HelloNonces().make()));
  assert.not(nonces.take(''));
});

it('reads HOST:PORT', () => {
  assert.equal(parseListen('127.0.0.1:0', 'listen'), { host: '127.0.0.1', port: 0 });
  assert.equal(parseListen('[::1]:7927', 'listen'), { host: '::1', port: 7927 });
  for (const bad of ['7927', 'host', 'host:', ':1', 'host:65536', '::1:7927', 'a b:1']) {
    assert.throws(() => parseListen(bad, 'listen'), refusal('BAD_OPTION'), bad);
  }
});

it('tells where a program of this machine reaches a listener, and whether others do', () => {
  assert.is(reachable({ host: '0.0.0.0', port: 1 }), '127.0.0.1:1');
  assert.is(reachable({ host: '::', port: 1 }), '[::1]:1');
  assert.is(reachable({ host: '10.1.2.3', port: 1 }), '10.1.2.3:1');
  assert.equal(['127.0.0.1', '127.9.9.9', '::1', 'localhost', '0.0.0.0', '::', '10.1.2.3'].map(isLoopback), [
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

it('checks its options', () => {
  assert.throws(() => serviceOptions({ listen: { host: 'x', port: -1 } }), refusal('BAD_OPTION'));
  assert.throws(() => serviceOptions({ pool: 1.5 }), refusal('BAD_OPTION'));
  assert.throws(() => serviceOptions({ isolationMinimum: 'P9' as 'P1' }), refusal('BAD_OPTION'));
});

it('deploys a swarmlet of its own at start, and says when that does not work', async () => {
  const said: unknown[] = [];
  const log: Log = { info: () => {}, warn: (record: unknown) => void said.push(record), error: () => {} };
  const tier = new FakeTier();
  const testing = selfTest(tier, log);
  while (tier.isolates.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  tier.last.emit('output', 'out', 'warm');
  await testing;
  assert.equal(said, []);
  assert.ok(tier.last.over);
  const broken = new FakeTier();
  broken.claim = () => Promise.reject(new Error('no processes left'));
  await selfTest(broken, log);
  assert.match(JSON.stringify(said), 'no processes left');
});

it.run();
