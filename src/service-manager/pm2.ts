import { join } from 'node:path';
import { type Command, type Program, type ServiceManager, serviceName } from './manager.ts';

/** An ecosystem file of pm2, which runs programs of the user who starts it. */
export const pm2: ServiceManager = {
  name: 'pm2',
  file: (user) => join(user ?? `/etc/${serviceName}`, `${user === undefined ? '' : 'accessors/'}${serviceName}.config.cjs`),
  text: ecosystemOf,
  begin: (file): Command[] => [
    ['pm2', 'start', file],
    ['pm2', 'save'],
  ],
  end: (): Command[] => [
    ['pm2', 'delete', serviceName],
    ['pm2', 'save', '--force'],
  ],
  forget: () => [],
  status: () => ['pm2', 'jlist'],
  standing: (answer) => {
    const all = JSON.parse(answer) as readonly { readonly name: string; readonly pm2_env?: { readonly status?: string } }[];
    const text = all.find(({ name }) => name === serviceName)?.pm2_env?.status ?? 'not known to pm2';
    return { running: text === 'online', text };
  },
  logs: () => `pm2 logs ${serviceName} --err --nostream`,
};

function ecosystemOf({ command, config, state }: Program): string {
  const [interpreter, script, ...args] = command;
  const app = {
    name: serviceName,
    script,
    args,
    interpreter,
    exec_mode: 'fork',
    env: { CONFIGURATION_DIRECTORY: config, STATE_DIRECTORY: state },
    autorestart: true,
    min_uptime: 5000,
    exp_backoff_restart_delay: 500,
    kill_timeout: 30_000,
    treekill: false,
  };
  return `// Made by 'accessors service install --pm2'. After 'pm2 startup' it is there after a reboot too.
module.exports = ${JSON.stringify({ apps: [app] }, undefined, 2)};
`;
}
