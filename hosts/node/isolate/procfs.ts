import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { getPriority, setPriority } from 'node:os';
import type { Schedule, Vitals } from './carrier.ts';

/** Reads the files in which Linux tells about processes. Elsewhere there are none, and nothing is known. */

const buffer = Buffer.alloc(512);

/** Of a whole process. Keeps its files open: reading them again costs microseconds. */
export class ProcessVitals implements Vitals {
  readonly #pid: number;
  readonly #schedule: ScheduleFile;
  readonly #memory: number | undefined;

  constructor(pid: number) {
    this.#pid = pid;
    this.#schedule = new ScheduleFile(`/proc/${pid}/schedstat`);
    this.#memory = open(`/proc/${pid}/statm`);
  }

  schedule(): Schedule | undefined {
    return this.#schedule.read();
  }

  awaitsEvents(): boolean {
    return isInPoll(`/proc/${this.#pid}/wchan`);
  }

  /** Pages that belong to no file, in MiB: what one more process costs. */
  privateMiB(): number | undefined {
    const [, resident, shared] = read(this.#memory).split(' ');
    return shared === undefined ? undefined : ((Number(resident) - Number(shared)) * pageSize()) / 2 ** 20;
  }

  /** Processor time of all threads, in ms. */
  cpuMs(): number | undefined {
    const fields = statFields(readText(`/proc/${this.#pid}/stat`));
    return fields ? (Number(fields[11]) + Number(fields[12])) * TICK_MS : undefined;
  }

  close(): void {
    this.#schedule.close();
    if (this.#memory !== undefined) closeSync(this.#memory);
  }
}

/** Of one thread of this process, of which the system tells its schedule alone. */
export class ThreadVitals implements Vitals {
  readonly #schedule: ScheduleFile;
  readonly #thread: number;
  readonly #usedMiB: () => number | undefined;

  /** @param thread  as the system numbers it */
  constructor(thread: number, usedMiB: () => number | undefined) {
    this.#schedule = new ScheduleFile(`/proc/self/task/${thread}/schedstat`);
    this.#thread = thread;
    this.#usedMiB = usedMiB;
  }

  awaitsEvents(): boolean {
    return isInPoll(`/proc/self/task/${this.#thread}/wchan`);
  }

  schedule(): Schedule | undefined {
    return this.#schedule.read();
  }

  privateMiB(): number | undefined {
    return this.#usedMiB();
  }

  cpuMs(): number | undefined {
    const schedule = this.schedule();
    return schedule && schedule.ran / 1e6;
  }

  close(): void {
    this.#schedule.close();
  }
}

/** How long a thread ran and waited. What is at rest tells the same each time, and is taken apart once. */
class ScheduleFile {
  readonly #descriptor: number | undefined;
  #told = '';
  #schedule: Schedule | undefined;

  constructor(path: string) {
    this.#descriptor = open(path);
  }

  read(): Schedule | undefined {
    const told = read(this.#descriptor);
    if (told === this.#told) return this.#schedule;
    this.#told = told;
    const [ran, waited] = told.split(' ');
    this.#schedule = ran !== undefined && waited !== undefined && ran !== '' ? { ran: Number(ran), waited: Number(waited) } : undefined;
    return this.#schedule;
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }
}

/** The function of the kernel in which a thread sleeps: `do_epoll_wait`, of older ones `ep_poll`; `0` where that is kept secret. */
function isInPoll(file: string): boolean {
  return /epoll|ep_poll/.test(readText(file));
}

/** USER_HZ is 100 on every architecture that Node runs on. */
const TICK_MS = 10;

/** The children of a process. A kernel without a list of them is asked process by process, those made later first. */
export async function childrenOf(pid: number): Promise<number[]> {
  const listed = await textOf(`/proc/${pid}/task/${pid}/children`);
  if (listed !== undefined) return listed.split(' ').filter(Boolean).map(Number);
  const all = (await readdir('/proc').catch(() => [])).map(Number).filter((n) => n > 0);
  const later = all.filter((n) => n > pid).concat(all.filter((n) => n < pid));
  for (const candidate of later) {
    const fields = statFields((await textOf(`/proc/${candidate}/stat`)) ?? '');
    if (fields && Number(fields[1]) === pid) return [candidate];
  }
  return [];
}

/** What the kernel keeps for a process that does nothing. */
const PROCESS_MIB = 0.125;

/** Memory of a process and all below it that belongs to no file, in MiB; what they share counts for each. */
export function treeMiB(pid: number): number {
  const status = readText(`/proc/${pid}/status`);
  const kiB = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return listedChildrenOf(pid).reduce((sum, child) => sum + treeMiB(child), PROCESS_MIB + (kiB('RssAnon') + kiB('RssShmem')) / 1024);
}

/**
 * When a process started, in ticks since the system did; with the pid it names a process for ever. Undefined for one
 * that has ended, also while its parent has not asked for its exit code yet.
 */
export function startTimeOf(pid: number): number | undefined {
  const fields = statFields(readText(`/proc/${pid}/stat`));
  return fields && fields[0] !== 'Z' ? Number(fields[19]) : undefined;
}

/** CAP_SYS_NICE and CAP_SYS_ADMIN of capabilities(7). */
const capabilities = { nice: 1n << 23n, admin: 1n << 21n };

/**
 * Whether this process may make others nice, and undo it: it has what that takes, not only in a user namespace of its own, where the
 * system asks for more than it has; and it finds the processes below those.
 */
export function mayPrioritize(): boolean {
  const effective = /^CapEff:\s+([0-9a-f]+)$/m.exec(readText('/proc/self/status'))?.[1] ?? '0';
  const needed = capabilities.nice | capabilities.admin;
  const everyone = /^\s*0\s+0\s+4294967295\s*$/;
  const isWhole = everyone.test(readText('/proc/self/uid_map'));
  if (!isWhole || (BigInt(`0x${effective}`) & needed) !== needed || !existsSync('/proc/thread-self/children')) return false;
  try {
    startWith(getPriority(THIS_THREAD), () => {});
    return true;
  } catch {
    return false; // a filter of system calls forbids it
  }
}

const THIS_THREAD = 0;

/**
 * Calls `start` with this thread at that priority, as of nice(2): the processes that it starts have it from their beginning, and so has
 * all that they start.
 * @throws Error of the system, or of `start`
 */
export function startWith<T>(priority: number, start: () => T): T {
  const own = getPriority(THIS_THREAD);
  setPriority(THIS_THREAD, priority);
  try {
    return start();
  } finally {
    setPriority(THIS_THREAD, own);
  }
}

/**
 * Sets the priority of a session by the process that leads it. Where the system shares the processors among sessions first, in front of
 * others only that one counts (sched(7), autogroup).
 * @throws Error of the system
 */
export function prioritizeSession(leader: number, priority: number): void {
  const session = `/proc/${leader}/autogroup`;
  if (existsSync(session)) unlessEnded(() => writeFileSync(session, String(priority)));
}

/**
 * Sets the priority of a process and of all below it, thread by thread: one takes it from the thread that made it, and keeps it.
 * @throws Error of the system
 */
export function prioritize(pid: number, priority: number): void {
  unlessEnded(() => {
    for (const thread of threadsOf(pid)) setPriority(thread, priority);
  });
  for (const child of listedChildrenOf(pid)) prioritize(child, priority);
}

function unlessEnded(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!['ESRCH', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function listedChildrenOf(pid: number): number[] {
  return threadsOf(pid).flatMap((thread) => readText(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number));
}

export function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return []; // it has ended meanwhile
  }
}

/** The fields behind the name, which may hold anything, blanks and brackets too. */
function statFields(text: string): string[] | undefined {
  const at = text.lastIndexOf(') ');
  return at < 0 ? undefined : text.slice(at + 2).split(' ');
}

let knownPageSize: number | undefined;

function pageSize(): number {
  knownPageSize ??= Number(/^KernelPageSize:\s+(\d+) kB/m.exec(readText('/proc/self/smaps'))?.[1] ?? 4) * 1024;
  return knownPageSize;
}

function open(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined; // no procfs, or the process has ended
  }
}

function read(descriptor: number | undefined): string {
  if (descriptor === undefined) return '';
  try {
    return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, buffer.length, 0));
  } catch {
    return ''; // the process has ended
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'latin1');
  } catch {
    return undefined;
  }
}
