import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SpawnOptions } from '../../../../hosts/node/edge/index.ts';
import { enclosing } from '../../../../hosts/node/isolate/enclosure.ts';
import { probeLevels } from '../../../../hosts/node/isolate/index.ts';
import { findTools } from '../../../../hosts/node/isolate/launch.ts';
import { folderWith } from '../../../support/folder.ts';
import { needing } from '../../../support/live.ts';
import { programsWith } from '../../../support/programs.ts';

const it = suite('programs behind a wall');
const { bwrap, setpriv } = findTools();
const { level } = await probeLevels();
const folder = folderWith({ box_ed25519: 'the key of the box' });
it.after(folder.remove);
const walled = needing(it, 'bwrap that works', level === 'P3' && bwrap);

const enclose = (program: SpawnOptions) => enclosing({ bwrap: bwrap as string, setpriv }, folder.path)(program, 16);
const enclosed = (script: string) => enclose({ command: 'sh', args: ['-c', script] });
function said(script: string): string {
  const { command, args } = enclosed(script);
  return spawnSync(command, args, { encoding: 'utf8' }).stdout.trim();
}

walled('see the system, and nothing of the state of the box', () => {
  writeFileSync(join(folder.path, 'store.db'), '');
  assert.is(said(`ls ${folder.path}; cat ${folder.path}/box_ed25519 2>/dev/null; test -x /bin/sh && echo on`), 'on');
});

walled('write nowhere but in a /tmp of their own', () => {
  const script = '(echo x > /etc/from-a-program) 2>/dev/null || echo refused; echo on > /tmp/from-a-program && cat /tmp/from-a-program';
  assert.is(said(script), 'refused\non');
  assert.not(existsSync('/tmp/from-a-program'));
  assert.is(said('mount -o remount,rw / 2>/dev/null || echo refused'), 'refused');
});

walled('fill their /tmp only as far as their swarmlet may fill memory', () => {
  assert.is(said('head -c 8M /dev/zero > /tmp/fits && head -c 20M /dev/zero > /tmp/much 2>/dev/null || echo full'), 'full');
});

const asRoot = needing(it, 'a box of root, and setpriv', level === 'P3' && process.getuid?.() === 0 && setpriv);
asRoot('of a box that is root read nothing that is for root only, and become nobody else', () => {
  const secret = mkdtempSync('/var/lib/of-root-'); // outside of all that is hidden
  try {
    writeFileSync(join(secret, 'key'), 'the key of root', { mode: 0o600 });
    chmodSync(secret, 0o755);
    assert.is(said(`cat ${secret}/key 2>/dev/null || echo refused`), 'refused');
    assert.is(said(`cat /etc/shadow 2>/dev/null || echo refused`), 'refused');
    assert.is(said('id -u; id -G; grep -E "^Cap(Prm|Eff|Bnd)" /proc/self/status | cut -f2 | uniq'), '65534\n65534\n0000000000002000'); // net_raw
    assert.is(said('unshare --user --map-root-user cat /etc/shadow 2>/dev/null || echo refused'), 'refused');
  } finally {
    rmSync(secret, { recursive: true });
  }
});

walled('are found on a PATH of which a folder cannot be looked at', () => {
  const path = process.env.PATH;
  process.env.PATH = `${folder.path}/box_ed25519:${'x'.repeat(5000)}:${path}`; // no folder, and a name that is too long
  try {
    assert.is(said('echo on'), 'on');
  } finally {
    process.env.PATH = path;
  }
});

walled('see no process of the box', () => {
  assert.is(said(`kill -0 ${process.pid} 2>/dev/null || echo nobody`), 'nobody');
});

walled('tell how they end', () => {
  const { command, args } = enclosed('exit 3');
  assert.is(spawnSync(command, args).status, 3);
  const missing = enclose({ command: 'no-such-program', args: [] });
  assert.is(missing.command, 'no-such-program');
});

walled('leave nothing behind when they are killed, not even what has left their group', async () => {
  const marker = `${80_000 + process.pid}.1`;
  const { command, args } = enclosed(`setsid sleep ${marker} & sleep ${marker}`);
  const child = spawn(command, args, { detached: true, stdio: 'ignore' });
  const until = async (holds: () => boolean): Promise<void> => {
    const deadline = Date.now() + 10_000;
    while (!holds()) {
      if (Date.now() > deadline) throw new Error(`Waited for ${holds}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await until(() => programsWith(marker) >= 2);
  process.kill(-(child.pid as number), 'SIGKILL');
  await until(() => programsWith(marker) === 0);
});

it.run();
