import { once } from 'node:events';
import { chmodSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { clock, stateFolder, trust } from '../../../src/cli/checks.ts';
import { Person } from '../../support/cli.ts';
import { folderWith } from '../../support/folder.ts';
import { alice, openBox } from '../../support/service.ts';
import { trustLine } from '../../support/signed.ts';

const it = suite('accessors doctor');
const folder = folderWith({ trusted_keys: trustLine('alice@lab', alice), empty: '# nobody\n', odd: 'nonsense\n' });
const person = new Person(folder.path);
it.after(() => folder.remove());
const free = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--isolation-minimum', 'P1'];

interface Finding {
  readonly name: string;
  readonly level: string;
  readonly text: string;
  readonly mend?: string;
}

async function examined(...flags: string[]): Promise<{ code: number; healthy: boolean; of(name: string): Finding }> {
  const { code, out } = await person.type(['doctor', '--json', ...flags]);
  const { healthy, findings } = JSON.parse(out) as { healthy: boolean; findings: Finding[] };
  return {
    code,
    healthy,
    of: (name) =>
      findings.find((finding) => finding.name === name && finding.level !== 'good') ??
      (findings.find((finding) => finding.name === name) as Finding),
  };
}

it('finds a machine well, and says in lines what it looked at', async () => {
  const { code, out } = await person.type(['doctor', ...free]);
  assert.is(code, 0, out);
  for (const name of ['settings', 'node', 'openssh', 'key', 'isolation', 'clock', 'state', 'disk', 'trust', 'ports']) {
    assert.match(out, new RegExp(`^(ok  |note) ${name} `, 'm'));
  }
  assert.match(out, /^note key .*'accessors key new', or name one with --identity FILE\. Only who pushes from this machine needs one\.$/m);
});

it('ends with 1 when something is bad, and says how to mend it', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const { code, healthy, of } = await examined(...free, '--listen', `127.0.0.1:${port}`, '--trusted-keys', join(folder.path, 'odd'));
  server.close();
  assert.equal([code, healthy, of('ports').level, of('trust').level], [1, false, 'bad', 'bad']);
  assert.match(of('ports').text + of('ports').mend, /in use by another program.*--listen/);
  assert.match(of('trust').text, /odd:1/);
});

it('takes a box that runs for what it is', async () => {
  const box = await openBox();
  const { code, of } = await examined(...free, '--listen', `127.0.0.1:${box.service.address?.port}`);
  await box.close();
  assert.equal([code, of('ports').level], [0, 'good']);
});

it('goes on when the settings are wrong, and names them', async () => {
  writeFileSync(join(folder.path, 'box.yaml'), 'lisen: x');
  const { code, of } = await examined('--config', join(folder.path, 'box.yaml'));
  assert.is(code, 1);
  assert.match(of('settings').text, /box\.yaml:1: .*did you mean listen/);
  assert.match(of('node').text, process.versions.node);
});

it('looks at who may write and read what a box keeps', () => {
  const state = join(folder.path, 'box');
  assert.equal(
    stateFolder(state).map(({ level }) => level),
    ['good'],
  );
  mkdirSync(state, { mode: 0o700 });
  writeFileSync(join(state, 'box_ed25519'), '', { mode: 0o600 });
  assert.equal(
    stateFolder(state).map(({ level }) => level),
    ['good'],
  );
  chmodSync(state, 0o777);
  chmodSync(join(state, 'box_ed25519'), 0o640);
  assert.equal(
    stateFolder(state).map(({ mend }) => mend?.replaceAll(state, '')),
    ['chmod go-w ', 'chmod 600 /box_ed25519'],
  );
  assert.match(stateFolder(join(folder.path, 'empty'))[0]?.text ?? '', /is no folder/);
});

it('does not believe a clock that is before what it wrote itself', () => {
  const now = Date.parse('2026-11-22T18:44:29Z');
  utimesSync(join(folder.path, 'empty'), now / 1000, now / 1000);
  const old = folderWith({ file: '' });
  utimesSync(join(old.path, 'file'), now / 1000, now / 1000);
  assert.is(clock(now, old.path).level, 'good');
  assert.is(clock(now - 3_600_000, old.path).level, 'bad');
  assert.is(clock(0, old.path).level, 'bad');
  old.remove();
});

it('says when nobody may push', () => {
  assert.equal([trust(join(folder.path, 'trusted_keys')).level, trust(join(folder.path, 'empty')).level], ['good', 'fair']);
  assert.match(trust(join(folder.path, 'none')).mend ?? '', /accessors trust add/);
});

it.run();
