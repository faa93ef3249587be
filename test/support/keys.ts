import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** True if the programs of OpenSSH are on this machine. */
export const hasOpenSsh = ((): boolean => {
  try {
    execFileSync('ssh-keygen', ['-Y', 'sign'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'; // it complains about missing arguments
  }
})();

/** Makes a key with ssh-keygen; gives its file. */
export function sshKey(folder: string, name = 'id_ed25519', passphrase = '', type = 'ed25519'): string {
  const file = join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'alice@lab', '-f', file], { stdio: 'ignore' });
  return file;
}

/** An ssh-agent of the test's own, holding these key files. */
export async function sshAgent(folder: string, files: readonly string[]): Promise<{ socket: string; close(): Promise<void> }> {
  const socket = join(folder, 'agent.sock');
  const agent: ChildProcess = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
  if (agent.stdout) await once(agent.stdout, 'data'); // it prints its socket once it listens
  for (const file of files) execFileSync('ssh-add', ['-q', file], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
  const ended = once(agent, 'exit');
  return {
    socket,
    close: async () => {
      agent.kill();
      await ended;
    },
  };
}
