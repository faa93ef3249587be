import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { IsolationLevel } from './isolate.ts';

export type ProcessLevel = Extract<IsolationLevel, 'P1' | 'P2' | 'P3'>;

/** What stands in front of the runtime in a new process. */
export interface Launch {
  readonly level: ProcessLevel;
  /** In one line, for people. */
  readonly how: string;
  /** The system itself ends the child when the box ends, however that comes about. */
  readonly endsWithBox: boolean;
  command(memoryMiB: number): readonly string[];
}

/** The system's programs that make walls; a missing one is undefined. */
export interface Tools {
  readonly bwrap: string | undefined;
  readonly unshare: string | undefined;
  readonly setpriv: string | undefined;
  readonly prlimit: string | undefined;
}

export function findTools(): Tools {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'];
  const find = (name: string): string | undefined =>
    process.platform === 'linux'
      ? folders
          .filter(Boolean)
          .map((folder) => join(folder, name))
          .find((file) => existsSync(file))
      : undefined;
  return { bwrap: find('bwrap'), unshare: find('unshare'), setpriv: find('setpriv'), prlimit: find('prlimit') };
}

/** What bubblewrap shows the child as its runtime, wherever that lies. */
const RUNTIME_INSIDE = '/isolate.cjs';

/**
 * @param runtime  the bundle of child.ts
 * @returns undefined when the tools for that level are missing
 */
export async function launchAt(level: ProcessLevel, tools: Tools, runtime: string): Promise<Launch | undefined> {
  const node = realpathSync(process.execPath);
  const script = realpathSync(runtime);
  const limited = (memoryMiB: number): string[] => (tools.prlimit ? [tools.prlimit, ...resourceLimits(memoryMiB), '--'] : []);
  const dying = tools.setpriv ? [tools.setpriv, '--pdeathsig', 'KILL', '--'] : [];
  const outer = tools.prlimit ? 'prlimit, ' : '';
  switch (level) {
    case 'P3': {
      if (!tools.bwrap) return undefined;
      const wall = [tools.bwrap, ...bubble(node, script, await librariesOf(node)), '--'];
      return {
        level,
        how: `${outer}bwrap, node ${permissionFlag()}`,
        endsWithBox: true,
        command: (memoryMiB) => [...limited(memoryMiB), ...wall, node, ...nodeFlags(RUNTIME_INSIDE, memoryMiB), RUNTIME_INSIDE],
      };
    }
    case 'P2': {
      if (!tools.unshare) return undefined;
      const wall = [tools.unshare, ...'--user --map-current-user --pid --fork --kill-child --net --ipc --mount-proc --'.split(' ')];
      return {
        level,
        how: `${outer}${tools.setpriv ? 'setpriv, ' : ''}unshare, node ${permissionFlag()}`,
        endsWithBox: tools.setpriv !== undefined,
        command: (memoryMiB) => [...limited(memoryMiB), ...dying, ...wall, node, ...nodeFlags(script, memoryMiB), script],
      };
    }
    case 'P1':
      return {
        level,
        how: `${outer}${tools.setpriv ? 'setpriv, ' : ''}node ${permissionFlag()}`,
        endsWithBox: tools.setpriv !== undefined,
        command: (memoryMiB) => [...limited(memoryMiB), ...dying, node, ...nodeFlags(script, memoryMiB), script],
      };
  }
}

/** Its name while it was an experiment, up to Node 22.12. */
export function permissionFlag(): string {
  return process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
}

/**
 * The heap may grow half as large again as all memory may: a heap that is nearly full collects garbage without end,
 * which looks like a loop, while the host sees memory above its limit for what it is.
 */
function nodeFlags(runtime: string, memoryMiB: number): string[] {
  const heapMiB = Math.ceil(memoryMiB * 1.5);
  return [permissionFlag(), `--allow-fs-read=${runtime}`, `--max-old-space-size=${heapMiB}`, '--no-warnings'];
}

/**
 * DATA counts what is reserved for writing, used or not: threads and heap of an empty Node take 96 MiB, and V8 of
 * Node 24 reserves 512 MiB more for code (ISOLATION.md 4.7). It only catches what grows faster than the host samples.
 */
function resourceLimits(memoryMiB: number): string[] {
  const reserved = Number(process.versions.node.split('.')[0]) >= 24 ? 768 : 256;
  return [`--data=${Math.ceil(memoryMiB * 1.5 + reserved) * 2 ** 20}`, '--nofile=64', '--core=0', '--fsize=0'];
}

/** Everything unshared; of files only the program, its libraries and the runtime. A session of its own it has from `ProcessTree`. */
function bubble(node: string, script: string, libraries: readonly string[]): string[] {
  return [
    ...['--unshare-all', '--die-with-parent', '--cap-drop', 'ALL', '--clearenv'],
    ...libraries.flatMap((file) => ['--ro-bind', file, file]),
    ...['--ro-bind-try', '/etc/ld.so.cache', '/etc/ld.so.cache', '--ro-bind', node, node, '--ro-bind', script, RUNTIME_INSIDE],
    ...['--proc', '/proc', '--dev', '/dev', '--remount-ro', '/', '--chdir', '/'],
  ];
}

/** The shared libraries of a program by the paths at which the loader looks for them; else the folders of all of them. */
async function librariesOf(program: string): Promise<string[]> {
  // glibc's loader prints them instead of running the program; another one runs it, harmlessly.
  const { stdout } = await promisify(execFile)(program, ['--version'], { env: { LD_TRACE_LOADED_OBJECTS: '1' } });
  const files = stdout.split('\n').flatMap((line) => /(?:^\s*|=> )(\/.+) \(0x[0-9a-f]+\)$/.exec(line)?.[1] ?? []);
  if (files.length > 0) return files;
  return [...new Set(['/lib', '/lib64', '/usr/lib', '/usr/lib64', join(dirname(dirname(program)), 'lib')])].filter((f) => existsSync(f));
}
