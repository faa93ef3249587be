import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Installation, type Machine, systemd } from '../../../src/service-manager/index.ts';
import { Person } from '../../support/cli.ts';
import { folderWith } from '../../support/folder.ts';
import { rejection } from '../../support/rejection.ts';

const it = suite('accessors service');
let folder: ReturnType<typeof folderWith>;
let person: Person;
let unit: string;

it.before.each(() => {
  folder = folderWith({ 'bin/empty': '' });
  // Its programs are those in bin, which write down what they were asked.
  person = new Person(folder.path, { PATH: `${folder.path}/bin:/usr/bin:/bin`, ASKED: join(folder.path, 'asked') });
  unit = join(folder.path, 'config/systemd/user/swarmbox.service');
  tool(
    'systemctl',
    '[ "$2" != show ] || printf "ActiveState=active\\nSubState=running\\nStatusText=1 of 1 swarmlets run\\nNRestarts=0\\n"',
  );
});
it.after.each(() => folder.remove());

function tool(name: string, answer: string): void {
  const file = join(folder.path, 'bin', name);
  writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> "$ASKED"\n${answer}\n`);
  chmodSync(file, 0o755);
}

const asked = (): string[] =>
  existsSync(join(folder.path, 'asked')) ? readFileSync(join(folder.path, 'asked'), 'utf8').trim().split('\n') : [];

it('shows the file and touches nothing', async () => {
  const { code, out } = await person.type(['service', 'install', '--user', '--print']);
  assert.is(code, 0);
  assert.match(out, /^ExecStart=.*accessors\.cjs box$/m);
  const json = JSON.parse((await person.type(['service', 'install', '--user', '--print', '--json'])).out);
  assert.equal([json.manager, json.file, `${json.text}`], ['systemd', unit, out]);
  const ofMachine = JSON.parse((await person.type(['service', 'install', '--supervisord', '--print', '--user', '--json'])).out);
  assert.match(ofMachine.text, '[program:swarmbox]');
  assert.equal([existsSync(unit), asked()], [false, []]);
});

it('installs a service of a user, tells how it is, and takes it off', async () => {
  const installed = await person.type(['service', 'install', '--systemd', '--user']);
  assert.is(installed.code, 0, installed.err);
  assert.match(installed.out, `Installed ${unit}. The box runs, and keeps its state in`);
  assert.match(installed.out, 'loginctl enable-linger');
  const started = ['daemon-reload', 'enable swarmbox.service', 'restart swarmbox.service'].map((words) => `systemctl --user ${words}`);
  assert.equal(asked(), started);
  assert.is((await person.type(['service', 'install', '--systemd', '--user'])).code, 0, 'once more');
  const status = await person.type(['service', 'status', '--user']);
  assert.equal([status.code, status.out], [0, `${unit}: active (running): 1 of 1 swarmlets run\n`]);
  const removed = await person.type(['service', 'uninstall', '--user', '--json']);
  assert.equal([removed.code, JSON.parse(removed.out)], [0, { manager: 'systemd', file: unit, removed: true }]);
  assert.not(existsSync(unit));
  assert.equal(asked().slice(-2), ['systemctl --user disable --now swarmbox.service', 'systemctl --user daemon-reload']);
});

it('says what is in the way, and what to do', async () => {
  const cases: [argv: string, code: number, message: RegExp][] = [
    ['status --user', 3, /No box is installed as a service: there is no .*swarmbox\.service/],
    ['uninstall --user', 3, /No box is installed/],
    ['install --systemd --pm2', 2, /--systemd and --pm2 do not go together/],
    ['install --supervisord --user', 2, /take --print/],
    ['install --user --print --config nowhere.yaml', 1, /nowhere\.yaml: cannot be read: no such file or directory$/m],
    ['install --pm2 --user', 1, /There is no program pm2 here\. Install it, or see the file with --print/],
  ];
  for (const [argv, code, message] of cases) {
    const result = await person.type(['service', ...argv.split(' ')]);
    assert.match(result.err, message);
    assert.equal([result.code, result.err.trimEnd().split('\n').length], [code, 1], argv);
  }
  assert.not(existsSync(join(folder.path, 'config/accessors/swarmbox.config.cjs')), 'what could not be started leaves no file');
});

it('keeps a file that is another one, unless it is to be replaced', async () => {
  mkdirSync(join(unit, '..'), { recursive: true });
  writeFileSync(unit, '# mine\n');
  const refused = await person.type(['service', 'install', '--systemd', '--user', '--json']);
  assert.equal([refused.code, JSON.parse(refused.out).error.code], [1, 'ALREADY_INSTALLED']);
  assert.match(refused.err, '--force');
  assert.is(readFileSync(unit, 'utf8'), '# mine\n');
  assert.is((await person.type(['service', 'install', '--systemd', '--user', '--force'])).code, 0);
  assert.match(readFileSync(unit, 'utf8'), 'ExecStart=');
});

it('tells where to look when it does not start, and that variables stay behind', async () => {
  tool('systemctl', '[ "$2" != restart ] || { echo "Job failed" >&2; exit 1; }');
  const told = new Person(folder.path, { ...person.env, SWARMBOX_NAME: 'lab' });
  const { code, err } = await told.type(['service', 'install', '--systemd', '--user']);
  assert.is(code, 1);
  assert.match(err, 'SWARMBOX_NAME does not reach a service');
  assert.match(err, 'systemctl --user restart swarmbox.service: Job failed. See: journalctl --user -u swarmbox');
  tool('systemctl', 'printf "ActiveState=failed\\nSubState=failed\\nNRestarts=12\\n"');
  const status = await person.type(['service', 'status', '--user', '--json']);
  assert.equal([status.code, JSON.parse(status.out).text], [1, 'failed (failed), started anew 12 times']);
});

/** A machine of which only what is asked is seen. */
function machine(isRoot: boolean): Machine & { readonly commands: string[]; readonly files: Map<string, string> } {
  const files = new Map<string, string>();
  const commands: string[] = [];
  return {
    isRoot,
    commands,
    files,
    read: (file) => files.get(file),
    write: (file, text) => void files.set(file, text),
    remove: (file) => void files.delete(file),
    run: async (command) => {
      commands.push(command.join(' '));
      if (command[0] === 'id') throw new Error('no such user');
      return command[0] === 'stat' ? 'root\n' : '';
    },
  };
}

const program = { command: ['/usr/bin/node', '/opt/a.cjs', 'box'], user: 'swarmbox', config: '/etc/swarmbox', state: '/var/lib/swarmbox' };

it('installs for the machine only as root, with a user that has a folder of its own', async () => {
  const mine = machine(false);
  const { code, message } = await rejection(new Installation(systemd, undefined, mine).install(program, false));
  assert.is(code, 'NOT_ROOT');
  assert.match(message, /sudo.*--user.*--print/);
  assert.equal([mine.commands, mine.files.size], [[], 0]);
  const roots = machine(true);
  await new Installation(systemd, undefined, roots).install(program, false);
  assert.equal(roots.commands, [
    'id -u swarmbox',
    'useradd --system --user-group --home-dir /var/lib/swarmbox --no-create-home --shell /usr/sbin/nologin swarmbox',
    'install -d -m 755 /etc/swarmbox',
    'stat -c %U /var/lib/swarmbox',
    'install -d -m 700 -o swarmbox -g swarmbox /var/lib/swarmbox',
    'chown -R -h -P swarmbox:swarmbox /var/lib/swarmbox',
    'systemctl daemon-reload',
    'systemctl enable swarmbox.service',
    'systemctl restart swarmbox.service',
  ]);
  assert.equal([...roots.files.keys()], ['/etc/systemd/system/swarmbox.service']);
});

it.run();
