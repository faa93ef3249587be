import { writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { z } from 'zod';
import type { CodedError } from '../../../hosts/common/index.ts';
import { type Config, configJsonSchema, placesOf, readConfig, settle, settledInFull } from '../../../src/config/index.ts';
import { leavesOf } from '../../../src/config/schema.ts';
import { usualPool } from '../../../src/config/settle.ts';
import { flagOf, settings } from '../../../src/settings.ts';
import { folderWith } from '../../support/folder.ts';

const it = suite('the settings of a box');
const folder = folderWith();
const file = join(folder.path, 'box.yaml');
it.after(() => folder.remove());

type Flags = Readonly<Record<string, string | readonly string[]>>;
const places = { state: '/var/lib/box', config: '', files: [] };

const flagsOf =
  (flags: Flags) =>
  (name: string): readonly string[] =>
    [flags[name] ?? []].flat();

function config(text: string, flags: Flags = {}, env: NodeJS.ProcessEnv = {}): Config {
  writeFileSync(file, text);
  return readConfig({ flag: flagsOf({ config: file, ...flags }), env, places });
}

function refusal(text: string, flags?: Flags, env?: NodeJS.ProcessEnv): string {
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

it('has a box keep an isolate waiting for each 512 MiB of its memory, from two to twenty', () => {
  assert.equal(
    [256, 2047, 2048, 8192, 65_536].map((mebibytes) => usualPool(mebibytes * 2 ** 20)),
    [2, 3, 4, 16, 20],
  );
  assert.is(config('').pool, usualPool(Math.min(totalmem(), process.constrainedMemory() || totalmem())));
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
  ['a name that is no name in JavaScript', 'labels:\n  __proto__: x', /box\.yaml:2: labels\.__proto__: this name cannot be used/],
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

it('names everything that is wrong, each with its line', () => {
  const named = refusal('nmae: a\nlisten: 12\nlimits:\n  restarts: -1\n  x: 1').split('; ');
  const expected = [
    /^BAD_FILE .*:2: listen: /,
    /^.box.yaml:4: limits.restarts: /,
    /^.box.yaml:5: .*limits."x"$/,
    /^.box.yaml:1: .*"nmae" /,
  ];
  assert.is(named.length, expected.length);
  for (const [i, pattern] of expected.entries()) assert.match(named[i] ?? '', pattern);
});

it('refuses flags and variables with their names', () => {
  assert.match(refusal('', { pool: 'many' }), /^BAD_OPTION --pool should be a whole number/);
  assert.match(refusal('', { 'tls-cert': 'a' }), /^BAD_OPTION --tls-key should be given with --tls-cert/);
  assert.match(refusal('', {}, { SWARMBOX_LISTEN: 'here' }), /^BAD_OPTION SWARMBOX_LISTEN should be HOST:PORT/);
  assert.match(refusal('', {}, { SWARMBOX_LISEN: 'x' }), /^BAD_OPTION SWARMBOX_LISEN .*did you mean SWARMBOX_LISTEN\?/);
});

it('has a flag and a variable for every setting, and a place in the file for every flag', () => {
  assert.equal(
    leavesOf()
      .filter((key) => key !== '$schema')
      .sort(),
    settings.map(({ key }) => key).sort(),
  );
  assert.equal(new Set(settings.map(flagOf)).size, settings.length);
});

it('reads lists, maps and rules from flags and variables, the maps entry by entry', () => {
  const text = 'limits: {memoryMiB: 64, reactionMs: 5}\npolicy: [{}]';
  const flags = { label: ['a=1', 'b=x=y'], limit: ['reactionMs=7'], policy: '[{principals: ["*@lab"]}]', 'admin-name': ['one', 'two'] };
  const { labels, limits, policy, adminNames } = config(text, flags, { SWARMBOX_LIMITS: 'reactionMs=6,wrapupMs=9' });
  assert.equal(labels, { a: '1', b: 'x=y' });
  assert.equal(limits, { memoryMiB: 64, reactionMs: 7, wrapupMs: 9 });
  assert.equal([policy, adminNames], [[{ principals: ['*@lab'] }], ['one', 'two']]);
  const rules = join(folder.path, 'rules.yaml');
  writeFileSync(rules, '- threshold: 2\n');
  const variables = { SWARMBOX_POLICY: `@${rules}`, SWARMBOX_ADMIN_NAMES: 'a,b', SWARMBOX_TLS_CERT: '/c', SWARMBOX_TLS_KEY: '/k' };
  const given = config('', {}, variables);
  assert.equal([given.policy, given.adminNames, given.tls], [[{ threshold: 2 }], ['a', 'b'], { cert: '/c', key: '/k' }]);
});

it('refuses what is wrong in a list, a map or a rule', () => {
  assert.match(refusal('', { limit: 'memoryMib=3' }), /^BAD_OPTION --limit .*"memoryMib" \(did you mean memoryMiB\?\)/);
  assert.match(refusal('', { limit: 'memoryMiB=x' }), /^BAD_OPTION --limit\.memoryMiB should be a whole number/);
  assert.match(refusal('', { label: 'x' }), /^BAD_OPTION --label should be NAME=VALUE/);
  assert.match(refusal('', { label: ['x=1', 'x=2'] }), /^BAD_OPTION --label should be given once for x/);
  assert.match(refusal('', { policy: '[{principls: a}]' }), /^BAD_OPTION --policy .*did you mean principals\?/);
  assert.match(refusal('', { policy: '[' }), /^BAD_OPTION --policy should be YAML or @FILE/);
  assert.match(refusal('', { policy: '@/nowhere' }), /^BAD_OPTION --policy should be YAML or @FILE \(ENOENT/);
  assert.match(refusal('', {}, { SWARMBOX_POOL: '1000' }), /^BAD_OPTION SWARMBOX_POOL should be 999 or less/);
});

it('keeps a label whose name has dots, or means something to JavaScript', () => {
  const { labels } = config('', { label: ['constructor=x', 'a.b=y'] });
  assert.equal(labels, { constructor: 'x', 'a.b': 'y' });
});

it('finds its file and its state where a service, a person and root have theirs', () => {
  const [first] = placesOf({ HOME: '/h' }, false).files;
  assert.equal([placesOf({ HOME: '/h' }, false).state, first], ['/h/.local/state/accessors', '/h/.config/accessors/swarmbox.yaml']);
  assert.is(placesOf({ XDG_STATE_HOME: '/s' }, true).state, '/s/accessors');
  assert.equal([placesOf({}, true).state, placesOf({}, true).files[1]], ['/var/lib/swarmbox', '/etc/swarmbox/swarmbox.json']);
  const unit = placesOf(
    { STATE_DIRECTORY: '/var/lib/swarmbox:/other', CONFIGURATION_DIRECTORY: '/etc/swarmbox', XDG_STATE_HOME: '/s' },
    false,
  );
  assert.equal([unit.state, unit.files[0]], ['/var/lib/swarmbox', '/etc/swarmbox/swarmbox.yaml']);
  const own = join(folder.path, 'swarmbox.yaml');
  writeFileSync(own, 'name: found');
  const sources = { flag: flagsOf({}), env: {}, places: { state: '/s', config: '', files: [join(folder.path, 'absent.yaml'), own] } };
  assert.equal([readConfig(sources).name, readConfig(sources).file], ['found', own]);
});

it('tells where every value comes from', () => {
  writeFileSync(file, 'name: a\nlabels:\n  room: "545"\n');
  const sources = { flag: flagsOf({ config: file, pool: '3' }), env: { SWARMBOX_ADMIN: '' }, places };
  const all = settledInFull(settle(sources).settled);
  const origin = (key: string): unknown => all.find((one) => one.key === key)?.origin;
  assert.equal(origin('labels.room'), { kind: 'file', name: `${file}:3` });
  assert.equal(origin('pool'), { kind: 'flag', name: '--pool' });
  assert.equal(origin('admin'), { kind: 'variable', name: 'SWARMBOX_ADMIN' });
  assert.equal([origin('listen'), origin('limits.memoryMiB'), origin('policy')], Array(3).fill({ kind: 'default' }));
});

it('publishes a JSON Schema that takes what the box takes, and nothing else', () => {
  const schema = z.fromJSONSchema(configJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
  assert.ok(schema.safeParse(parse(full)).success);
  for (const [what, text] of refused) {
    if (/YAML|twice|aliases|JavaScript/.test(what)) continue; // not a matter of its shape
    assert.not(schema.safeParse(parse(text)).success, what);
  }
});

it.run();
