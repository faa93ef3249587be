import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadPackages, Registry } from '../../../src/plugins/index.ts';
import { folderWith } from '../../support/folder.ts';
import { rejection } from '../../support/rejection.ts';
import { root } from '../../support/run.ts';

const it = suite('a registry of plugins');
const good = { kind: 'log', name: 'good', parse: (raw: unknown) => raw, create: () => ({}) };
const folder = folderWith({
  'none.mjs': 'export const other = 1;',
  'throws.mjs': 'throw new Error("no luck");',
  'bad.mjs': 'export const plugins = [{ kind: "log", name: "Bad" }];',
  'old.cjs': 'exports.plugins = [{ kind: "log", name: "old", parse: (raw) => raw, create: () => ({}) }];',
});
cpSync(join(root, 'test/support/example-plugin'), join(folder.path, 'node_modules/@acme/swarm-rooms'), { recursive: true });
it.after(folder.remove);

it('takes what packages export, from where the configuration is, of either module system', async () => {
  const registry = new Registry();
  await loadPackages(registry, ['@acme/swarm-rooms', './old.cjs'], folder.path);
  assert.equal(
    [registry.names('discovery'), registry.names('source'), registry.names('log')],
    [['rooms', 'careless'], ['lines'], ['events', 'old']],
  );
});

it('names the package that is no good, and why', async () => {
  const cases: [name: string, message: RegExp][] = [
    ['@acme/swarm-roms', /plugins should be a package that can be found from .* \(Cannot find module '@acme\/swarm-roms'\)/],
    ['./none.mjs', /plugins: \.\/none\.mjs should be a package that exports a list `plugins`/],
    ['./throws.mjs', /a package that loads \(no luck\)/],
    ['./bad.mjs', /plugins: name in \.\/bad\.mjs should be 1 to 64 of a-z/],
  ];
  for (const [name, message] of cases) {
    assert.match((await rejection(loadPackages(new Registry(), [name], folder.path))).message, message);
  }
});

it('looks at everything that a plugin is made of', () => {
  const cases: [candidate: unknown, message: RegExp][] = [
    [null, /kind in x should be one of discovery, source, log/],
    [{ ...good, kind: 'logs' }, /kind in x/],
    [{ ...good, name: 'no way' }, /name in x/],
    [{ ...good, parse: 1 }, /good\.parse in x should be a function, got "number"/],
    [{ ...good, create: undefined }, /good\.create in x should be a function/],
    [good, /plugins should be one log good only, got "x"/],
  ];
  for (const [candidate, message] of cases)
    assert.throws(() => {
      const registry = new Registry();
      registry.register(good, 'before');
      registry.register(candidate, 'x');
    }, message);
});

it('gives what is configured a key that changes with its options only', () => {
  const registry = new Registry();
  registry.register(good, 'x');
  const keys = (section: unknown) => registry.configure('log', section, 'sinks').map(({ key, label }) => [key, label]);
  assert.equal(
    keys({ good: [{ a: 1 }, { a: 2 }] }).map(([, label]) => label),
    ['good[0]', 'good[1]'],
  );
  assert.is(keys({ good: { a: 1 } })[0]?.[0], keys({ good: [{ a: 1 }, { a: 2 }] })[0]?.[0]);
  assert.is.not(keys({ good: { a: 1 } })[0]?.[0], keys({ good: { a: 2 } })[0]?.[0]);
  assert.equal(keys(null), []);
});

it.run();
