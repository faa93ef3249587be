import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openLog, silentLog } from '../../src/audit/index.ts';
import { PluginHost, type PluginSettings } from '../../src/plugin-host.ts';
import { Policy } from '../../src/trust/index.ts';
import { FakeTier } from '../support/fake-tier.ts';
import { folderWith } from '../support/folder.ts';
import { bounded } from '../support/live.ts';
import { rejection } from '../support/rejection.ts';
import { root } from '../support/run.ts';
import { alice, openBox, type TestBox } from '../support/service.ts';
import { deployOf, sealed } from '../support/signed.ts';

const it = suite('the plugins of a box');
let folder: { path: string; remove(): void };
let box: TestBox;
let host: PluginHost;
let lines: string[];
const looks: (() => void)[] = [];
const statement = (swarmlet: string): string => JSON.stringify(sealed(deployOf(swarmlet, 1, 'exports.setup = function () {};'), alice));

it.before.each(async () => {
  folder = folderWith({ rooms: '545 127.0.0.1:1\n', statements: '', 'in/keep.txt': '' });
  cpSync(join(root, 'test/support/example-plugin'), join(folder.path, 'node_modules/@acme/swarm-rooms'), { recursive: true });
  box = await openBox();
  lines = [];
});
it.after.each(async () => {
  await host.close();
  await box.close();
  folder.remove();
});

const settings = (given: Partial<PluginSettings>): PluginSettings => ({
  folder: folder.path,
  place: '',
  plugins: ['@acme/swarm-rooms'],
  discovery: null,
  sources: null,
  sinks: null,
  modules: null,
  tiers: null,
  ...given,
});

async function start(given: Partial<PluginSettings>): Promise<void> {
  const write = (line: string): void => {
    lines.push(line);
    for (const look of looks.splice(0)) look();
  };
  let opened: PluginHost | undefined;
  const log = openLog({ destination: { write }, also: { write: (line) => opened?.lines.write(line) } });
  host = await PluginHost.open(settings(given), () => log, 20);
  opened = host;
  await host.beginSinks();
  await host.begin(undefined, (envelope, from) => box.service.submit(envelope, from));
}

/** Resolves with the first line of the log that fits. */
function logged(pattern: RegExp): Promise<string> {
  return bounded(
    new Promise((resolve) => {
      const look = (): void => {
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) resolve(found);
        else looks.push(look);
      };
      look();
    }),
    `a line like ${pattern}`,
  );
}

/** Resolves when the only box out there has that room. */
async function found(room: string): Promise<void> {
  await bounded(
    new Promise<void>((resolve) => {
      const look = (): void => {
        if (host.neighbourhood.boxes.map(({ labels }) => labels.room).join() === room) resolve();
        else host.neighbourhood.once('boxes', look);
      };
      look();
    }),
    `a box in ${room}`,
  );
}

