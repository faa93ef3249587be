import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Program, pm2, supervisord, systemd } from '../../../src/service-manager/index.ts';
import { folderWith } from '../../support/folder.ts';

const it = suite('files for service managers');
const folder = folderWith({ 'a b/no%de': '#!/bin/sh\n' });
it.after(folder.remove);
const odd = join(folder.path, 'a b/no%de');
const program: Program = {
  command: [process.execPath, '/opt/accessors.cjs', 'box', '--config', '/etc/lab "1" $HOME 50%.yaml'],
  user: 'daemon',
  config: '/etc/swarmbox',
  state: '/var/lib/swarmbox',
};
const ofUser: Program = { ...program, user: undefined };

const canVerify = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!canVerify) console.log('skipped: systemd-analyze verify: systemd is not installed');
for (const [whose, given] of [
  ['the machine', program],
  ['a user', ofUser],
  ['a box with odd paths', { ...program, command: [odd, ...program.command.slice(1)], state: '/mnt/50% "odd"' }],
] as const) {
  (canVerify ? it : it.skip)(`makes a unit for ${whose} in which systemd finds nothing wrong`, () => {
    spawnSync('chmod', ['+x', odd]);
    const file = join(folder.path, 'swarmbox.service');
    writeFileSync(file, systemd.text(given));
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
    assert.equal([status, stdout, stderr], [0, '', '']);
  });
}

it('makes a unit that leaves the walls of swarmlets standing', () => {
  const unit = systemd.text(program);
  for (const name of 'ProtectProc ProcSubset ProtectKernelTunables ProtectKernelLogs RestrictNamespaces PrivateUsers AmbientCapabilities'.split(
    ' ',
  ))
    assert.not.match(unit, new RegExp(`^${name}=`, 'm'));
  assert.match(unit, /^SystemCallFilter=.*@mount/m);
  assert.match(unit, /^ExecStart=\S+ \/opt\/accessors\.cjs box --config "\/etc\/lab \\"1\\" \$\$HOME 50%%\.yaml"$/m);
  assert.not.match(unit, 'ReadWritePaths');
  assert.match(systemd.text({ ...program, state: '/mnt/lab box' }), /^ReadWritePaths="\/mnt\/lab box"$/m);
  assert.not.match(systemd.text(ofUser), /^(?:User|ProtectSystem)=/m);
});

it('makes a section that supervisord reads as it is meant', () => {
  const section = supervisord.text(program);
  assert.match(section, /^command=\S+ \/opt\/accessors\.cjs box --config "\/etc\/lab \\"1\\" \$HOME 50%%\.yaml"$/m);
  assert.match(section, /^user=daemon$/m);
  assert.not.match(supervisord.text(ofUser), /^user=/m);
  assert.equal(supervisord.standing('swarmbox   RUNNING   pid 12, uptime 0:01:02\n'), {
    running: true,
    text: 'RUNNING pid 12, uptime 0:01:02',
  });
  assert.is(supervisord.standing('swarmbox   FATAL   Exited too quickly').running, false);
});

it('makes an ecosystem file that pm2 can load', () => {
  const file = join(folder.path, 'swarmbox.config.cjs');
  writeFileSync(file, pm2.text(ofUser));
  const { apps } = createRequire(import.meta.url)(file);
  const [{ name, interpreter, script, args, env, autorestart }] = apps;
  assert.equal([name, interpreter, script, ...args], ['swarmbox', ...program.command]);
  assert.equal([env.CONFIGURATION_DIRECTORY, env.STATE_DIRECTORY, autorestart], ['/etc/swarmbox', '/var/lib/swarmbox', true]);
  assert.equal(pm2.standing('[{"name":"other"},{"name":"swarmbox","pm2_env":{"status":"online"}}]'), { running: true, text: 'online' });
  assert.is(pm2.standing('[]').text, 'not known to pm2');
});

it.run();
