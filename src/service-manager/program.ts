import { realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CodedError } from '../../hosts/common/index.ts';
import { packageRoot } from '../../hosts/node/index.ts';
import { type Program, serviceName } from './manager.ts';

/** User of the system as whom a box of the machine runs. */
export const userOfService = serviceName;

/** Not seen by a service of the machine, whatever their rights: homes, and what others use for the moment. */
const unseen = /^\/(?:home|root|run\/user|tmp|var\/tmp)(?=\/)/;

/**
 * The box of this very package on this very Node.
 * @param config  file that it reads; undefined: where it usually is
 * @throws CodedError NOT_VISIBLE when the user of the service could not run it, or read that file
 */
export function programHere(places: Omit<Program, 'command'>, config: string | undefined): Program {
  const node = realpathSync(process.execPath);
  const script = join(realpathSync(packageRoot), 'dist/accessors.cjs');
  if (places.user !== undefined) {
    for (const file of [node, script, ...(config === undefined ? [] : [config])]) checkVisible(file, places.user);
  }
  return { ...places, command: [node, script, 'box', ...(config === undefined ? [] : ['--config', config])] };
}

function checkVisible(file: string, user: string): void {
  const wall = unseen.exec(file)?.[0] ?? closedFolder(dirname(file));
  if (wall === undefined) return;
  throw new CodedError(
    'NOT_VISIBLE',
    `${file} cannot be read by the user ${user}, as it does not see into ${wall}. Install Node and this package for the whole machine ` +
      '(npm install -g, with a Node outside of home folders and /tmp), or run the box as yourself: accessors service install --user',
  );
}

/** The first folder above that others may not enter. */
function closedFolder(folder: string): string | undefined {
  const above = dirname(folder);
  const closed = above === folder ? undefined : closedFolder(above);
  return closed ?? ((statSync(folder).mode & 0o001) === 0 ? folder : undefined);
}