it('come from a package and do what their options say', async () => {
  writeFileSync(join(folder.path, 'statements'), `${statement('lamp')}\nnonsense\n`);
  await start({
    discovery: { rooms: { file: 'rooms' } },
    sources: { lines: { file: 'statements' } },
    sinks: { events: { file: 'events' } },
  });
  await logged(/"plugin":"discovery rooms","message":"1 boxes in/);
  await found('545');
  await logged(/"plugin":"source lines","message":"lamp is running"/);
  await logged(/"plugin":"source lines","message":"MALFORMED: /);
  assert.equal(
    box.log.filter(({ event }) => event === 'accepted').map(({ address }) => address),
    ['source lines'],
  );
  await host.close();
  const events = readFileSync(join(folder.path, 'events'), 'utf8');
  assert.match(events, /^plugin discovery rooms 1 boxes in/m);
  assert.match(events, /^plugin source lines lamp is running$/m);
});

it('may throw where nobody can catch it: the box and the others go on', async () => {
  await start({ discovery: { careless: {}, rooms: { file: 'rooms' } } });
  await logged(/"plugin":"discovery careless","message":"failed: careless; it is begun anew in 1 s"/);
  await found('545');
  assert.is(box.service.unready, undefined);
});

it('follow the configuration, and stay as they are when it is wrong', async () => {
  await start({ discovery: { rooms: { file: 'rooms' } } });
  await found('545');
  assert.is((await rejection(host.reload(settings({ discovery: { room: {} } })))).code, 'BAD_OPTION');
  await rejection(host.reload(settings({ plugins: ['nowhere'] })));
  assert.is(host.neighbourhood.boxes.length, 1);
  writeFileSync(join(folder.path, 'other'), '546 127.0.0.1:1\n');
  await host.reload(settings({ discovery: { rooms: { file: 'other' } }, sinks: { file: { path: 'box.log' } } }));
  await found('546');
  await host.close();
  assert.match(readFileSync(join(folder.path, 'box.log'), 'utf8'), /"plugin":"discovery rooms","message":"1 boxes in .*other"/);
});

it('bring statements from a folder, and show what was refused', async () => {
  writeFileSync(join(folder.path, 'in/a.json'), statement('lamp'));
  writeFileSync(join(folder.path, 'in/b.json'), '{}');
  await start({ sources: { folder: { path: 'in' } } });
  await logged(/"plugin":"source folder","message":".*b\.json: .*payloadType/);
  assert.is(box.service.status('lamp').state, 'running');
  await host.close();
  assert.equal(readdirSync(join(folder.path, 'in')).sort(), ['b.json.refused', 'keep.txt']);
});

for (const isolation of ['process', 'inline']) {
  it(`give swarmlets modules of their own, for a capability (${isolation})`, async () => {
    await start({ modules: { 'acme-greeter': { greeting: 'ahoy' } } });
    const policy = Policy.parse([{ capabilities: ['acme-greeter'], isolation: 'inline' }], {});
    const real = await openBox({ tier: undefined, pool: 0, isolationMinimum: 'P1', policy, modules: host.modules });
    try {
      const code = `exports.setup = function () { this.output('said'); };
exports.initialize = function () { this.send('said', require('acme-greeter').greet('world')); };`;
      const said = new Promise((resolve) => real.service.on('output', ({ value }) => resolve(value)));
      await real.service.submit(sealed(deployOf('greeter', 1, code, { capabilities: ['acme-greeter'], isolation }), alice));
      assert.is(await bounded(said, 'an output'), 'ahoy world');
    } finally {
      await real.close();
    }
    const refused = await rejection(box.service.submit(sealed(deployOf('greeter', 1, '', { capabilities: ['acme-greeter'] }), alice)));
    assert.is(refused.code, 'FORBIDDEN');
  });
}

it('take the place of a way to isolate', async () => {
  const tier = new FakeTier();
  writeFileSync(
    join(folder.path, 'tier.mjs'),
    `export const plugins = [{ kind: 'isolation', name: 'fake', tier: 'process', parse: (raw) => raw, create: async () => globalThis.fakeTier }];`,
  );
  Object.assign(globalThis, { fakeTier: tier });
  await start({ plugins: ['./tier.mjs'], tiers: { fake: {} } });
  const other = await openBox({ tier: undefined, tiers: host.tiers });
  await other.service.submit(sealed(deployOf('lamp', 1, 'exports.setup = function () {};'), alice));
  assert.is(tier.last.image?.name, 'lamp');
  await other.close();
});

it('cannot hold up the start of a box, nor end it, with a module that is not made', async () => {
  writeFileSync(
    join(folder.path, 'modules.mjs'),
    `const module = (name, create) => ({ kind: 'module', name, parse: (raw) => raw, create });
export const plugins = [
  module('never', () => new Promise(() => {})),
  module('thrown', () => { throw new Error('no licence'); }),
  module('empty', async () => ({})),
  module('crashing', async () => { setTimeout(() => { throw new Error('later'); }); return { code: '' }; }),
  module('talking', async (_, { log }) => { log('info', 'made'); return { code: '' }; }),
];`,
  );
  await start({ plugins: ['./modules.mjs'], modules: { never: {}, thrown: {}, empty: {}, crashing: {}, talking: {} } });
  const refused = 'swarmlets that ask for it are refused';
  await logged(new RegExp(`"plugin":"module never","message":"not made within 0.02 s; ${refused}"`));
  await logged(new RegExp(`"plugin":"module thrown","message":"no licence; ${refused}"`));
  await logged(new RegExp(`"plugin":"module empty","message":"its create should give {code}, it gave undefined; ${refused}"`));
  await logged(/"plugin":"module crashing","message":"failed: later"/);
  await logged(/"plugin":"module talking","message":"made"/);
  assert.equal([...host.modules.keys()], ['crashing', 'talking']);
});

it('are no weaker wall than the one that was chosen: without its tier a box does not start', async () => {
  writeFileSync(
    join(folder.path, 'never.mjs'),
    `export const plugins = [{ kind: 'isolation', name: 'never', tier: 'process', parse: (raw) => raw, create: () => new Promise(() => {}) }];`,
  );
  await start({ plugins: ['./never.mjs'], tiers: { never: {} } });
  const refused = await rejection(openBox({ tier: undefined, tiers: host.tiers }));
  assert.match(refused.message, /tiers\.never should be a plugin that makes its tier \(not made within 0\.02 s\)/);
});

it('bring no module in the place of one of this package', async () => {
  await start({});
  writeFileSync(
    join(folder.path, 'mqtt.mjs'),
    `export const plugins = [{ kind: 'module', name: 'mqtt', parse: (raw) => raw, create: async () => ({ code: '' }) }];`,
  );
  const refused = await rejection(PluginHost.open(settings({ plugins: ['./mqtt.mjs'], modules: { mqtt: {} } }), () => silentLog));
  assert.match(refused.message, /modules\.mqtt should be a module that this package does not have itself/);
});

it('say it when the folder is not there, and look again', async () => {
  await start({ sources: { folder: { path: 'nowhere' } } });
  await logged(/"plugin":"source folder","message":"failed: ENOENT.*nowhere.*; it is begun anew in 1 s"/);
});

it.run();
