import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { SpawnOptions } from '../edge/index.ts';
import { wifiScan } from '../wifi-scan.ts';
import type { Tools } from './launch.ts';

/** Whom the programs of a box run as that is root itself. */
const NOBODY = 65_534;

/**
 * What stands around a program that runs for a swarmlet where bwrap works: it sees the files of the system as the box's user does,
 * or as nobody where that is root, but for the state of the box, that user's SSH keys and the sockets of services; it writes only to
 * a /tmp of its own, has no process in sight but its own and no device, and nothing of it outlives it, whatever it forks. The network
 * is that of the machine.
 * @param state  folder of the box; '' for none
 * @returns      `memoryMiB` bounds what its /tmp holds; what its processes hold is watched with those of the isolate (vigil.ts)
 */
export function enclosing(
  { bwrap, setpriv }: { readonly bwrap: string; readonly setpriv: Tools['setpriv'] },
  state: string,
): (program: SpawnOptions, memoryMiB: number) => SpawnOptions {
  const isRoot = process.getuid?.() === 0;
  const hidden = ['/run', state, join(homedir(), '.ssh')].filter((folder) => folder !== '' && existsSync(folder));
  // A namespace of users would not do: in it, too, files of root are the files of whoever was root outside.
  const drop = isRoot && setpriv ? droppingTo(NOBODY, setpriv) : { capabilities: isRoot ? ['CAP_NET_RAW'] : [], command: [] };
  const { stdout: help } = spawnSync(bwrap, ['--help'], { encoding: 'utf8' });
  const wall = [
    ...['--unshare-pid', '--unshare-ipc', '--die-with-parent', '--cap-drop', 'ALL'],
    ...drop.capabilities.flatMap((name) => ['--cap-add', name]),
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', ...hidden.flatMap((folder) => ['--tmpfs', folder])],
    ...['--ro-bind-try', '/run/systemd/resolve', '/run/systemd/resolve', '--chdir', '/'], // how names are looked up
  ];
  // NetworkManager is asked over its bus, by a command that nobody can add to, and answers the box's user only.
  const bus = ['--ro-bind-try', '/run/dbus', '/run/dbus'];
  return ({ command, args }, memoryMiB) => {
    if (!isThere(command)) return { command, args }; // the system says so
    const isScan = [command, ...args].join(' ') === wifiScan.join(' ');
    const bounds = Object.entries({ '--perms': '1777', '--size': String(memoryMiB * 2 ** 20) }).filter(([option]) => help.includes(option));
    const inside = [...bounds.flat(), '--tmpfs', '/tmp', ...(isScan ? bus : [])];
    return { command: bwrap, args: [...wall, ...inside, '--', ...(isScan ? [] : drop.command), command, ...args] };
  };
}

/** Becomes another user for good, within the wall; `ping` still works. */
function droppingTo(user: number, setpriv: string): { readonly capabilities: readonly string[]; readonly command: readonly string[] } {
  const only = '-all,+net_raw';
  return {
    capabilities: ['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP', 'CAP_NET_RAW'],
    command: [
      ...[setpriv, `--reuid=${user}`, `--regid=${user}`, '--clear-groups'],
      ...[`--inh-caps=${only}`, `--ambient-caps=${only}`, `--bounding-set=${only}`, '--'],
    ],
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
