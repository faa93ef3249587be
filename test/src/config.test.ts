import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CodedError } from '../../hosts/common/index.ts';
import { type Config, type Flag, readConfig } from '../../src/config.ts';
import { folderWith } from '../support/folder.ts';

const it = suite('the settings of a box');
const folder = folderWith();
const file = join(folder.path, 'box.yaml');
it.after(() => folder.remove());

function config(text: string, flags: Partial<Record<Flag, string>> = {}, env: NodeJS.ProcessEnv = {}): Config {
  writeFileSync(file, text);
  const flag = (name: Flag): string | undefined => (name === 'config' ? file : flags[name]);
  return readConfig({ flag, labels: {}, env, defaultState: '/var/lib/box' });
}

function refusal(text: string, flags?: Partial<Record<Flag, string>>, env?: NodeJS.ProcessEnv): string {
  try {
    config(text, flags, env);
  } catch (error) {
    return `${(error as CodedError).code} ${(error as CodedError).message}`.replaceAll(folder.path, '');
  }
  return 'taken';
}

const full = `
listen: 127.0.0.1:1
labels: {room: "545"}
trustedKeys: keys/trusted   # beside this file
isolation: {minimum: P1}
pool: 4
onRevoke: keep
tls: {cert: box.crt, key: box.key}
policy:
  - principals: ["*@lab"]
    isolation: thread
    limits: {memoryMiB: 256}
limits:
  memoryMiB: 64
  probationMs: 0
`;

it('reads all of them from YAML, with paths from where the file is', () => {
  const { listen, labels, trustedKeys, isolationMinimum, pool, onRevoke, tls, policy, limits, state, admin } = config(full);
  assert.equal([listen, labels, isolationMinimum, pool, onRevoke], ['127.0.0.1:1', { room: '545' }, 'P1', 4, 'keep']);
  assert.equal([trustedKeys, tls?.cert], [join(folder.path, 'keys/trusted'), join(folder.path, 'box.crt')]);
  assert.equal(policy, [{ principals: ['*@lab'], isolation: 'thread', limits: { memoryMiB: 256 } }]);
  assert.equal(limits, { memoryMiB: 64, probationMs: 0 });
  assert.equal([state, admin], ['/var/lib/box', '127.0.0.1:7928']);
});

it('takes flags before variables before the file before defaults', () => {
  const text = JSON.stringify({ name: 'file', listen: '127.0.0.1:1', admin: '127.0.0.1:1', pool: 1, labels: { a: '1', b: '1' } });
  const env = { SWARMBOX_LISTEN: '127.0.0.1:2', SWARMBOX_ADMIN: '127.0.0.1:2', SWARMBOX_POOL: '2', SWARMBOX_LABELS: 'b=2,c=2' };
  const { name, listen, admin, pool, onRevoke, labels } = config(text, { listen: '127.0.0.1:3' }, env);
  assert.equal([name, listen, admin, pool, onRevoke], ['file', '127.0.0.1:3', '127.0.0.1:2', 2, 'stop']);
  assert.equal(labels, { a: '1', b: '2', c: '2' });
});

it('gives what cannot be changed any more', () => {
  assert.throws(() => Object.assign(config(''), { name: 'other' }), TypeError);
});

const refused: readonly [what: string, text: string, message: RegExp][] = [
  [
    'a misspelt setting',
    'name: a\nlisten: 127.0.0.1:1\ntrustedkeys: x',
    /^BAD_FILE \/box\.yaml:3: .*"trustedkeys" \(did you mean trustedKeys\?\)/,
  ],
  ['a misspelt limit', 'limits:\n  memoryMib: 3', /box\.yaml:2: .*limits\."memoryMib" \(did you mean memoryMiB\?\)/],
  [
    'a misspelt field of a rule',
    'policy:\n  - principals: [a]\n    threshhold: 2',
    /box\.yaml:3: .*policy\.0\."threshhold" \(did you mean threshold\?\)/,
  ],
  ['a setting from nowhere', 'colour: red', /box\.yaml:1: there is no setting "colour"$/],
  ['a wrong type', 'name: a\n\npool: many', /box\.yaml:3: pool: expected a whole number/],
  ['a limit below zero', 'limits:\n  restarts: -1', /box\.yaml:2: limits\.restarts: expected 0 or more/],
  ['a word that is none of those', 'onRevoke: maybe', /box\.yaml:1: onRevoke: expected stop or keep/],
  ['what is no YAML', 'name: a\nlisten: [', /^BAD_FILE \/box\.yaml:2: /],
  ['a setting twice', 'name: a\nname: b', /^BAD_FILE \/box\.yaml:2: /],
  ['a list', '- a', /box\.yaml:1: the file: /],
  ['aliases without end', `a: &a [x,x]\nb: &b [${'*a,'.repeat(50)}]\nc: [${'*b,'.repeat(50)}]`, /^BAD_FILE /],
  ['half of TLS', 'tls:\n  cert: a', /box\.yaml:2: tls\.key: expected a text/],
];
for (const [what, text, message] of refused) {
  it(`refuses ${what} and says where it is`, () => assert.match(refusal(text), message));
}

it('refuses flags and variables with their names', () => {
  assert.match(refusal('', { pool: 'many' }), /^BAD_OPTION --pool should be a whole number/);
  assert.match(refusal('', { 'tls-cert': 'a' }), /^BAD_OPTION --tls-key should be given with --tls-cert/);
  assert.match(refusal('', {}, { SWARMBOX_LISTEN: 'here' }), /^BAD_OPTION SWARMBOX_LISTEN should be HOST:PORT/);
  assert.match(refusal('', {}, { SWARMBOX_LISEN: 'x' }), /^BAD_OPTION SWARMBOX_LISEN .*did you mean SWARMBOX_LISTEN\?/);
});

it.run();
