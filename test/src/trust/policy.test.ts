import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Change, type KeyId, parseStatement } from '../../../src/envelope/index.ts';
import { defaultLimits, Policy, type Signer } from '../../../src/trust/index.ts';
import { matchesPattern, matchesPatternList } from '../../../src/trust/pattern.ts';
import { code, payloadOf, statements } from '../../support/envelopes.ts';

const it = suite('policy');
const deploy = (change: object = {}) => parseStatement(payloadOf({ ...statements.deploy, ...change })) as Change;
const undeploy = parseStatement(payloadOf(statements.undeploy)) as Change;
let count = 0;
/** A key of its own for whom these names stand in the trust list. */
const signer = (...principals: [string, ...string[]]): Signer => {
  count += 1;
  return { keyId: `SHA256:${count}` as KeyId, principal: principals[0], principals };
};
const alice = signer('alice@lab');
const bob = signer('bob@lab');

it('lets everybody trusted do everything by default, with what is the default', () => {
  const policy = new Policy();
  assert.equal(policy.check(deploy(), [alice]).limits, defaultLimits);
  assert.ok(policy.check(undeploy, [bob]));
  assert.ok(policy.check(deploy({ limits: { memoryMiB: 128 }, isolation: 'process' }), [alice]));
  assert.ok(policy.mayObserve(alice, 'lamp'));
});

for (const [title, change, expected, words] of [
  ['a capability', { capabilities: ['http-client'] }, 'FORBIDDEN', 'alice@lab may not give a swarmlet the capability http-client'],
  ['a weaker isolation', { isolation: 'thread' }, 'FORBIDDEN', 'ask for isolation thread'],
  ['more memory', { limits: { memoryMiB: 129 } }, 'LIMIT_TOO_HIGH', 'Limit memoryMiB of 129 is above 128'],
] as const) {
  it(`allows no more by default: ${title}`, () => {
    assert.throws(() => new Policy().check(deploy(change), [alice]), code(expected, words));
  });
}

it('refuses what was pushed on by more than three boxes', () => {
  const origin = (hops: number) => deploy({ origin: { swarmlet: 'hub', digest: statements.rollback.to, principal: 'box:attic', hops } });
  assert.ok(new Policy().check(origin(3), [alice]));
  assert.throws(() => new Policy().check(origin(4), [alice]), code('FORBIDDEN', 'came by 4 boxes'));
});

it('needs a rule that is about principal, action and name', () => {
  const policy = Policy.parse([{ principals: ['*@lab', 'box:*'], actions: ['deploy', 'observe'], swarmlets: ['lamp', 'heat-?'] }]);
  assert.ok(policy.check(deploy(), [alice]));
  assert.ok(policy.check(deploy({ swarmlet: 'heat-1' }), [signer('box:attic')]));
  assert.throws(() => policy.check(deploy({ swarmlet: 'heat-12' }), [alice]), code('FORBIDDEN', 'may not deploy heat-12'));
  assert.throws(() => policy.check(undeploy, [alice]), code('FORBIDDEN', 'may not undeploy lamp'));
  assert.throws(() => policy.check(deploy(), [signer('eve@lab.evil')]), code('FORBIDDEN', 'eve@lab.evil'));
  assert.ok(policy.mayObserve(alice));
  assert.ok(policy.mayObserve(alice, 'lamp'));
  assert.not(policy.mayObserve(alice, 'door'));
  assert.not(policy.mayObserve(signer('eve@evil')));
});

it('allows nothing without rules', () => {
  assert.throws(() => Policy.parse([]).check(deploy(), [alice]), code('FORBIDDEN'));
  assert.not(Policy.parse([]).mayObserve(alice));
});

it('matches what is asked for against patterns of capabilities', () => {
  const policy = Policy.parse([{ capabilities: ['http-client', 'net:connect:*.lab.example:443', 'net:listen:*'] }]);
  const asks = (...capabilities: string[]) => policy.check(deploy({ capabilities }), [alice]);
  assert.ok(asks('http-client', 'net:connect:a.b.lab.example:443', 'net:connect:*.x.lab.example:443', 'net:listen:80'));
  for (const capability of ['net:connect:*:443', 'net:connect:evil.example:443', 'net:connect:a.lab.example:*', 'exec']) {
    assert.throws(() => asks(capability), code('FORBIDDEN', capability), capability);
  }
});

