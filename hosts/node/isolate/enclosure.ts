import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { SpawnOptions } from '../edge/index.ts';

/**
 * What stands around a program that runs for a swarmlet where bwrap works: it sees the files of the system as the box's user does,
 * but for the state of the box, that user's SSH keys and the sockets of services, writes only to a /tmp of its own, has no process
 * in sight but its own and no device, and nothing of it outlives it, whatever it forks. The network is that of the machine.
 * @param state  folder of the box; '' for none
 */
export function enclosing(bwrap: string, state: string): (program: SpawnOptions) => SpawnOptions {
  const isRoot = process.getuid?.() === 0;
  const hidden = ['/tmp', '/run', state, join(homedir(), '.ssh')].filter((folder) => folder !== '' && existsSync(folder));
  const wall = [
    ...['--unshare-pid', '--unshare-ipc', '--die-with-parent', '--cap-drop', 'ALL', ...(isRoot ? ['--cap-add', 'CAP_NET_RAW'] : [])],
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', ...hidden.flatMap((folder) => ['--tmpfs', folder])],
    ...['--ro-bind-try', '/run/systemd/resolve', '/run/systemd/resolve', '--chdir', '/'], // how names are looked up
  ];
  // NetworkManager is asked over its bus, by a command that nobody can add to.
  const bus = ['--ro-bind-try', '/run/dbus', '/run/dbus'];
  return ({ command, args }) => {
    if (!isThere(command)) return { command, args }; // the system says so
    return { command: bwrap, args: [...wall, ...(command === 'nmcli' ? bus : []), '--', command, ...args] };
  };
}

function isThere(command: string): boolean {
  const files = command.includes('/') ? [command] : (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, command));
  return files.some(isFile);
}

/** What may not be looked at is none: a PATH may name folders of somebody else's. */
function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return false;
  }
}
