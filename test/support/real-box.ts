import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './run.ts';

/** A box as a user starts it: the command itself, in a process of its own. */
export interface RealBox {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly url: string;
  /** Where its page and metrics are. */
  readonly admin: string;
  /** What it logged so far. */
  readonly log: () => string;
  /** Sends a signal and resolves when the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** @param args  beside addresses and isolation, such as `--state DIR`; in front of them options of `spawn` */
export async function realBox(...given: [SpawnOptions, ...string[]] | string[]): Promise<RealBox> {
  const [first, ...rest] = given;
  const [options, args] = typeof first === 'object' ? [first, rest as string[]] : [{}, given as string[]];
  const own = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--isolation-minimum', 'P1', '--json'];
  const child = spawn(process.execPath, [join(root, 'dist/accessors.cjs'), 'box', ...own, ...args], {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr?.on('data', (chunk) => {
    log = (log + chunk).slice(0, 100_000);
  });
  const exited = once(child, 'exit');
  const ready = once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
  const [line] = await Promise.race([ready, exited.then(([code]) => Promise.reject(new Error(`The box ended with ${code}: ${log}`)))]);
  const { deploy, admin } = JSON.parse(line as string) as { deploy?: string; admin?: string };
  if (deploy === undefined || admin === undefined) throw new Error(`The box did not start: ${line} ${log}`);
  return {
    child,
    pid: child.pid as number,
    url: deploy,
    admin,
    log: () => log,
    end: async (signal) => {
      child.kill(signal);
      await exited;
    },
  };
}

/** One process of the system, told apart from a later one with its number. */
export interface ProcessId {
  readonly pid: number;
  readonly startedAt: string;
}

/** Children of a process, theirs, and so on. */
export function descendants(pid: number): ProcessId[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : []));
  const found: ProcessId[] = [];
  const look = (parent: number): void => {
    for (const child of all) {
      if (child.parent !== parent) continue;
      found.push(child);
      look(child.pid);
    }
  };
  look(pid);
  return found;
}

export function isAlive({ pid, startedAt }: ProcessId): boolean {
  const now = statOf(pid);
  return now !== undefined && now.startedAt === startedAt && now.state !== 'Z';
}

function statOf(pid: number): (ProcessId & { readonly parent: number; readonly state: string }) | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid, state: fields[0] as string, parent: Number(fields[1]), startedAt: fields[19] as string };
  } catch {
    return undefined; // it ended between the look at the folder and this
  }
}

/** What a process holds: resident memory in MiB, descriptors, threads. */
export function held(pid: number): { readonly rssMiB: number; readonly descriptors: string[]; readonly threads: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const number = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  const descriptors = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).replace(/\d+/g, 'N');
    } catch {
      return 'gone';
    }
  });
  return { rssMiB: number('VmRSS') / 1024, descriptors, threads: number('Threads') };
}
