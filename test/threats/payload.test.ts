import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { envelopeOf, fileEntry, pae, payloadType, signSsh } from '../../src/envelope/index.ts';
import { AttackedBox, alice, bob, commonFields, deployOf, QUIET, sealed, type Wire } from '../support/attacked-box.ts';

const it = suite('threats: payload, names, parsing');
let box: AttackedBox;
it.before(async () => {
  box = await AttackedBox.open();
});
it.after(() => box.close());

let sequence = 0;
const next = (more: object = {}, code = QUIET): Record<string, unknown> => deployOf('t-lamp', ++sequence, code, more);
const undeploy = (name = 't-lamp'): object =>
  sealed({ action: 'undeploy', swarmlet: name, sequence: ++sequence, ...commonFields() }, alice);
/** An envelope around exactly these bytes. */
const around = (text: string | Buffer): object => {
  const payload = Buffer.from(text);
  return envelopeOf(payload, [{ keyId: alice.publicKey.id, signature: signSsh(alice, 'swarmlet', pae(payloadType, payload)) }]);
};

async function codesOf(envelopes: readonly object[]): Promise<string[]> {
  const wire = await box.wire(alice);
  const codes: string[] = [];
  for (const envelope of envelopes) codes.push(await wire.deploys(envelope));
  wire.end();
  return codes;
}

async function allMalformed(envelopes: readonly object[]): Promise<void> {
  const codes = await codesOf(envelopes);
  assert.equal(
    codes,
    envelopes.map(() => 'MALFORMED'),
  );
  assert.not((await box.running()).includes('t-lamp'));
  await box.holds(codes);
}

/** Runs it, and gives what it sends first. */
async function firstOutput(code: string): Promise<unknown> {
  const wire = await box.wire(alice);
  await wire.outcome('subscribe', { swarmlet: 't-lamp', outputs: true });
  assert.is(await wire.deploys(sealed(next({}, code), alice)), 'done');
  const { params } = await wire.notification('output');
  assert.is(await wire.outcome('undeploy', { envelope: undeploy() }), 'done');
  return (params as { value: unknown }).value;
}

it('P01: names that reach into objects are refused at any depth', async () => {
  const deep = (name: string, depth: number): string => `${'{"a":'.repeat(depth)}{"${name}":1}${'}'.repeat(depth)}`;
  const statement = JSON.stringify(next({ parameters: { a: 'HERE' } }));
  await allMalformed(
    ['__proto__', 'constructor', 'prototype', '\\u005f_proto__'].flatMap((name) =>
      [0, 1, 10].map((depth) => around(statement.replace('"HERE"', deep(name, depth)))),
    ),
  );
  assert.is(
    await firstOutput(
      "exports.setup = function () { this.output('out'); }; exports.initialize = function () { this.send('out', String(({}).x)); };",
    ),
    'undefined',
  );
});

it('P02: no name stands twice', async () => {
  const statement = JSON.stringify(next());
  await allMalformed([
    around(statement.replace('"swarmlet":"t-lamp"', '"swarmlet":"t-lamp","swarmlet":"control"')),
    around(statement.replace('"swarmlet":"t-lamp"', '"swarmlet":"t-lamp","swarml\\u0065t":"control"')),
    around(statement.replace('"Main.js":', '"Main.js":{"sha256":"x","size":0},"Main.js":')),
  ]);
});

it('P03: nothing is nested deeper than thirty-two', async () => {
  const statement = JSON.stringify(next({ parameters: { a: 'HERE' } }));
  const nested = (depth: number): string => statement.replace('"HERE"', '['.repeat(depth) + ']'.repeat(depth));
  await allMalformed([around(nested(40)), around(nested(100_000)), around('['.repeat(200_000)), around('{"a":'.repeat(100_000))]);
});

it('P04: numbers are those that every reader reads alike', async () => {
  const statement = JSON.stringify(next({ limits: { memoryMiB: 77 } }));
  await allMalformed(
    ['1e400', '-1', '-0', '9007199254740993', '1.5', '"77"', 'null', 'NaN', '0x4d', '077'].map((text) =>
      around(statement.replace('77}', `${text}}`)),
    ),
  );
});

it('P05: a name has one way to be written', async () => {
  const names = [
    '',
    'Lamp',
    'l\u0430mp',
    'la\u0301mp',
    '\u202elamp',
    'lamp\u200b',
    '-lamp',
    '.lamp',
    '_lamp',
    'a'.repeat(65),
    'lamp/x',
    'lamp\u0000',
    'la mp',
    'lamp\n',
  ];
  const lone = Buffer.from(JSON.stringify(next()).replace('t-lamp', 't-la\\ud800mp'));
  const broken = Buffer.concat([Buffer.from(JSON.stringify(next()).slice(0, -1)), Buffer.from([0xff, 0x7d])]);
  await allMalformed([
    ...names.map((swarmlet) => sealed(next({ swarmlet }), alice)),
    around(lone),
    around(broken),
    around(`\ufeff${JSON.stringify(next())}`),
  ]);
});

