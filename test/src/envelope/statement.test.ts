import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileEntry, parseStatement, timeMs } from '../../../src/envelope/index.ts';
import { boxId, code, nonce, payloadOf, statements } from '../../support/envelopes.ts';

const it = suite('statements');
const { deploy, undeploy, restart, rollback, input, authenticate } = statements;
const file = deploy.files['Lamp.js'];
const sealedBytes = (length: number) => Buffer.alloc(length, 1).toString('base64');
const otherBox = `SHA256:${'B'.repeat(42)}A`;
const deployWith = (change: object) => ({ ...deploy, ...change });
const files = (...names: string[]) => deployWith({ files: { 'Lamp.js': file, ...Object.fromEntries(names.map((name) => [name, file])) } });

/** Refused for the reason that has these words. */
function refuses(title: string, statement: object, words: string, expected: 'MALFORMED' | 'TOO_LARGE' = 'MALFORMED'): void {
  it(`refuses ${title}`, () => assert.throws(() => parseStatement(payloadOf(statement)), code(expected, words)));
}

function takes(title: string, statement: object): void {
  it(`takes ${title}`, () => assert.equal(parseStatement(payloadOf(statement)), statement));
}

function without(statement: object, field: string): object {
  return Object.fromEntries(Object.entries(statement).filter(([name]) => name !== field));
}

for (const [action, statement] of Object.entries(statements)) {
  takes(`${action}, and fills in no default`, statement);
  for (const field of Object.keys(statement)) {
    refuses(
      `${action} without ${field}`,
      without(statement, field),
      field === 'action' ? 'action: expected one of' : `${field}: is missing`,
    );
  }
  refuses(`${action} with a field that nobody knows`, { ...statement, colour: 1 }, 'has no field "colour"');
}

refuses('an action that there is not', { ...undeploy, action: 'reset' }, 'action: expected one of deploy, undeploy');
refuses('an action by the name of an object method', { ...undeploy, action: 'toString' }, 'action: expected one of');
for (const [title, statement, field] of [
  ['undeploy with a file', { ...undeploy, main: 'Lamp.js' }, 'main'],
  ['undeploy with replaces', { ...undeploy, replaces: null }, 'replaces'],
  ['restart with a digest to go to', { ...restart, to: rollback.to }, 'to'],
  ['rollback with a version', { ...rollback, version: '1.0.0' }, 'version'],
  ['input with a sequence', { ...input, sequence: 1 }, 'sequence'],
  ['deploy with a port', { ...deploy, port: 'on' }, 'port'],
  ['authenticate with a swarmlet', { ...authenticate, swarmlet: 'lamp' }, 'swarmlet'],
  ['authenticate with a sequence', { ...authenticate, sequence: 1 }, 'sequence'],
] as const) {
  refuses(title, statement, `has no field "${field}"`);
}

takes('a deploy with everything that it may have', {
  ...deploy,
  audience: [boxId, otherBox],
  replaces: `sha256:${'a'.repeat(64)}`,
  files: { 'Lamp.js': file, 'net/REST.js': { sha256: 'a'.repeat(64), size: 0 }, 'node_modules/x.js': file },
  requires: { modules: ['@accessors-modules/http-client@^1', 'mqtt@1.2.x'], npm: { serialport: '^12', '@scope/x': '>=1 <3' } },
  capabilities: [
    'http-client',
    'net:connect:*.lab.example:443',
    'net:connect:[::1]:*',
    'net:listen:8080',
    'files',
    'exec',
    'serial',
    'trusted',
  ],
  parameters: { interval: 1000, deep: { a: [null] } },
  sealed: { apiKey: { [boxId]: sealedBytes(73), [otherBox]: sealedBytes(200) } },
  inputs: { room: '545', nothing: null },
  run: { for: 'PT90S', restart: 'never' },
  limits: { memoryMiB: 64, reactionMs: 1000, probationMs: 0 },
  isolation: 'thread',
  upgrade: 'stop-first',
  origin: { swarmlet: 'hub', digest: `sha256:${'b'.repeat(64)}`, principal: 'box:attic', hops: 1 },
});
takes('a deploy that follows nothing', deployWith({ replaces: null }));
takes('an input of null', { ...input, value: null });

