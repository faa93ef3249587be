import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folderWith } from '../../support/folder.ts';
import { invoke, type Ran, root, run } from '../../support/run.ts';

const it = suite('command line');
const folder = folderWith({
  'Bad.js': 'exports.setup = function () {\n  this.input(;\n};\n',
  'BadType.ts': 'export function setup() {\n  this.input(;\n}\n',
  'First.js': "exports.setup = function () {}; exports.initialize = function () { console.log('first'); this.stop(); };",
  'Nothing.js': 'var x = 1;\n',
  'Inner.js': "exports.setup = function () { this.instantiate('a', 'no/Such'); };",
  'Setup.js': "exports.setup = function () { throw new Error('setup says no'); };",
  'Wrapup.js':
    "exports.setup = function () {}; exports.initialize = function () { this.stopAt(10); }; exports.wrapup = function () { throw new Error('wrapup says no'); };",
  'Exits.js':
    "exports.setup = function () {}; exports.initialize = function () { process.exit(7); }; exports.wrapup = function () { console.log('wrapped'); };",
  'Types.js':
    "exports.setup = function () { this.input('n', {type: 'number'}); }; exports.initialize = function () { this.provideInput('n', {}); };",
  'invoke.js': `require(${JSON.stringify(join(root, 'dist/index.cjs'))});invoke(process.argv);`,
  'told.js': `
    const before = new Set(process.moduleLoadList);
    process.on('exit', () => {
      const modules = process.moduleLoadList.filter((name) => !before.has(name));
      console.log(JSON.stringify({ files: Object.keys(require.cache), modules }));
    });`,
  'compiled.js': `
    const vm = require('vm');
    const { Script } = vm;
    vm.Script = class extends Script {
      constructor(...args) {
        super(...args);
        console.log(this.cachedDataRejected ? 'parsed' : 'compiled ahead');
      }
    };`,
  'Slow.js': `exports.setup = function () { this.output('y'); };
    exports.initialize = function () { var n = 0, me = this; setInterval(function () { console.log(++n); if (n === 4) me.stop(); }, 3600000); };`,
});
it.after(() => folder.remove());
const go = (...args: string[]): Promise<Ran> => invoke(args, { cwd: folder.path });

it('tells file, line, column and the line of a syntax error in one line, also of TypeScript', async () => {
  for (const [name, pattern] of [
    ['Bad', /Bad\.js:2:14: SyntaxError: Unexpected token ';': this\.input\(;\n$/],
    ['BadType', /BadType\.ts:2:14: .*: this\.input\(;\n$/],
  ] as const) {
    const { code, stdout, stderr } = await go(name);
    assert.is(code, 1);
    assert.match(stderr, pattern);
    assert.is(stdout, stderr);
    assert.is(stderr.trim().split('\n').length, 1);
  }
});

it('names a file that is no accessor', async () => {
  const { code, stderr } = await go('Nothing.js');
  assert.is(code, 1);
  assert.match(stderr, /^\S+Nothing\.js is no accessor: it exports none of setup, initialize, fire and wrapup\.\n$/);
});

it('lists every place where a class was looked for, also one inside a swarmlet, and ends with 1', async () => {
  for (const name of ['no/Such', 'Inner']) {
    const { code, stderr } = await go(name);
    assert.is(code, 1);
    assert.match(stderr, /^Accessor no\/Such\.js not found on path: .*no\/Such\.js, .*no\/Such\.ts/);
    assert.is(stderr.trim().split('\n').length, 1);
  }
});

it('ends with 1 when setup throws, when a port gets the wrong type, and when wrapup throws at the end', async () => {
  const setup = await go('Setup');
  assert.is(setup.code, 1);
  assert.match(setup.stderr, /setup says no/);
  const types = await go('Types');
  assert.is(types.code, 1);
  assert.match(types.stderr, /n expected an int, but got a object/);
  const wrapup = await go('Wrapup');
  assert.is(wrapup.code, 1);
  assert.match(wrapup.stderr, /wrapup says no/);
});

it('keeps the status of a process.exit inside an accessor and wraps up', async () => {
  const { code } = await go('Exits');
  assert.is(code, 7);
});

it('refuses a timeout that is no number', async () => {
  const { code, stderr } = await go('-timeout', 'soon', 'Slow');
  assert.is(code, 1);
  assert.match(stderr, /^-timeout should be followed by milliseconds, got soon\n$/);
});

it('loads nothing of the deployment service, and no module that it does not need, to run a file', async () => {
  const { stdout, stderr } = await run(process.execPath, ['-r', './told.js', 'invoke.js', 'First.js'], { cwd: folder.path });
  const { files, modules } = JSON.parse(stdout.split('\n')[1] ?? stderr) as { files: string[]; modules: string[] };
  assert.equal(files.slice(2), [join(root, 'dist/index.cjs')]);
  const heavy = modules.filter((name) =>
    /NativeModule (?:crypto|http|https|tls|dgram|readline|child_process|worker_threads|zlib|perf_hooks|module)$/.test(name),
  );
  assert.equal(heavy, []);
});

it('starts from what was compiled ahead, and from the source where V8 finds that this does not fit', async () => {
  const start = (...flags: string[]): Promise<Ran> =>
    run(process.execPath, [...flags, '-r', './compiled.js', 'invoke.js', 'First.js'], { cwd: folder.path });
  assert.is((await start()).stdout, 'compiled ahead\nfirst\n');
  assert.is((await start('--no-flush-bytecode')).stdout, 'parsed\nfirst\n');
});

it('prints the usage on standard error and ends with 0 when there is nothing to do', async () => {
  const { code, stdout, stderr } = await go();
  assert.is(code, 0);
  assert.is(stdout, '');
  assert.match(stderr, /^Usage: /);
});

it.run();
