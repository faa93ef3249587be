import type { Duplex, Readable } from 'node:stream';

/** How a carrier ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The runtime's own limit of memory ended it. */
  readonly outOfMemory?: boolean;
}

/** Scheduling of one thread, in nanoseconds: how long it ran, and how long it waited for a processor. */
export interface Schedule {
  readonly ran: number;
  readonly waited: number;
}

/** What the system tells of a carrier; undefined where it does not. */
export interface Vitals {
  /** Of the thread that runs the swarmlet. */
  schedule(): Schedule | undefined;
  /** That thread sleeps until an event comes, so its event loop turns. False as well where the system does not tell. */
  awaitsEvents(): boolean;
  /** What this one more costs, in MiB. */
  privateMiB(): number | undefined;
  /** Processor time so far, in ms. */
  cpuMs(): number | undefined;
  close(): void;
}

/** What runs the trusted runtime, and with it one swarmlet: processes, a thread, or the host itself. */
export interface Carrier {
  /** It runs beside the host, which may leave unheard what it says and does nothing else for it meanwhile. */
  readonly isApart: boolean;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Frames of both directions. */
  readonly pipe: Duplex;
  /** Resolves when nothing of it is left and the pipes are read to their ends; never rejects. */
  readonly gone: Promise<Exit>;
  readonly pid: number | undefined;
  /** Why it could not be made, where its exit does not tell. */
  readonly failure: string | undefined;
  /** To be asked once the runtime is loaded; undefined: nobody can tell. */
  vitals(): Promise<Vitals | undefined>;
  kill(): void;
  /** Called once, before anything is asked. */
  answerWith(desk: CallDesk): void;
}

/** Answers calls for which the swarmlet waits, and does nothing else meanwhile (edge/folder-call.ts). */
export interface CallDesk {
  /** Resolves with undefined if it was no call, or not now; the isolate ends then. */
  call(bytes: Buffer): Promise<Buffer | undefined>;
  /** The same at once, for what runs in the host's own loop. */
  callNow(bytes: Buffer): Buffer | undefined;
  /** Something else came than a call, or a second one before the first was answered. */
  broken(message: string): void;
}
