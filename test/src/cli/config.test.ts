import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Person } from '../../support/cli.ts';
import { folderWith } from '../../support/folder.ts';

const it = suite('accessors config');
const folder = folderWith({ 'good.yaml': 'name: a', 'bad.yaml': 'name: a\nlissten: x' });
it.after(() => folder.remove());
const someone = new Person(folder.path, { SWARMBOX_POOL: '4' });

it('explains every value with where it comes from', async () => {
  const { code, out, err } = await someone.type(['config', 'explain', '--label', 'room=545']);
  assert.is(code, 0);
  assert.match(out, /^pool +4 +SWARMBOX_POOL$/m);
  assert.match(out, /^labels\.room +545 +--label$/m);
  assert.match(out, /^limits\.memoryMiB +128 +default$/m);
  assert.match(out, /^policy +- +default$/m);
  assert.match(err, /There is no file: none of .*swarmbox\.yaml/);
});

it('explains in JSON, with the file that was found', async () => {
  mkdirSync(join(folder.path, 'config/accessors'), { recursive: true });
  const file = join(folder.path, 'config/accessors/swarmbox.yaml');
  writeFileSync(file, 'name: b');
  const { out, err } = await someone.type(['config', 'explain', '--json']);
  const { settings, ...rest } = JSON.parse(out);
  assert.equal([rest, err], [{ file }, '']);
  assert.equal(
    settings.find(({ key }: { key: string }) => key === 'name'),
    { key: 'name', value: 'b', origin: { kind: 'file', name: `${file}:1` } },
  );
});

it('takes a wrong flag for a matter of usage, and a wrong variable not', async () => {
  const flag = await someone.type(['config', 'explain', '--pool', 'many']);
  assert.equal([flag.code, flag.err], [2, 'accessors: --pool should be a whole number, got "many"\n']);
  const variable = await new Person(folder.path, { SWARMBOX_POOL: 'many' }).type(['config', 'explain']);
  assert.is(variable.code, 1);
});

it('checks a file, whatever the variables say', async () => {
  const { code, out } = await someone.type(['config', 'check', join(folder.path, 'good.yaml')]);
  assert.equal([code, out], [0, `${join(folder.path, 'good.yaml')} has no mistakes\n`]);
  const bad = await someone.type(['config', 'check', join(folder.path, 'bad.yaml')]);
  assert.is(bad.code, 1);
  assert.match(bad.err, /bad\.yaml:2: there is no setting "lissten" \(did you mean listen\?\)/);
  assert.is((await someone.type(['config', 'check', join(folder.path, 'absent.yaml')])).code, 1);
});

it('checks the options of plugins too, which only they know', async () => {
  const file = join(folder.path, 'plugins.yaml');
  writeFileSync(file, 'discovery: { file_sd: { file: x } }');
  const { code, err } = await someone.type(['config', 'check', file]);
  assert.is(code, 1);
  assert.match(err, /plugins\.yaml: discovery\.file_sd should be files: expected a list of paths/);
});

it('prints the schema', async () => {
  const { out } = await someone.type(['config', 'schema']);
  assert.equal(JSON.parse(out).properties.swarmlets, {
    type: 'integer',
    minimum: 1,
    maximum: 9999,
    description: 'the most that it has at a time; a rule of the policy may say how many of one key',
    default: 256,
  });
});

it.run();
