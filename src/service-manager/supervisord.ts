import { join } from 'node:path';
import { type Command, type Program, type ServiceManager, serviceName } from './manager.ts';

/** A section of supervisord, where there is no systemd: containers, older machines. */
export const supervisord: ServiceManager = {
  name: 'supervisord',
  file: (user) => (user === undefined ? `/etc/supervisor/conf.d/${serviceName}.conf` : join(user, `supervisor/${serviceName}.conf`)),
  text: sectionOf,
  begin: (): Command[] => [
    ['supervisorctl', 'reread'],
    ['supervisorctl', 'update', serviceName],
  ],
  end: (): Command[] => [['supervisorctl', 'stop', serviceName]],
  forget: (): Command[] => [
    ['supervisorctl', 'reread'],
    ['supervisorctl', 'update', serviceName],
  ],
  status: () => ['supervisorctl', 'status', serviceName],
  standing: (answer) => {
    const [, state = 'not known to supervisord', ...more] = answer.trim().split(/\s+/);
    return { running: state === 'RUNNING', text: [state, ...more].join(' ') };
  },
  logs: () => `supervisorctl tail ${serviceName} stderr`,
};

function sectionOf({ command, user, config, state }: Program): string {
  return `; Made by 'accessors service install --supervisord'.
[program:${serviceName}]
command=${command.map(quoted).join(' ')}
environment=CONFIGURATION_DIRECTORY=${quoted(config)},STATE_DIRECTORY=${quoted(state)}
directory=/
${user === undefined ? '' : `user=${user}\n`}umask=077
autostart=true
autorestart=true
; As often as it takes: it waits a second longer each time.
startretries=1000000
startsecs=5
; Swarmlets wrap up, each within its wrapupMs.
stopsignal=TERM
stopwaitsecs=30
stdout_logfile_maxbytes=1MB
stderr_logfile_maxbytes=16MB
stderr_logfile_backups=1
`;
}

/** supervisord takes a line apart as a shell does, and expands `%(name)s` in it. */
function quoted(text: string): string {
  const escaped = text.replaceAll('%', '%%');
  return /^[\w@%+=:,./-]+$/.test(escaped) ? escaped : `"${escaped.replace(/[\\"]/g, '\\$&')}"`;
}
