import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { clientErrors } from './errors.ts';
import { publicLine } from './openssh-key.ts';
import { type Asking, agentKeys, type Identity } from './ssh-keygen.ts';

/**
 * Which key a person signs with: the file that was named, else the agent's first Ed25519 key, else `~/.ssh/id_ed25519`.
 * @throws CodedError NO_KEY
 */
export async function chooseIdentity(named: string | undefined, asking: Asking): Promise<Identity> {
  if (named !== undefined) return { kind: 'file', file: resolve(named) };
  const line = (await agentKeys(asking)).find((one) => /^(?:ssh-ed25519|sk-ssh-ed25519@openssh\.com) /.test(one));
  if (line !== undefined) return { kind: 'agent', ...publicLine("the agent's key", line) };
  const file = defaultKeyFile(asking.env);
  if (existsSync(file)) return { kind: 'file', file };
  throw clientErrors.NO_KEY(`${asking.env.SSH_AUTH_SOCK ? 'the agent' : 'no agent: SSH_AUTH_SOCK is not set'}, ${file}`);
}

export function defaultKeyFile(env: NodeJS.ProcessEnv): string {
  return join(env.HOME || homedir(), '.ssh', 'id_ed25519');
}