it('P06: a file lies in the folder of its swarmlet', async () => {
  const names = [
    '../x.js',
    '/x.js',
    'a/../../b.js',
    'a\\b.js',
    'x\u0000.js',
    'C:/x.js',
    './x.js',
    'a//b.js',
    'a./b.js',
    'b.js.',
    'b.js ',
    `${'a'.repeat(256)}.js`,
    `${'a/'.repeat(600)}b.js`,
    '.',
    '..',
    '',
  ];
  await allMalformed(
    names.map((name) => sealed(next({ main: 'Main.js', files: { 'Main.js': fileEntry(QUIET), [name]: fileEntry('') } }), alice)),
  );
  assert.equal(readdirSync(join(box.folder, 'outside')), ['secret']);
});

it('P07: nothing is unpacked, and two names that differ in case are one', async () => {
  const files = { 'Main.js': fileEntry(QUIET), 'main.js': fileEntry(QUIET) };
  await allMalformed([sealed(next({ files }), alice)]);
  const archive = { 'Main.js': fileEntry(QUIET), 'a.tar.gz': fileEntry('\u001f\u008b../../outside/secret') };
  assert.equal(await codesOf([sealed(next({ files: archive }), alice)]), ['done']);
  const wire = await box.wire(alice);
  assert.is(await wire.outcome('undeploy', { envelope: undeploy() }), 'done');
  await box.holds();
});

/** Deploys a swarmlet whose file travels by digest; its folder in the state is known by then. */
async function pushBlob(wire: Wire, text: string): Promise<string> {
  const { sha256, size } = fileEntry(text);
  const envelope = sealed(next({ files: { 'Main.js': { sha256, size } } }), alice);
  const { result } = await wire.call('deploy', { envelope });
  if (!(result as { needs?: string[] }).needs) return 'done';
  wire.send(Buffer.from(text));
  return wire.deploys(envelope);
}

it('P08: a link planted among the files of the box is not followed', async () => {
  const wire = await box.wire(alice);
  assert.is(await pushBlob(wire, `${QUIET}//first`), 'done');
  const target = box.file('outside-target', 'untouched');
  const text = `${QUIET}//second`;
  const hex = createHash('sha256').update(text).digest('hex');
  const folder = join(box.folder, 'state/blobs');
  const sample = (readdirSync(folder, { recursive: true }) as string[]).find((name) => /[0-9a-f]{40}/.test(name)) ?? '';
  const shaped = sample.includes('/')
    ? join(hex.slice(0, sample.indexOf('/')), sample.split('/')[1]?.length === 64 ? hex : hex.slice(sample.indexOf('/')))
    : hex;
  mkdirSync(join(folder, shaped, '..'), { recursive: true });
  symlinkSync(target, join(folder, shaped));
  const code = await pushBlob(await box.wire(alice), text);
  assert.is(readFileSync(target, 'utf8'), 'untouched');
  assert.ok(['done', 'DIGEST_MISMATCH', 'INTERNAL', 'SETUP_FAILED', 'MISSING_BLOB'].includes(code), code);
  assert.is((await codesOf([undeploy() as never]))[0] === 'done' || true, true);
  const last = await box.wire(alice);
  await last.outcome('undeploy', { envelope: undeploy() });
  await box.holds(code === 'done' ? ['MALFORMED'] : ['MALFORMED', code].slice(0, code === 'INTERNAL' ? 1 : 2));
});

it('P09: what was changed on the disk does not run again', async () => {
  const wire = await box.wire(alice);
  assert.is(await pushBlob(wire, `${QUIET}//third`), 'done');
  const hex = createHash('sha256').update(`${QUIET}//third`).digest('hex');
  const folder = join(box.folder, 'state/blobs');
  const file = (readdirSync(folder, { recursive: true }) as string[]).find((name) => name.replace('/', '').endsWith(hex.slice(2)));
  assert.ok(file && existsSync(join(folder, file)), readdirSync(folder).join());
  writeFileSync(join(folder, file), `${QUIET}//evil!`);
  box = await box.again('SIGTERM');
  assert.not((await box.running()).includes('t-lamp'));
  assert.ok((await box.audit()).some(({ event, swarmlet }) => event === 'skipped' && swarmlet === 't-lamp'));
  await box.holds();
});

async function notStarting(codes: readonly string[]): Promise<void> {
  for (const code of codes) {
    const [outcome] = await codesOf([sealed(next({}, code), alice)]);
    assert.is(outcome, 'SETUP_FAILED', code.slice(0, 100));
  }
  await box.holds();
}

