import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folderWith } from '../support/folder.ts';
import { type Ran, root, run } from '../support/run.ts';

const it = suite('the packed package');
const stopping =
  "exports.setup = function () {}; exports.initialize = function () { console.log('ran ' + this.accessorName); this.stop(); };";
const folder = folderWith({
  'package.json': '{"private": true}',
  'invoke.js': "require('@terraswarm/accessors');invoke(process.argv);",
  'import.mjs':
    "import { getHostName } from '@terraswarm/accessors'; import host from '@terraswarm/accessors'; console.log(getHostName(), host.getHostName === getHostName, typeof invoke);",
  'deploy.mjs': `import { connect, generateKeyPair, keyPairSigner } from '@terraswarm/accessors/deploy';
import Deploy from '@terraswarm/accessors/deploy';
const [url] = process.argv.slice(2);
const keys = generateKeyPair();
console.log(Deploy.connect === connect);
try { await connect(url, { signer: keyPairSigner(keys) }); } catch (error) { console.log(error.code); }
`,
  'deploy.ts': `import { type BoxConnection, connect, type Delivered, push, type Status } from '@terraswarm/accessors/deploy';
export async function run(): Promise<string> {
  const box: BoxConnection = await connect('ws://127.0.0.1:1', { identity: 'key' });
  box.on('output', ({ port, value }) => console.log(port.length, value));
  const delivered: Delivered = await push(box, 'Beside.js', { limits: { memoryMiB: 64 }, following: { kind: 'anything' } });
  const [status]: Status[] = await box.list();
  return delivered.digest + status?.state;
}
`,
  'types.ts': `import type { AccessorContext } from '@terraswarm/accessors';
export function setup(this: AccessorContext): void {
  this.input('x', { type: 'number', value: 0 });
  this.addInputHandler('x', function () { this.send('y', this.get('x')); });
}
export function initialize(this: AccessorContext): void { this.stop(); console.log('typed'); }
`,
  'wrong.ts': `import type { AccessorContext } from '@terraswarm/accessors';
export function setup(this: AccessorContext): void { this.inputt('x'); }
`,
  'Beside.js': stopping,
  'elsewhere/x/RampJSTest.js': stopping,
  'elsewhere/y/here': '',
});
const node = (args: readonly string[], cwd = folder.path): Promise<Ran> => run(process.execPath, args, { cwd });

const check = (file: string): Promise<Ran> =>
  node([
    join(root, 'node_modules/typescript/bin/tsc'),
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--typeRoots',
    join(root, 'node_modules/@types'),
    '--types',
    'node',
    file,
  ]);

it.before(async () => {
  const packed = await run('npm', ['pack', '--silent', '--pack-destination', folder.path], { cwd: root, limitMs: 120_000 });
  assert.is(packed.code, 0, packed.stderr);
  const [tarball] = readdirSync(folder.path).filter((name) => name.endsWith('.tgz'));
  const installed = await run('npm', ['install', '--silent', '--no-audit', '--no-fund', join(folder.path, tarball as string)], {
    cwd: folder.path,
    limitMs: 180_000,
  });
  assert.is(installed.code, 0, installed.stderr);
  copyFileSync(join(root, 'dist/accessors/test/auto/RampJSTest.js'), join(folder.path, 'RampJSTest.js'));
});
it.after(() => folder.remove());

it('runs a swarmlet wherever its path says it is', async () => {
  const invoke = join(folder.path, 'invoke.js');
  for (const [name, cwd] of [
    [join(folder.path, 'Beside.js'), folder.path],
    [join(folder.path, 'Beside'), join(folder.path, 'elsewhere')],
    ['./Beside.js', folder.path],
    ['Beside', folder.path],
    ['../x/RampJSTest', join(folder.path, 'elsewhere/y')],
  ] as const) {
    const { code, stdout, stderr } = await node([invoke, name], cwd);
    assert.is(code, 0, stderr);
    assert.match(stdout, /^ran (Beside|RampJSTest)$/m);
    assert.is(stderr, '', 'no warning either');
  }
});

it('runs RampJSTest by its path until it stops itself', async () => {
  const { code, stdout, stderr } = await node(['invoke.js', join(folder.path, 'RampJSTest.js')]);
  assert.is(code, 0, stdout + stderr);
});

it('runs a class of the library from the start file of the host, with a timeout', async () => {
  const start = 'node_modules/@terraswarm/accessors/hosts/node/nodeHostInvoke.js';
  const { code, stdout, stderr } = await node([start, '-timeout', '6000', 'test/auto/RampJSTest']);
  assert.is(code, 0, stdout + stderr);
});

it('lists the places that were tried and ends with 1 when there is no such class', async () => {
  const { code, stderr } = await node(['invoke.js', 'no/Such']);
  assert.is(code, 1);
  assert.match(stderr, /Accessor no\/Such\.js not found on path: .*no\/Such\.js, .*dist\/accessors\/no\/Such\.ts/);
});

it('tells how it is used, with status 3, when invoke is given nothing', async () => {
  const { code, stderr } = await node(['invoke.js']);
  assert.is(code, 3);
  assert.match(stderr, /^Usage: /);
});

it('gives the same host to import and require, and defines invoke', async () => {
  const { stdout, stderr } = await node(['import.mjs']);
  assert.is(stdout, 'Node true function\n', stderr);
});

it('has types for accessors in TypeScript, which run by their path', async () => {
  const right = await check('types.ts');
  assert.is(right.code, 0, right.stdout);
  const wrong = await check('wrong.ts');
  assert.match(wrong.stdout, /inputt/);
  const ran = await node(['invoke.js', 'types.ts']);
  assert.is(ran.stdout, 'typed\n', ran.stderr);
});

it('lets a program deploy, with types', async () => {
  const right = await check('deploy.ts');
  assert.is(right.code, 0, right.stdout);
  const { stdout, stderr } = await node(['deploy.mjs', 'ws://127.0.0.1:1']);
  assert.is(stdout, 'true\nBOX_NOT_REACHED\n', stderr);
});

it('runs the command', async () => {
  const { code, stdout } = await run('npx', ['--no-install', 'accessors', '--help'], { cwd: folder.path });
  assert.is(code, 0);
  assert.match(stdout, /accessors push/);
});

it('describes its accessors, makes one and tests it', async () => {
  const accessors = (...args: string[]): Promise<Ran> => run('npx', ['--no-install', 'accessors', ...args], { cwd: folder.path });
  assert.match((await accessors('describe', 'utilities/Throttle')).stdout, 'interval  number, default 1000');
  for (const args of [
    ['new', 'Lamp', '--ts'],
    ['test', 'LampTest.ts'],
  ]) {
    const { code, stderr } = await accessors(...args);
    assert.is(code, 0, stderr);
  }
});

it.run();
