import { join } from 'node:path';
import { type Command, type Program, type ServiceManager, serviceName } from './manager.ts';

const unit = `${serviceName}.service`;
const tool = (ofUser: boolean): [string, ...string[]] => ['systemctl', ...(ofUser ? ['--user'] : [])];

/** A unit of systemd, which knows when the box is ready and starts it anew when it hangs. */
export const systemd: ServiceManager = {
  name: 'systemd',
  file: (user) => (user === undefined ? `/etc/systemd/system/${unit}` : join(user, 'systemd/user', unit)),
  text: (program) => (program.user === undefined ? unitOfUser(program) : unitOfMachine(program, program.user)),
  begin: (_, ofUser): Command[] => [
    [...tool(ofUser), 'daemon-reload'],
    [...tool(ofUser), 'enable', unit],
    [...tool(ofUser), 'restart', unit], // also where an older one runs
  ],
  end: (_, ofUser): Command[] => [[...tool(ofUser), 'disable', '--now', unit]],
  forget: (ofUser): Command[] => [[...tool(ofUser), 'daemon-reload']],
  status: (ofUser) => [...tool(ofUser), 'show', unit, '--property=ActiveState,SubState,StatusText,NRestarts'],
  standing: (answer) => {
    const values = new Map(answer.split('\n').map((line) => line.split(/=(.*)/s, 2) as [string, string]));
    const value = (name: string): string => values.get(name) ?? '';
    const status = value('StatusText') === '' ? '' : `: ${value('StatusText')}`;
    const restarts = Number(value('NRestarts')) > 0 ? `, started anew ${value('NRestarts')} times` : '';
    return { running: value('ActiveState') === 'active', text: `${value('ActiveState')} (${value('SubState')})${status}${restarts}` };
  },
  logs: (ofUser) => `journalctl ${ofUser ? '--user ' : ''}-u ${serviceName} -n 50`,
};

const header = `# Made by 'accessors service install --systemd'. Changes belong beside it (systemctl edit ${serviceName}): they outlive an update.`;

function unitOfMachine(program: Program, user: string): string {
  const elsewhere = program.state !== `/var/lib/${serviceName}`;
  return `${header}
[Unit]
Description=SwarmBox, which takes and runs signed swarmlets
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
${common(program)}
User=${user}
Group=${user}
# Of root: the box reads its settings and cannot change them.
Environment=CONFIGURATION_DIRECTORY=${quotedPath(program.config)}
StateDirectory=${serviceName}
StateDirectoryMode=0700
# It writes to its state only. For a log file elsewhere (sinks) add its folder.
ProtectSystem=strict
${elsewhere ? `ReadWritePaths=${quotedPath(program.state)}\n` : ''}ProtectHome=yes
PrivateTmp=yes
ProtectControlGroups=yes
ProtectKernelModules=yes
ProtectHostname=yes
RemoveIPC=yes
# No AmbientCapabilities: bwrap refuses to start with them.
CapabilityBoundingSet=
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
# The walls of the swarmlets are made of namespaces and mounts, with a /proc of their own, for which the kernel wants to see the whole
# one: with ProtectProc, ProcSubset, ProtectKernelTunables, ProtectKernelLogs, RestrictNamespaces or without @mount the box reaches P1
# only. PrivateDevices and ProtectClock would take serial lines away, MemoryDenyWriteExecute the compiler of Node.
SystemCallFilter=@system-service @mount @pkey
SystemCallErrorNumber=EPERM

# What all swarmlets together may take; each has limits of its own. One that runs out of memory does not end the others.
OOMPolicy=continue
MemoryHigh=80%
MemoryMax=90%
TasksMax=8192

[Install]
WantedBy=multi-user.target
`;
}

/** A manager of a user may not do more to a service than the user may: most of what hardens is the machine's. */
function unitOfUser(program: Program): string {
  return `${header.replace('edit', '--user edit')}
[Unit]
Description=SwarmBox, which takes and runs signed swarmlets
StartLimitIntervalSec=0

[Service]
${common(program)}
OOMPolicy=continue

[Install]
WantedBy=default.target
`;
}

function common({ command }: Program): string {
  return `Type=notify
# The box tells by systemd-notify that it is ready and that it lives.
NotifyAccess=all
WatchdogSec=60
ExecStart=${command.map(quoted).join(' ')}
ExecReload=kill -HUP $MAINPID
Restart=always
RestartSec=2
TimeoutStartSec=120
# Swarmlets wrap up, each within its wrapupMs.
TimeoutStopSec=30
KillMode=mixed
LimitNOFILE=65536
LimitCORE=0
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native`;
}

/** As an argument in ExecStart: systemd.service(5), 'COMMAND LINES'. */
function quoted(argument: string): string {
  const escaped = argument.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@%+=:,./-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}

function quotedPath(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')}"`;
}