it('never takes a star that is asked for as one character', () => {
  const policy = Policy.parse([{ capabilities: ['net:connect:a?.lab:443', 'net:listen:808?'] }]);
  assert.ok(policy.check(deploy({ capabilities: ['net:connect:a1.lab:443', 'net:listen:8081'] }), [alice]));
  for (const capability of ['net:connect:a*.lab:443', 'net:listen:*']) {
    assert.throws(() => policy.check(deploy({ capabilities: [capability] }), [alice]), code('FORBIDDEN', capability), capability);
  }
});

it('takes * as every capability', () => {
  const policy = Policy.parse([{ capabilities: ['*'] }]);
  assert.ok(policy.check(deploy({ capabilities: ['exec', 'net:connect:*:*', '@accessors-modules/mqtt'] }), [alice]));
});

it('takes the first rule that allows it, and reports the first that is about it', () => {
  const policy = Policy.parse([{ limits: { memoryMiB: 64 } }, { principals: ['bob@lab'], limits: { memoryMiB: 256 } }]);
  assert.is(policy.check(deploy({ limits: { memoryMiB: 200 } }), [bob]).limits.memoryMiB, 256);
  assert.is(policy.check(deploy(), [bob]).limits.memoryMiB, 64);
  assert.throws(() => policy.check(deploy({ limits: { memoryMiB: 200 } }), [alice]), code('LIMIT_TOO_HIGH', 'above 64'));
});

it('counts people towards a threshold, not keys', () => {
  const policy = Policy.parse([{ threshold: 2, principals: ['*@lab'] }]);
  assert.ok(policy.check(deploy(), [alice, bob]));
  for (const signers of [
    [alice],
    [alice, alice],
    [alice, signer('alice@lab')],
    [alice, signer('alice@home', 'alice@lab')],
    [alice, signer('eve@evil')],
    [signer('a@lab', 'b@lab'), signer('c@lab', 'd@lab'), signer('b@lab', 'c@lab')],
  ]) {
    assert.throws(() => policy.check(deploy(), signers), code('THRESHOLD_NOT_MET', 'the signatures of 2 people, and has 1'));
  }
});

for (const [title, raw] of Object.entries({
  'what is no array': { actions: ['deploy'] },
  'a misspelt field': [{ action: ['deploy'] }],
  'an unknown action': [{ actions: ['destroy'] }],
  'an unknown limit': [{ limits: { memoryMB: 1 } }],
  'an unknown capability': [{ capabilities: ['node:fs'] }],
  'a threshold of nobody': [{ threshold: 0 }],
})) {
  it(`refuses ${title} in the configuration`, () => assert.throws(() => Policy.parse(raw), code('BAD_OPTION', 'policy')));
}

for (const [text, pattern, expected] of [
  ['', '', true],
  ['', '*', true],
  ['a', '', false],
  ['abc', 'a*c', true],
  ['abc', 'a?c', true],
  ['ac', 'a?c', false],
  ['aXbXc', 'a*X?', true],
  ['a*c', 'a*c', true],
  ['a.c', 'a.c', true],
  ['abc', 'a.c', false],
  ['abcd', 'abc', false],
  ['a'.repeat(5000), `${'a*'.repeat(100)}b`, false],
] as const) {
  it(`${expected ? 'matches' : 'does not match'} ${text.slice(0, 9)} by ${pattern.slice(0, 9)}`, () =>
    assert.is(matchesPattern(text, pattern), expected));
}

it('lets one pattern with ! in a list exclude', () => {
  assert.ok(matchesPatternList('swarmlet', 'git,swarm*'));
  assert.not(matchesPatternList('swarmlet', '*,!swarmlet'));
  assert.not(matchesPatternList('swarmlet', '!git'));
});

it.run();
