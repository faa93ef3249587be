import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AccessorApi, type Bindings, Host, type SimulatedClock, type Source } from '../../../hosts/common/index.ts';
import { compile } from '../../../hosts/node/index.ts';
import { library, printed, react, sent } from '../../support/library.ts';

const it = suite('GetResource, GetAccessor');
let folder = '';
let server: Server;
let url = '';

it.before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'get-resource-'));
  writeFileSync(join(folder, 'lamp.txt'), 'ön');
  writeFileSync(join(folder, 'gain.js'), "exports.setup = function () { this.output('gain'); };");
  server = createServer((request, response) => {
    response.statusCode = request.url === '/lamp' ? 200 : 404;
    response.end('from the network');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

it.after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** A host whose `getResource` leaves the answers of asynchronous reading to the test. */
function manual(): {
  make(accessorClass: string): AccessorApi;
  asked: unknown[][];
  answers: ((status: unknown, value: unknown) => void)[];
} {
  const { node, clock } = library();
  const asked: unknown[][] = [];
  const answers: ((status: unknown, value: unknown) => void)[] = [];
  const getResource = (...args: unknown[]): unknown => {
    asked.push(args.slice(0, 2));
    const [resource, , callback] = args;
    if (callback === null) return `text of ${resource}`;
    answers.push(callback as (status: unknown, value: unknown) => void);
    return undefined;
  };
  const bindings = (_source: Source): Bindings => ({ getResource });
  const host = new Host({ clock, compile, load: node.host.load, bindings });
  return { make: (accessorClass) => host.instantiate('it', accessorClass), asked, answers };
}

/** Time passes until that many outputs are there. */
async function until(outputs: readonly unknown[], count: number, clock: SimulatedClock): Promise<void> {
  for (let ms = 0; outputs.length < count; ms++) {
    assert.ok(ms < 10_000, `${count} outputs did not come`);
    await clock.advance(1);
  }
}

it('reads a file in the reaction of the trigger', () => {
  assert.equal(react(library().run('utilities/GetResource'), { resource: join(folder, 'lamp.txt'), trigger: true }), { output: 'ön' });
});

it('finds a file beside the swarmlet', () => {
  writeFileSync(
    join(folder, 'swarmlet.js'),
    `exports.setup = function () {
      this.input('trigger'); this.output('output');
      const get = this.instantiate('get', 'utilities/GetResource');
      get.setDefault('resource', 'lamp.txt');
      this.connect('trigger', get, 'trigger'); this.connect(get, 'output', 'output');
    };`,
  );
  assert.equal(react(library().run(join(folder, 'swarmlet.js')), { trigger: true }), { output: 'ön' });
});

it('is triggered by nothing but its trigger, and hands the options on', () => {
  const { make, asked } = manual();
  const get = make('utilities/GetResource');
  get.initialize();
  assert.equal(react(get, { resource: 'a', options: { encoding: 'latin1' } }), {});
  assert.equal(react(get, { resource: 'b', options: { encoding: 'latin1' }, trigger: 1 }), { output: 'text of b' });
  assert.equal(react(get, { trigger: 1 }), { output: 'text of https://ptolemy.berkeley.edu/accessors/' });
  assert.equal(asked, [
    ['b', { encoding: 'latin1' }],
    ['https://ptolemy.berkeley.edu/accessors/', ''],
  ]);
});

it('refuses to read a URL synchronously, with a message that says what to do', () => {
  const get = library().run('utilities/GetResource');
  get.provideInput('resource', `${url}/lamp`);
  get.provideInput('trigger', true);
  assert.throws(() => get.react(), /cannot be read synchronously; set parameter synchronous to false/);
});

it('reads URLs and files asynchronously', async () => {
  const { clock, run } = library();
  const get = run('utilities/GetResource', { synchronous: false });
  const outputs = sent(get);
  react(get, { resource: `${url}/lamp`, trigger: true });
  react(get, { resource: join(folder, 'lamp.txt'), trigger: true });
  assert.equal(outputs, []);
  await until(outputs, 2, clock);
  assert.equal(outputs, [
    ['output', 'from the network'],
    ['output', 'ön'],
  ]);
});

it('reports what cannot be read asynchronously, and goes on', async () => {
  const { clock, run } = library();
  const get = run('utilities/GetResource', { synchronous: false });
  const outputs = sent(get);
  const { err } = await printed(async () => {
    react(get, { resource: `${url}/missing`, trigger: true });
    react(get, { resource: join(folder, 'missing'), trigger: true });
    react(get, { resource: join(folder, 'lamp.txt'), trigger: true });
    await until(outputs, 1, clock);
  });
  assert.equal(outputs, [['output', 'ön']]);
  assert.is(err.length, 2);
  assert.match(err.join('\n'), /\/missing.*404/);
  assert.match(err.join('\n'), /ENOENT/);
});

it('sends in the order of the triggers when answers come in another', async () => {
  const { make, answers } = manual();
  const get = make('utilities/GetResource');
  get.setParameter('synchronous', false);
  get.initialize();
  const outputs = sent(get);
  for (let i = 0; i < 4; i++) react(get, { trigger: i });
  answers[2]?.(null, 'c');
  assert.equal(outputs, []);
  answers[0]?.(null, 'a');
  assert.equal(outputs, [['output', 'a']]);
  await printed(() => answers[1]?.('gone', null));
  answers[3]?.(null, 'd');
  assert.equal(
    outputs.map(([, value]) => value),
    ['a', 'c', 'd'],
  );
});

it('drops answers to what was asked before a wrapup', () => {
  const { make, answers } = manual();
  const get = make('utilities/GetResource');
  get.setParameter('synchronous', false);
  get.initialize();
  react(get, { trigger: 1 });
  get.wrapup();
  get.initialize();
  const outputs = sent(get);
  answers[0]?.(null, 'late');
  react(get, { trigger: 2 });
  answers[1]?.(null, 'new');
  react(get, { trigger: 3 });
  get.wrapup();
  const ended = sent(get);
  answers[2]?.(null, 'too late');
  assert.equal([outputs, ended], [[['output', 'new']], []]);
});

it('lets a derived accessor filter what is sent and replace the handler', () => {
  const { node } = library();
  const path = JSON.stringify(join(folder, 'lamp.txt'));
  const derived = (body: string): AccessorApi => {
    const accessor = node.host.instantiateFromCode('it', `exports.setup = function () { this.extend('utilities/GetResource'); };${body}`);
    accessor.setDefault('resource', JSON.parse(path));
    accessor.initialize();
    return accessor;
  };
  const shouting = derived("exports.filterResponse = function (text) { return this.getName() + ' ' + text.toUpperCase(); };");
  assert.equal(react(shouting, { trigger: true }), { output: 'it ÖN' });
  const replaced = derived("exports.handleTrigger = function () { this.send('output', this.get('trigger')); };");
  assert.equal(react(replaced, { trigger: 5 }), { output: 5 });
});

it('GetAccessor sends source with the maps of the trigger, for the resource last received', () => {
  const { make } = manual();
  const get = make('utilities/GetAccessor');
  get.initialize();
  assert.equal(react(get, { trigger: 1 }), {}, 'nothing received yet');
  assert.equal(react(get, { resource: 'a.js' }), {});
  assert.equal(react(get, { trigger: 1 }), { output: { accessor: 'text of a.js', parameterMap: {}, inputMap: {} } });
  assert.equal(react(get, { trigger: 1, parameterMap: { gain: 3 }, inputMap: { input: 1 } }), {
    output: { accessor: 'text of a.js', parameterMap: { gain: 3 }, inputMap: { input: 1 } },
  });
  assert.equal(react(get, { resource: 'b.js', trigger: 1 }), { output: { accessor: 'text of b.js', parameterMap: {}, inputMap: {} } });
});

it('GetAccessor sends empty text for the resource false, and forgets at initialization', () => {
  const { make } = manual();
  const get = make('utilities/GetAccessor');
  get.initialize();
  assert.equal(react(get, { resource: false, trigger: 1 }), { output: '' });
  assert.equal(react(get, { trigger: 1 }), { output: '' });
  get.wrapup();
  get.initialize();
  assert.equal(react(get, { trigger: 1 }), {});
});

it('GetAccessor keeps the maps of each trigger when answers come late', () => {
  const { make, answers } = manual();
  const get = make('utilities/GetAccessor');
  get.setParameter('synchronous', false);
  get.initialize();
  const outputs = sent(get);
  react(get, { resource: 'a.js', trigger: 1, parameterMap: { gain: 1 } });
  react(get, { trigger: 1, parameterMap: { gain: 2 } });
  answers[1]?.(null, 'second');
  answers[0]?.(null, 'first');
  assert.equal(
    outputs.map(([, value]) => value),
    [
      { accessor: 'first', parameterMap: { gain: 1 }, inputMap: {} },
      { accessor: 'second', parameterMap: { gain: 2 }, inputMap: {} },
    ],
  );
});

it('what GetAccessor sends reifies a mutable accessor', () => {
  const { node } = library();
  const top = node.host.instantiateFromCode(
    'top',
    `exports.setup = function () {
      this.input('resource', {type: 'JSON'}); this.input('trigger'); this.output('state');
      const get = this.instantiate('get', 'utilities/GetAccessor');
      const mutable = this.instantiate('mutable', 'utilities/Mutable');
      this.connect('resource', get, 'resource'); this.connect('trigger', get, 'trigger');
      this.connect(get, 'output', mutable, 'accessor'); this.connect(mutable, 'state', 'state');
    };`,
  );
  top.initialize();
  assert.equal(react(top, { resource: join(folder, 'gain.js'), trigger: true }), { state: true });
  assert.equal(react(top, { resource: false, trigger: true }), { state: false });
});

it.run();
