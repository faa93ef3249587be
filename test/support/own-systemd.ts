import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { descendants } from './real-box.ts';
import { type Ran, root, run } from './run.ts';

const cgroups = existsSync('/proc/mounts') ? /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1] : undefined;
const daemon = '/lib/systemd/systemd';
const tools = ['unshare', 'setpriv', 'nsenter', 'systemctl', 'useradd', 'ip'];
const has = (name: string): boolean => (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));

/** Why no systemd can be started here; undefined: one can. */
export const noSystemd = ((): string | undefined => {
  // Nobody expects a second init system of `npm test`, however well it is walled in.
  if (process.env.ACCESSORS_TEST_SYSTEMD === undefined) return 'starts a systemd, which ACCESSORS_TEST_SYSTEMD=1 allows';
  if (process.geteuid?.() !== 0) return 'needs root';
  const missing = existsSync(daemon) ? tools.find((name) => !has(name)) : daemon;
  if (missing !== undefined) return `${missing} is missing`;
  if (cgroups === undefined) return 'no hierarchy of cgroup2';
  return /^\/(?:root|home|tmp)\//.test(realpathSync(process.execPath)) ? 'this Node is in a folder that services do not see' : undefined;
})();

/** A systemd in namespaces of its own, which runs what a test installs; nothing of it reaches the machine. */
export class OwnSystemd {
  readonly #unshare: ChildProcess;
  readonly #cgroup: string;
  readonly #folder: string;

  static async open(): Promise<OwnSystemd> {
    const systemd = new OwnSystemd();
    for (let tries = 0; tries < 200; tries++) {
      const { stdout } = await systemd.run('systemctl', ['is-active', 'multi-user.target']).catch(() => ({ stdout: '' }));
      if (stdout.trim() === 'active') return systemd;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await systemd.close();
    throw new Error('systemd has not started');
  }

  private constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'accessors-systemd-'));
    this.#cgroup = join(cgroups as string, `accessors-test-${process.pid}`);
    mkdirSync(this.#cgroup);
    const script = join(root, 'test/support/own-systemd.sh');
    // Into a group of its own first, which is all that this systemd sees of the groups.
    const start = `echo $$ > ${this.#cgroup}/cgroup.procs; exec setpriv --pdeathsig KILL unshare --mount --pid --fork --ipc --uts --cgroup --net --kill-child=KILL bash ${script} ${this.#folder} ${root}`;
    this.#unshare = spawn('bash', ['-c', start], { stdio: 'ignore' });
  }

  /** Runs a program beside the services, as root. */
  run(program: string, args: readonly string[]): Promise<Ran> {
    const [inside] = descendants(this.#unshare.pid as number);
    if (!inside) return Promise.reject(new Error('it does not run'));
    const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', NO_COLOR: '1' };
    return run('nsenter', ['-t', String(inside.pid), '--all', program, ...args], { env, limitMs: 60_000 });
  }

  /** The command, as it is installed there. */
  accessors(...args: string[]): Promise<Ran> {
    return this.run(process.execPath, ['/opt/accessors/dist/accessors.cjs', ...args]);
  }

  async close(): Promise<void> {
    const ended = once(this.#unshare, 'exit');
    writeFileSync(join(this.#cgroup, 'cgroup.kill'), '1');
    await ended;
    for (let tries = 0; tries < 100 && existsSync(this.#cgroup); tries++) {
      try {
        removeGroup(this.#cgroup);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20)); // the last of them are still being buried
      }
    }
    rmSync(this.#folder, { recursive: true });
  }
}

function removeGroup(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) removeGroup(join(path, entry.name));
  rmdirSync(path);
}
