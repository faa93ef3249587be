import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SourcePath } from '../../../hosts/node/index.ts';
import { collectClosure, swarmletFrom } from '../../../src/push/index.ts';
import { folderWith } from '../../support/folder.ts';

const it = suite('closure');
const folder = folderWith({
  'lamp/Lamp.js': `
    var http = require('@accessors-modules/http-client');
    http.get('x').then().on(new http.Client());
    exports.setup = function () {
      this.extend('Base');
      this.instantiate('a', './parts/Bulb');
      this.instantiateFromCode('b', "exports.setup = function () { this.instantiate('c', './parts//Switch.js'); require('util'); require('node:fs'); };");
    };`,
  'lamp/Base.js': `exports.setup = function () { this.implement('Interface'); };`,
  'lamp/Interface.js': `exports.setup = function () { this.input('on'); };`,
  'lamp/parts/Bulb.ts': `export function setup(this: any): void { this.instantiate('d', 'Socket'); }`,
  'lamp/parts/Socket.js': `exports.setup = function () {};`,
  'lamp/parts/Switch.js': `exports.setup = function () {};`,
  'library/Shared.js': `exports.setup = function () {};`,
  'clash/Two.js': `exports.setup = function () { this.instantiate('a', './parts/One'); this.instantiate('b', 'Thing'); };`,
  'clash/parts/One.js': `exports.setup = function () { this.instantiate('c', './Thing'); };`,
  'clash/parts/Thing.js': `exports.setup = function () {};`,
  'clash/Thing.js': `exports.setup = function () {};`,
  'away/Up.js': `exports.setup = function () { this.instantiate('a', '../clash/Thing'); };`,
  'away/Unknown.js': `exports.setup = function () { this.instantiate('a', 'no/Such'); };`,
  'None.js': 'var x = 1;',
  'OnlyInitialize.js': 'exports.initialize = function () {};',
});
it.after(folder.remove);
const at = (name: string) => ({ kind: 'file', name: join(folder.path, name) }) as const;
const path = new SourcePath([join(folder.path, 'library')]);

it('carries what is instantiated, extended and implemented, under the names that were asked for', () => {
  const { main, files, modules } = collectClosure(at('lamp/Lamp'), path);
  assert.is(main, 'Lamp.js');
  assert.equal(
    [...files].map(([name, file]) => [name, file.path?.slice(folder.path.length)]),
    [
      ['Lamp.js', '/lamp/Lamp.js'],
      ['Base.js', '/lamp/Base.js'],
      ['Interface.js', '/lamp/Interface.js'],
      ['parts/Bulb.js', '/lamp/parts/Bulb.ts'],
      ['Socket.js', '/lamp/parts/Socket.js'],
      ['parts/Switch.js', '/lamp/parts/Switch.js'],
    ],
  );
  assert.equal(modules, ['http-client', 'fs']);
});

it('carries JavaScript where there was TypeScript', () => {
  const { files } = collectClosure(at('lamp/Lamp.js'), path);
  assert.not.match(files.get('parts/Bulb.js')?.text ?? 'void', ': void');
});

it('carries accessors of the library, and takes a swarmlet given as text', () => {
  const code = "exports.setup = function () { this.instantiate('a', 'Shared'); };";
  const { main, files } = collectClosure({ kind: 'code', code, main: 'Given.js' }, path);
  assert.is(main, 'Given.js');
  assert.equal([...files.keys()], ['Given.js', 'Shared.js']);
});

it('refuses two files under one name, naming both', () => {
  const error = thrownBy(() => collectClosure(at('clash/Two.js'), path));
  assert.is(error.code, 'NAME_CLASH');
  assert.match(error.message, join(folder.path, 'clash/parts/Thing.js'));
  assert.match(error.message, join(folder.path, 'clash/Thing.js'));
});

it('refuses names that lead out of the folder, naming who asks', () => {
  const absolute = join(folder.path, 'clash/Thing');
  writeFileSync(join(folder.path, 'away/Absolute.js'), `exports.setup = function () { this.instantiate('a', '${absolute}'); };`);
  const here = process.cwd();
  process.chdir(join(folder.path, 'away')); // names are looked up from the working folder, too
  try {
    for (const [name, asked] of [
      ['Up.js', '../clash/Thing'],
      ['Absolute.js', absolute],
    ] as const) {
      const error = thrownBy(() => collectClosure({ kind: 'file', name }, path));
      assert.is(error.code, 'OUTSIDE_NAME');
      assert.match(error.message, `${join(folder.path, 'away', name)} asks for ${asked},`);
    }
  } finally {
    process.chdir(here);
  }
});

it('lists where a class was looked for', () => {
  const error = thrownBy(() => collectClosure(at('away/Unknown.js'), path));
  assert.is(error.code, 'NOT_FOUND');
  assert.match(error.message, join(folder.path, 'away/no/Such.js'));
  assert.match(error.message, join(folder.path, 'library/no/Such.js'));
});

it('refuses what is no accessor, but asks for no setup', () => {
  assert.is(thrownBy(() => collectClosure(at('None.js'), path)).code, 'NO_ACCESSOR');
  assert.is(collectClosure(at('OnlyInitialize.js'), path).files.size, 1);
});

it('survives a setup that loops, ends the process, fills memory, throws or does not parse', async () => {
  const cases: [code: string, expected: string, message: RegExp][] = [
    ['for (;;) {}', 'START_TIMEOUT', /Setup of X\.js did not return within 1000 ms here\. Nothing was sent\./],
    ['process.exit(0);', 'SETUP_FAILED', /it called process\.exit\(0\)/],
    ["process.kill(process.pid, 'SIGKILL');", 'SETUP_FAILED', /it was ended by SIGKILL/],
    ["throw new Error('no bulb');", 'SETUP_FAILED', /X\.js cannot be set up: no bulb/],
    ['throw null;', 'SETUP_FAILED', /null/],
  ];
  for (const [code, expected, message] of cases) {
    const source = { kind: 'code', code: `exports.setup = function () {\n  ${code}\n};`, main: 'X.js' } as const;
    const error = await refusalOf(swarmletFrom(source, { setupMs: 1000 }));
    assert.is(error.code, expected, code);
    assert.match(error.message, message);
    assert.not.match(error.message, '\n');
  }
  const files = folderWith({
    'Bad.js': 'exports.setup = function () {\n  var x = };\n',
    'Unfinished.js': 'exports.setup = function () {\n  this.output(',
    'Worse.ts': 'const a: number = ;\n',
    'Throws.js': 'exports.setup = function () {\n  nothing();\n};',
  });
  const problem = async (name: string): Promise<string> =>
    (await refusalOf(swarmletFrom({ kind: 'file', name: join(files.path, name) }))).message;
  assert.is(await problem('Bad.js'), `${files.path}/Bad.js:2:11: SyntaxError: Unexpected token '}': var x = };`);
  assert.is(await problem('Unfinished.js'), `${files.path}/Unfinished.js:2:15: SyntaxError: Unexpected end of input: this.output(`);
  assert.match(await problem('Worse.ts'), /Worse\.ts:1:\d+: .*: const a: number = ;$/);
  assert.match(await problem('Throws.js'), `nothing is not defined (at ${files.path}/Throws.js:2:3)`);
  files.remove();
});

function thrownBy(step: () => unknown): { readonly code: string; readonly message: string } {
  try {
    step();
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('it did not throw');
}

async function refusalOf(promise: Promise<unknown>): Promise<{ readonly code: string; readonly message: string }> {
  try {
    await promise;
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('it was not refused');
}

it.run();