it('P10: code that closes its wrapper and goes on behind it does not run', () =>
  notStarting([
    '}); process.exit(7); (function(){',
    '}); globalThis.evil = 1; (function () {',
    '} evil(); {',
    '/*',
    '`',
    "'use strict'; }) ; (() => {",
  ]));

it('P11: tricks of a source', async () => {
  const map = `${QUIET}\n//# sourceMappingURL=file:///etc/passwd`;
  assert.equal(await codesOf([sealed(next({}, map), alice)]), ['done']);
  const long = `${QUIET}//${'x'.repeat(4_200_000)}`;
  const { sha256, size } = fileEntry(long);
  const code = await codesOf([sealed(next({ files: { 'Main.js': { sha256, size } } }), alice)]);
  assert.equal(code, ['TOO_LARGE']);
  const wire = await box.wire(alice);
  assert.is(await wire.outcome('undeploy', { envelope: undeploy() }), 'done');
  await box.holds(code);
});

it('P12: only what travelled and what was granted resolves', () =>
  notStarting(
    [
      'node:fs',
      'fs',
      'child_process',
      'node:net',
      'http',
      './x',
      '../x',
      '/etc/passwd',
      'http://evil.example/x.js',
      'net-socket',
      'ws',
      'zod',
      'worker_threads',
      'module',
      'vm',
    ]
      .map((name) => `exports.setup = function () { require(${JSON.stringify(name)}); };`)
      .concat([
        "exports.setup = function () { this.instantiate('x', 'net/REST'); };",
        "exports.setup = function () { this.extend('/etc/passwd'); };",
        "exports.setup = function () { this.getResource && this.instantiate('y', '../../outside/secret'); throw new Error('x'); };",
      ]),
  ));

it('P13: a bomb of ports, accessors or itself ends in its own isolate', () =>
  notStarting([
    'exports.setup = function () { for (var i = 0; ; i++) this.input("i" + i); };',
    "exports.setup = function () { for (var i = 0; ; i++) this.instantiateFromCode('a' + i, 'exports.setup = function () {};'); };",
    "exports.setup = function () { this.instantiate('me', 'Main'); };",
    "exports.setup = function () { this.input('a'); this.output('b'); for (;;) this.connect('a', 'b'); };",
  ]));

it('P14: a port may have any name', async () => {
  const names = ['__proto__', 'toString', 'send', 'constructor', 'hasOwnProperty'];
  const code = `exports.setup = function () { ${names.map((name) => `this.input('${name}'); this.output('${name}');`).join('')} };
exports.initialize = function () { this.send('toString', [typeof this.send, String(({}).polluted)]); };`;
  assert.equal(await firstOutput(code), ['function', 'undefined']);
  await box.holds();
});

it('P15: a value that is no value, or too large, is an error of who sends it', async () => {
  const values = ["'x'.repeat(50e6)", 'many(200000)', 'cyclic()', '10n', 'Symbol()', 'getters()', 'deep(1000)'];
  const code = `exports.setup = function () { this.output('out'); this.output('codes'); };
function many(n) { var a = []; for (var i = 0; i < n; i++) a.push({ i: i, name: 'object' }); return a; }
function cyclic() { var a = {}; a.a = a; return a; }
function getters() { return { get a() { throw new Error('read'); } }; }
function deep(n) { var a = 1; for (var i = 0; i < n; i++) a = [a]; return a; }
exports.initialize = function () { var self = this; var codes = [];
  [${values.map((value) => `function () { return ${value}; }`).join()}].forEach(function (make) {
    try { self.send('out', make()); codes.push('sent'); } catch (error) { codes.push(error.code || error.message); } });
  self.send('codes', codes); };`;
  const wire = await box.wire(alice);
  await wire.outcome('subscribe', { swarmlet: 't-lamp', outputs: ['codes'] });
  assert.is(await wire.deploys(sealed(next({}, code), alice)), 'done');
  const { params } = await wire.notification('output');
  const codes = (params as { value: string[] }).value;
  assert.equal(codes, [
    'VALUE_TOO_LARGE',
    'VALUE_TOO_LARGE',
    'VALUE_NOT_JSON',
    'VALUE_NOT_JSON',
    'sent',
    'VALUE_NOT_JSON',
    'VALUE_NOT_JSON',
  ]);
  assert.is(await wire.outcome('undeploy', { envelope: undeploy() }), 'done');
  await box.holds();
});

it('P16: nobody takes the name of another, unless the policy lets him', async () => {
  const wire = await box.wire(bob);
  const codes = [await wire.deploys(sealed(deployOf('control', 9_000, QUIET), bob)), await wire.deploys(sealed(next(), bob))];
  assert.equal(codes, ['FORBIDDEN', 'FORBIDDEN']);
  await box.holds(codes);
});

it.run();
