import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Box, Contact } from '../../../src/discovery/box.ts';
import { boxesOf } from '../../../src/discovery/box.ts';
import { type Group, parseGroups } from '../../../src/discovery/groups.ts';
import { meta, sightingsOf } from '../../../src/discovery/sighting.ts';
import { targetGroups } from '../../../src/discovery/target-groups.ts';
import { generateKeyPair, type KeyId } from '../../../src/envelope/index.ts';

const it = suite('boxes out of sightings');
const [x, y] = [generateKeyPair().publicKey.id, generateKeyPair().publicKey.id];

const seen = (discoverer: string, target: string, labels: Record<string, string> = {}) =>
  sightingsOf(discoverer, { source: '', targets: [target], labels });
const answer = (id: KeyId, name: string, labels: Record<string, string> = {}): Contact => ({
  kind: 'answered',
  greeting: { id, name, labels, version: '1.2.3' },
  at: 1000,
});
const silent: Contact = { kind: 'silent', why: 'nobody there', last: 500 };

it('makes one box of all entries with one id, whatever they are called', () => {
  const sightings = [
    ...seen('static', 'a:1', { room: '545' }),
    ...seen('dns-sd', 'ws://10.0.0.1:1', { [meta.id]: x, [meta.name]: 'old name' }),
    ...seen('file_sd', 'b:2', { [meta.id]: x, floor: '5' }),
  ];
  const contacts = new Map([
    ['ws://a:1/v1', answer(x, 'lab', { room: '546' })],
    ['ws://10.0.0.1:1/v1', silent],
  ]);
  assert.equal(boxesOf(sightings, contacts), [
    {
      id: x,
      name: 'lab',
      ambiguous: false,
      urls: ['ws://a:1/v1', 'ws://10.0.0.1:1/v1', 'ws://b:2/v1'],
      labels: { room: '546', floor: '5' },
      version: '1.2.3',
      adminPort: undefined,
      sources: ['static', 'dns-sd', 'file_sd'],
      lastSeen: 1000,
      problem: undefined,
    },
  ]);
});

it('shows a name that two ids claim as ambiguous, and does not take the one for the other', () => {
  const sightings = [...seen('dns-sd', 'a:1', { [meta.id]: x }), ...seen('dns-sd', 'b:1', { [meta.id]: y })];
  const boxes = boxesOf(
    sightings,
    new Map([
      ['ws://a:1/v1', answer(x, 'lab')],
      ['ws://b:1/v1', answer(y, 'lab')],
    ]),
  );
  assert.equal(
    boxes.map(({ id, ambiguous }) => [id, ambiguous]).sort(),
    [
      [x, true],
      [y, true],
    ].sort(),
  );
});

it('does not believe a source that says who is at an address where another box answers', () => {
  const [box, ...others] = boxesOf(
    seen('file_sd', 'a:1', { [meta.id]: x }),
    new Map([['ws://a:1/v1', answer(y, 'impostor', { room: '1' })]]),
  );
  assert.equal([box?.id, box?.name, box?.labels, box?.problem], [x, undefined, {}, `another box, ${y}, answers at ws://a:1/v1`]);
  assert.equal(others, []);
});

it('keeps apart what nobody knows the identity of, and says why it is not reached', () => {
  const boxes = boxesOf([...seen('static', 'a:1'), ...seen('static', 'b:1')], new Map([['ws://a:1/v1', silent]]));
  assert.equal(
    boxes.map(({ id, problem, lastSeen }) => [id, problem, lastSeen]),
    [
      [undefined, 'nobody there', 500],
      [undefined, undefined, undefined],
    ],
  );
});

it('reads the list of another box: the target is where its metrics are', () => {
  const [sighting] = seen('http_sd', 'a:7928', { [meta.url]: 'wss://a:7927/v1', [meta.id]: x, room: '545', __meta_other: 'left out' });
  assert.equal([sighting?.url, sighting?.adminPort, sighting?.labels], ['wss://a:7927/v1', 7928, { room: '545' }]);
});

it('tells Prometheus of no metrics where nobody reaches any, and other boxes of the box all the same', () => {
  const about = { id: x, labels: { room: '545' }, urls: ['wss://a:7927/v1'], sources: [], ambiguous: false, name: 'north', version: '1' };
  const [hidden, shown] = targetGroups([about, { ...about, id: undefined, adminPort: 9 }] as unknown as Box[], undefined, 'here:1');
  assert.equal([hidden?.targets, shown?.targets], [[], ['a:9']]);
  const [sighting] = sightingsOf('http_sd', { source: 's', ...(hidden as Group) });
  assert.equal([sighting?.url, sighting?.id, sighting?.adminPort], ['wss://a:7927/v1', x, undefined]);
  assert.equal(sightingsOf('http_sd', { source: 's', targets: [], labels: {} }), []);
});

it('refuses a label that is no name in JavaScript, which would be left out without a word', () => {
  assert.throws(() => parseGroups('- targets: ["a:1"]\n  labels: { __proto__: x }'), /0\.labels\.__proto__: this name cannot be used/);
});

it('refuses what no group looks like', () => {
  const group = { source: 's', targets: ['a:1'], labels: {} };
  const cases: [group: object, message: RegExp][] = [
    [{ ...group, targets: 'a:1' }, /expected a list of at most/],
    [{ ...group, targets: [7] }, /a target is HOST:PORT, got 7/],
    [{ ...group, targets: ['nowhere'] }, /'nowhere' is no target/],
    [{ ...group, targets: ['http://a:1'] }, /'http:\/\/a:1'/],
    [{ ...group, labels: { a: 1 } }, /labels are at most 64 texts/],
    [{ ...group, labels: { a: 'x'.repeat(257) } }, /labels are at most 64 texts/],
    [{ ...group, labels: { [meta.id]: 'x' } }, /__meta_swarmbox_id is no SHA256/],
    [{ ...group, source: undefined }, /name of a source/],
  ];
  for (const [bad, message] of cases) assert.throws(() => sightingsOf('d', bad as typeof group), message);
});

it.run();