for (const name of [
  '',
  '-lamp',
  '.lamp',
  '_lamp',
  'Lamp',
  'l\u00e4mp',
  'la mp',
  '\u202elamp',
  'l'.repeat(65),
  'l\u0430mp',
  'lamp\n',
  5,
  null,
]) {
  refuses(`the swarmlet name ${JSON.stringify(name)}`, { ...undeploy, swarmlet: name }, 'swarmlet: expected');
}
takes('a swarmlet name of 64 characters', { ...undeploy, swarmlet: `0._-${'l'.repeat(60)}` });

for (const sequence of [0, -1, 1.5, 2 ** 53, '8', null]) {
  refuses(
    `the sequence ${JSON.stringify(sequence)}`,
    { ...undeploy, sequence },
    'sequence: expected an integer from 1 to 9007199254740991',
  );
}
takes('the sequence 2^53-1', { ...undeploy, sequence: 2 ** 53 - 1 });
it('refuses a sequence that only rounding makes an integer of the range', () => {
  const payload = JSON.stringify({ ...undeploy, sequence: 1 }).replace('"sequence":1', '"sequence":9007199254740993');
  assert.throws(() => parseStatement(Buffer.from(payload)), code('MALFORMED', 'sequence: expected'));
  assert.throws(() => parseStatement(Buffer.from(payload.replace('9007199254740993', '1e400'))), code('MALFORMED', 'too large'));
});

for (const [title, audience, words] of [
  ['one that is no array', '*', 'audience: expected'],
  ['an empty one', [], 'audience: expected at least one entry'],
  ['a name', ['box'], 'audience[0]: expected a box id'],
  ['no labels at all, which every box would fit', [{ labels: {} }], 'audience[0].labels: expected at least one label'],
  ['labels that are no texts', [{ labels: { room: 545 } }], 'audience[0]'],
  ['an object with more than labels', [{ labels: { room: '545' }, name: 'x' }], 'audience[0]'],
] as const) {
  refuses(`an audience: ${title}`, { ...undeploy, audience }, words);
}
takes('an audience of all kinds', { ...undeploy, audience: [boxId, '*', { labels: { room: '545', floor: '5' } }] });
refuses('authenticate to any box', { ...authenticate, audience: ['*'] }, 'audience');
refuses('authenticate to two boxes', { ...authenticate, audience: [boxId, otherBox] }, 'audience: expected an array of the box id alone');

for (const time of [
  '2026-11-22T18:44:29',
  '2026-11-22T18:44:29+00:00',
  '2026-11-22t18:44:29z',
  '2026-11-22 18:44:29Z',
  '2026-02-30T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-11-22T24:00:00Z',
  '2026-11-22T18:44:60Z',
  '12026-11-22T18:44:29Z',
  1795373069,
]) {
  refuses(`the time ${time}`, { ...undeploy, issuedAt: time }, 'issuedAt: expected a time');
}
takes('times with a fraction', { ...undeploy, issuedAt: '2026-11-22T18:44:29.000Z', expires: '2026-11-22T18:44:29.001Z' });
refuses('an end that is not after the start', { ...undeploy, expires: undeploy.issuedAt }, 'expires: expected a time after issuedAt');
refuses('a window of more than 30 days', { ...undeploy, expires: '2026-12-22T18:44:30Z' }, 'at most 30 days');
takes('a window of 30 days', { ...undeploy, expires: '2026-12-22T18:44:29Z' });
it('gives a time in Unix milliseconds', () => assert.is(timeMs('2026-11-22T18:44:29.5Z'), Date.UTC(2026, 10, 22, 18, 44, 29, 500)));

for (const value of ['', nonce.slice(4), `${nonce}\n`, nonce.replace('=', ''), Buffer.alloc(17).toString('base64'), 7]) {
  refuses(`the nonce ${JSON.stringify(value)}`, { ...undeploy, nonce: value }, 'nonce: expected base64 of 16 random bytes');
}

