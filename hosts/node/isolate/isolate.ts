import type { TypedEmitter, View } from '../../common/index.ts';
import type { Reach } from '../edge/index.ts';
import type { IsolateLimits } from './limits.ts';
import type { HostService } from './services.ts';

/** What a swarmlet is made of. Nothing but these files, the pure modules and the granted ones resolves inside. */
export interface SwarmletImage {
  /** Becomes the name of the top-level accessor. */
  readonly name: string;
  /** Who deployed it: its folder is that of this person's swarmlets of this name. */
  readonly principal: string;
  /** The file of the top-level accessor, one of `files`. */
  readonly main: string;
  /** File name -> JavaScript text; the file `a/B.js` is the class `a/B`. */
  readonly files: ReadonlyMap<string, string>;
  /** Modules granted beyond the pure ones. */
  readonly modules: readonly string[];
  /** Code of those of them that this package does not have, by name: a bundle whose `create` makes what accessors get. */
  readonly codes?: ReadonlyMap<string, string>;
  /** What they may reach. */
  readonly reach: Reach;
  /** Set before `initialize`. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Provided once after `initialize`, all in one reaction. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** By the name of their module: what of the host it may talk to. */
  readonly services?: ReadonlyMap<string, HostService>;
  /** Accessors of `trusted/` may see the top-level accessors. */
  readonly trusted: boolean;
}

/** Why an isolate failed (PROTOCOL 6). */
export type FailureReason =
  | 'reaction-timeout'
  | 'setup-timeout'
  | 'start-timeout'
  | 'wrapup-timeout'
  | 'memory'
  | 'cpu'
  | 'messages'
  | 'exception'
  | 'exit'
  | 'protocol';

/** How an isolate ended. */
export type End =
  | { readonly kind: 'completed' } // the swarmlet wrapped itself up
  | { readonly kind: 'stopped' } // it was asked to wrap up, and did
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly message: string };

/**
 * The steps of a start, in order. `load` evaluates the source of the top-level accessor; only what throws there is told apart from
 * `setup`, which has the same limit: a report between the two would take longer than most swarmlets take for either.
 */
export type StartPhase = 'load' | 'setup' | 'initialize';

/** A swarmlet did not start; its isolate has ended. */
export class StartError extends Error {
  readonly reason: FailureReason;
  readonly phase: StartPhase;

  constructor(reason: FailureReason, phase: StartPhase, message: string) {
    super(message);
    this.name = 'StartError';
    this.reason = reason;
    this.phase = phase;
  }
}

/** A value did not reach an input: it has no such port, the value does not fit, too many wait, or the isolate has ended. */
export class InputError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InputError';
  }
}

export type LogLevel = 'info' | 'error';

/** How strong the wall is (ISOLATION.md 6): process with namespaces and own file system, with namespaces, without; thread; inline. */
export type IsolationLevel = 'P3' | 'P2' | 'P1' | 'W1' | 'I';

export interface IsolateEvents {
  /** A value left the swarmlet by one of its outputs. Values are as JSON carries them; nothing in them is trusted. */
  output: [port: string, value: unknown];
  /** It got the word, and is heard from now on. */
  going: [];
  /** A line of the swarmlet's console, as it came: whoever shows it escapes control characters. */
  log: [level: LogLevel, line: string];
  /** Last event; the process is gone and everything is given back. */
  ended: [end: End];
}

/** What one isolate used so far, and uses now. What nobody can tell is undefined: the host's own loop has no memory of its own. */
export interface IsolateUsage {
  /** Private memory. */
  readonly memoryMiB: number | undefined;
  /** Of one core, mean over the last 10 s. */
  readonly cpuPercent: number | undefined;
  /** Processor time since it was started, at most a second old. */
  readonly cpuMs: number | undefined;
  /** How long its event loop took to answer when it was last asked, by way of the pipe; undefined before that. */
  readonly lagMs: number | undefined;
  /** Of all its accessors, when it last answered. */
  readonly reactions: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** Of the frames of these messages. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Values on their way to its inputs, and outputs that it may not send yet, as it last told. */
  readonly queuedIn: number;
  readonly queuedOut: number;
  /** Console writes and lines that were dropped or cut. */
  readonly droppedLogs: number;
}

/** Runs one swarmlet, once. */
export interface Isolate extends TypedEmitter<IsolateEvents> {
  /** Process id as the host sees it; of the host itself in the tiers without a process of their own. */
  readonly pid: number;
  readonly level: IsolationLevel;
  /**
   * Runs the swarmlet; resolves when its `initialize` is done.
   * @param waits  it is given its code at once, and nothing that this does is heard, seen or answered before `go`
   * @throws StartError; the isolate has ended then
   */
  start(image: SwarmletImage, limits: IsolateLimits, waits?: boolean): Promise<void>;
  /** If it has its code, what it did so far was heard when this returns; else it runs as soon as it has it. */
  go(): void;
  /**
   * Gives a value to an input, which causes a reaction; resolves when the input took it.
   * @throws InputError
   */
  provideInput(port: string, value: unknown): Promise<void>;
  /** Lets the swarmlet wrap up, and kills it when it takes too long. An error of its `wrapup` is a log line. */
  wrapup(): Promise<End>;
  /** Ends it at once, whatever it does. */
  kill(reason: FailureReason, message: string): Promise<End>;
  usage(): IsolateUsage;
  /**
   * What is inside and what happened there since the last look; undefined unless it runs. From the first look on it is
   * observed, until `unobserve`.
   * @param known  revision of the structure that the caller has, 0 for none
   */
  observe(known: number): Promise<View | undefined>;
  unobserve(): void;
}

/** Isolates that wait for a swarmlet. */
export interface PoolUse {
  /** As many are kept. */
  readonly size: number;
  /** As many could be claimed at once. */
  readonly idle: number;
  /** Claims so far that took one of them, and those for which one was made. */
  readonly warm: number;
  readonly cold: number;
}

/** One way to make isolates. */
export interface IsolateTier {
  readonly name: 'process' | 'thread' | 'inline';
  readonly level: IsolationLevel;
  /** Undefined: it keeps none. */
  readonly pool?: PoolUse;
  /** An isolate that can be started at once, within these limits. */
  claim(limits: IsolateLimits): Promise<Isolate>;
  /** Ends all isolates of this tier. */
  close(): Promise<void>;
}
