import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where a box of this user keeps its state unless it is told. */
export function stateFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local/state'), 'accessors');
}