for (const version of ['1', '1.2', 'v1.2.3', '01.2.3', '1.2.3-', '1.2.3 ', '1.2.3-01', `1.2.3-${'a'.repeat(300)}`, 1]) {
  refuses(`the version ${JSON.stringify(version).slice(0, 20)}`, deployWith({ version }), 'version: expected a version');
}
takes('a version with pre-release and build', deployWith({ version: '1.2.3-rc.1+build.01' }));

for (const [name, words] of [
  ['/etc/passwd.js', 'empty segment'],
  ['a//b.js', 'empty segment'],
  ['a/', 'empty segment'],
  ['', 'empty segment'],
  ['../x.js', 'no segment'],
  ['a/../../b.js', 'no segment'],
  ['./x.js', 'no segment'],
  ['a/./x.js', 'no segment'],
  ['a./x.js', 'no segment'],
  ['a /x.js', 'no segment'],
  ['x.js.', 'no segment'],
  ['x.js ', 'no segment'],
  ['a\\b.js', 'backslash'],
  ['C:x.js', 'colon'],
  ['x\u0000.js', 'control character'],
  ['x\u0085.js', 'control character'],
  ['x\ud800.js', 'control character'],
  ['a\u0308.js', 'normal form C'],
  [`${'a'.repeat(253)}.js`, 'at most 255 bytes'],
  [`${'\u00e4'.repeat(127)}.js`, 'at most 255 bytes'],
  [`${'a/'.repeat(511)}x.js`, 'at most 1024 bytes'],
  ['lamp.js', 'only in case'],
  ['Lamp.ts', 'only JavaScript'],
] as const) {
  refuses(`the file name ${JSON.stringify(name).slice(0, 20)}`, files(name), words);
}
takes(
  'file names at the edge of what is allowed',
  files(`${'a'.repeat(252)}.js`, '\u00e4/\u4e2d.js', '.hidden', '...x', 'a b.js', 'data.json', `${'a/'.repeat(510)}x.js`),
);

refuses('a main that is not among the files', deployWith({ main: 'Other.js' }), 'main: expected one of the files, got "Other.js"');
refuses('a main by the name of an object method', deployWith({ main: 'toString' }), 'main: expected one of the files');
refuses(
  'a main that is no JavaScript',
  deployWith({ main: 'a.json', files: { 'a.json': file } }),
  'main: expected a file that ends in .js',
);
refuses(
  'a digest in capitals',
  deployWith({ files: { 'Lamp.js': { ...file, sha256: 'A'.repeat(64) } } }),
  'files["Lamp.js"].sha256: expected',
);
refuses(
  'a digest with its name',
  deployWith({ files: { 'Lamp.js': { ...file, sha256: `sha256:${'a'.repeat(64)}` } } }),
  '.sha256: expected',
);
refuses('half a character as text', deployWith({ files: { 'Lamp.js': { ...file, text: '\ud800' } } }), 'files["Lamp.js"].text: expected');
refuses('a negative size', deployWith({ files: { 'Lamp.js': { ...file, size: -1 } } }), '.size: expected');
refuses('a file with a mode', deployWith({ files: { 'Lamp.js': { ...file, mode: 0o4755 } } }), 'files["Lamp.js"]: has no field "mode"');
refuses('more than 4096 files', files(...Array.from({ length: 4096 }, (_, i) => `f${i}.js`)), 'has 4097 entries', 'TOO_LARGE');
refuses('more than 64 MiB of files', deployWith({ files: { 'Lamp.js': { ...file, size: 2 ** 26 + 1 } } }), '67108865 bytes', 'TOO_LARGE');

for (const capability of [
  'net:connect:host',
  'net:connect::443',
  'net:connect:host:0',
  'net:connect:host:65536',
  'net:connect:host:080',
  'net:connect:a b:443',
  'net:listen:',
  'net:listen:host:80',
  'net:udp:1',
  'node:fs',
  '../x',
  '*',
  '',
]) {
  refuses(`the capability ${JSON.stringify(capability)}`, deployWith({ capabilities: [capability] }), 'capabilities[0]: expected');
}

