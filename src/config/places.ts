import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Places {
  /** Where a box keeps its state unless it is told. */
  readonly state: string;
  /** Folder of its file. */
  readonly config: string;
  /** Where its file is looked for unless one is named; the first one that is there counts. */
  readonly files: readonly string[];
}

/** Of a service what systemd gives it, of a person the folders of XDG, of root those of the machine. */
export function placesOf(env: NodeJS.ProcessEnv, isRoot = process.getuid?.() === 0): Places {
  const folder = (given: string | undefined, xdg: string | undefined, home: string, ofMachine: string): string => {
    if (given) return given.split(':', 1)[0] as string;
    if (xdg) return join(xdg, 'accessors');
    return isRoot ? ofMachine : join(env.HOME || homedir(), home, 'accessors');
  };
  const config = folder(env.CONFIGURATION_DIRECTORY, env.XDG_CONFIG_HOME, '.config', '/etc/swarmbox');
  return {
    state: folder(env.STATE_DIRECTORY, env.XDG_STATE_HOME, '.local/state', '/var/lib/swarmbox'),
    config,
    files: [join(config, 'swarmbox.yaml'), join(config, 'swarmbox.json')],
  };
}
