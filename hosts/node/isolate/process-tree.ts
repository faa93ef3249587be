import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { CallLine } from './call-line.ts';
import type { CallDesk, Carrier, Exit, Vitals } from './carrier.ts';
import type { Launch } from './launch.ts';
import { childrenOf, ProcessVitals, startTimeOf } from './procfs.ts';

/** What ends at the latest this long after it was told to, in ms: a program in front of node is not waited for. */
const UNWIND_MS = 250;
/** What is left in the pipes of an ended process is read for so long. */
const DRAIN_MS = 1000;

/** Processes in a row: bwrap, its first process inside, node; unshare, node; node. */
const depths = { P3: 3, P2: 2, P1: 1 };

/**
 * A child process with the programs in front of it: bwrap and unshare stay as its parents, so what was spawned is
 * not what runs the swarmlet.
 */
export class ProcessTree implements Carrier {
  readonly isApart = true;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly pipe: Duplex;
  /** Calls that the child waits for. */
  readonly #calls: Duplex;
  /** Resolves when all processes have ended and the pipes are read to their ends, with how the outermost one ended. */
  readonly gone: Promise<Exit>;
  /** Of the outermost process; undefined if it could not be started. */
  readonly outerPid: number | undefined;
  readonly #child: ChildProcess;
  readonly #depth: number;
  readonly #onExit: () => void;
  #chain: { readonly pid: number; readonly startTime: number | undefined }[] = [];
  #exited = false;

  /** A program that cannot be started shows as an exit with code 127 and its reason on `failure`. */
  failure: string | undefined;

  /** @param onExit  the outermost process has ended; what is in the pipes comes behind it */
  constructor(launch: Launch, memoryMiB: number, onExit: () => void) {
    this.#onExit = onExit;
    const [program, ...args] = launch.command(memoryMiB) as [string, ...string[]];
    // A session of its own: Ctrl-C in the box's terminal is for the box, which then lets its swarmlets wrap up.
    const child = spawn(program, args, { env: {}, cwd: '/', detached: true, stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] });
    if (!child.stdout) {
      child.once('error', () => {}); // it says the same, but later
      throw new Error('No process can be started: the box has too many open files.');
    }
    this.#child = child;
    this.#depth = depths[launch.level];
    this.outerPid = child.pid;
    this.stdout = child.stdout;
    this.stderr = child.stderr as Readable;
    this.pipe = child.stdio[3] as Duplex;
    this.#calls = (child.stdio as unknown as readonly Duplex[])[4] as Duplex;
    for (const stream of [this.stdout, this.stderr, this.pipe, this.#calls]) {
      stream.on('error', () => {}); // the end of the process says it all: a broken pipe adds nothing
    }
    this.gone = this.#untilGone();
  }

  /** The process that runs the swarmlet; that of the outermost one until `vitals` is done. */
  get pid(): number | undefined {
    return this.#chain.at(-1)?.pid ?? this.outerPid;
  }

  answerWith(desk: CallDesk): void {
    new CallLine(this.#calls, desk);
  }

  /** Finds the processes behind the outermost one. */
  async vitals(): Promise<Vitals> {
    const chain: { pid: number; startTime: number | undefined }[] = [];
    let pid = this.outerPid;
    while (pid !== undefined) {
      chain.push({ pid, startTime: startTimeOf(pid) });
      if (chain.length === this.#depth) break;
      [pid] = await childrenOf(pid);
    }
    this.#chain = chain;
    return new ProcessVitals(this.pid ?? 0);
  }

  /** Ends all of it. Killing the first process of a namespace ends the others, and those in front unwind by themselves. */
  kill(): void {
    if (this.#exited || this.outerPid === undefined) return;
    const first = this.#chain[1];
    if (!first || startTimeOf(first.pid) !== first.startTime || !kill(first.pid)) {
      kill(-this.outerPid);
      return;
    }
    const timer = setTimeout(() => kill(-(this.outerPid as number)), UNWIND_MS);
    this.#child.once('exit', () => clearTimeout(timer));
  }

  #untilGone(): Promise<Exit> {
    return new Promise((resolve) => {
      const child = this.#child;
      let exit: Exit = { code: 127, signal: null };
      let drain: NodeJS.Timeout | undefined;
      const finish = (): void => {
        clearTimeout(drain);
        for (const stream of [this.stdout, this.stderr, this.pipe, this.#calls]) stream.destroy();
        resolve(exit);
      };
      child.once('error', (error) => {
        this.failure = error.message;
        if (this.outerPid === undefined) finish();
      });
      child.once('exit', (code, signal) => {
        this.#exited = true;
        exit = { code, signal };
        this.#onExit();
        drain = setTimeout(finish, DRAIN_MS);
      });
      child.once('close', finish);
    });
  }
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false; // it has ended meanwhile
  }
}