for (const value of ['PT', 'P', 'P1Y', 'P1M', 'PT0S', '-PT1S', 'P1DT', 'PT1.5M', '90', 'ever', 'P1W1D', 'PT1S ']) {
  refuses(`run.for of ${value}`, deployWith({ run: { for: value } }), 'run.for: expected forever, once, or an ISO 8601 duration');
}
for (const value of ['forever', 'once', 'P2W', 'P1D', 'PT36H', 'P1DT2H3M4.5S'])
  takes(`run.for of ${value}`, deployWith({ run: { for: value } }));
refuses('another way to restart', deployWith({ run: { restart: 'sometimes' } }), 'run.restart: expected always, on-failure or never');
refuses('a limit by another name', deployWith({ limits: { memoryMB: 1 } }), 'limits: has no field "memoryMB"');
refuses('a limit of nothing', deployWith({ limits: { reactionMs: 0 } }), 'limits.reactionMs: expected an integer from 1');
refuses('a limit longer than a timer', deployWith({ limits: { reactionMs: 2 ** 31 } }), 'limits.reactionMs: expected');
refuses('another isolation', deployWith({ isolation: 'none' }), 'isolation: expected process, thread or inline');
refuses('another upgrade', deployWith({ upgrade: 'now' }), 'upgrade: expected start-first or stop-first');
refuses('a module without a range', deployWith({ requires: { modules: ['mqtt'] } }), 'requires.modules[0]: expected NAME@RANGE');
refuses('an npm package by a path', deployWith({ requires: { npm: { '../x': '1' } } }), 'requires.npm');
refuses(
  'an npm package by a URL',
  deployWith({ requires: { npm: { x: 'http://evil.example/x.tgz' } } }),
  'requires.npm.x: expected a range',
);
refuses('another need', deployWith({ requires: { apt: [] } }), 'requires: has no field "apt"');
refuses(
  'an origin without hops',
  deployWith({ origin: { swarmlet: 'a', digest: rollback.to, principal: 'p' } }),
  'origin.hops: is missing',
);
refuses('parameters that are an array', deployWith({ parameters: [] }), 'parameters: expected object');

const sealed = { apiKey: { [boxId]: sealedBytes(73) } };
refuses('a name both sealed and open', deployWith({ parameters: { apiKey: 1 }, sealed }), 'sealed.apiKey: stands in parameters too');
refuses('a sealed value for any box', deployWith({ audience: [boxId, '*'], sealed }), 'audience: expected box ids only');
refuses('a sealed value for labels', deployWith({ audience: [{ labels: { a: 'b' } }], sealed }), 'audience: expected box ids only');
refuses(
  'a sealed value that one box of the audience lacks',
  deployWith({ audience: [boxId, otherBox], sealed }),
  `no entry for ${otherBox}`,
);
refuses('a sealed value too short for one', deployWith({ sealed: { k: { [boxId]: sealedBytes(72) } } }), 'at least 73 bytes');
refuses('a sealed value for no box id', deployWith({ sealed: { k: { box: sealedBytes(73) } } }), 'sealed.k.box: expected a box id');

it('refuses a key twice, forbidden keys, a byte-order mark and what follows the value', () => {
  const text = JSON.stringify(deployWith({ parameters: { a: 1 } }));
  for (const broken of [
    text.replace('"swarmlet":"lamp"', '"swarmlet":"lamp","swarmlet":"lamp"'),
    text.replace('"a":1', '"__proto__":1'),
    text.replace('"a":1', '"a":{"constructor":1}'),
    `\ufeff${text}`,
    `${text}{}`,
    '[]',
    'null',
    '"deploy"',
  ]) {
    assert.throws(() => parseStatement(Buffer.from(broken)), code('MALFORMED'));
  }
});

it('takes 1 MiB of source in a statement', () => {
  const statement = deployWith({ files: { 'Lamp.js': fileEntry('x("[{\\"\\\\");\n'.repeat(60_000)) } });
  assert.equal(parseStatement(payloadOf(statement)), statement);
});

it.run();
