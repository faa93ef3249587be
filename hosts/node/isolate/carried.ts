import { randomBytes } from 'node:crypto';
import { TypedEmitter, unreachable, type View } from '../../common/index.ts';
import { Gate, type World } from '../edge/gate/index.ts';
import type { Carrier, Exit } from './carrier.ts';
import { Channel, type LifeReport, ProtocolError, untimely } from './channel.ts';
import { describeExit, isMemoryReport } from './exit.ts';
import { flowWindow } from './flow.ts';
import {
  type End,
  type FailureReason,
  InputError,
  type Isolate,
  type IsolateEvents,
  type IsolateUsage,
  type IsolationLevel,
  StartError,
  type StartPhase,
  type SwarmletImage,
} from './isolate.ts';
import { type IsolateLimits, isolateDefaults } from './limits.ts';
import { LogPipe } from './log-pipe.ts';
import { moduleText } from './module-text.ts';
import { ServiceDesk } from './services.ts';
import { Vigil } from './vigil.ts';
import type { Watchdog, Watched } from './watchdog.ts';

/** A child that has not loaded its runtime after this long never will. */
const LOAD_MS = 15_000;
/** Weight that waits for credit in the child before it counts as a flood: ten seconds' worth. */
const BACKLOG_SECONDS = 10;
/** What serves others has this part of the time to wrap up to end it, and what is open then as much for its last bytes. */
const FAREWELL_SHARE = 1 / 4;

type State =
  | { readonly status: 'loading'; readonly deadline: number }
  | { readonly status: 'warming'; readonly deadline: number }
  | { readonly status: 'ready' }
  /** What it is to run is on its way to it. */
  | { readonly status: 'given'; readonly deadline: number }
  /** It has it, and waits for the word to run it. */
  | { readonly status: 'prepared' }
  /** It runs it already, and nothing that it says is heard before the word. */
  | { readonly status: 'ahead' }
  | { readonly status: 'starting'; readonly phase: StartPhase; readonly deadline: number }
  | { readonly status: 'running' }
  | { readonly status: 'stopping'; readonly deadline: number }
  | { readonly status: 'ending'; readonly end: End; readonly during: StartPhase | undefined }
  | { readonly status: 'ended'; readonly end: End };

interface Settle {
  resolve(): void;
  reject(error: Error): void;
}

/** One swarmlet from its start to its end, in whatever carries it: all tiers differ in their carriers only. */
export class CarriedIsolate<Carried extends Carrier = Carrier> extends TypedEmitter<IsolateEvents> implements Isolate, Watched {
  readonly level: IsolationLevel;
  /** What the carrier was made for; a swarmlet's own limit may be lower. */
  readonly memoryMiB: number;
  /** The end; never rejects. */
  readonly done: Promise<End>;
  protected readonly carrier: Carried;
  readonly #watchdog: Watchdog;
  readonly #world: World;
  readonly #channel: Channel;
  readonly #vigil: Vigil;
  readonly #token = randomBytes(12).toString('base64');
  readonly #logs: readonly [LogPipe, LogPipe];
  #state: State;
  #limits: IsolateLimits = isolateDefaults;
  #services: ServiceDesk | undefined;
  #loading: Settle | undefined;
  #starting: Settle | undefined;
  #mayGo = false;
  /** Resolves when what it says may be heard. */
  #heard = Promise.resolve();
  #hear = (): void => {};
  #looks = 0;
  #looking: { readonly id: number; readonly view: Promise<View | undefined>; resolve(view: View | undefined): void } | undefined;
  #gate: Gate | undefined;
  /** As it told last. */
  #inside = { dropped: 0, reactions: 0, waiting: 0 };
  #outOfMemory = false;
  #lastError = '';

  /** @param carry  makes the carrier; to be told when what is in its pipes is all that will come */
  constructor(level: IsolationLevel, memoryMiB: number, watchdog: Watchdog, world: World, carry: (onExit: () => void) => Carried) {
    super();
    this.level = level;
    this.memoryMiB = memoryMiB;
    this.#watchdog = watchdog;
    this.#world = world;
    this.#state = { status: 'loading', deadline: watchdog.now() + LOAD_MS };
    this.carrier = carry(() => {
      this.#vigil.close(); // also where it is not to be heard yet: there is nothing to watch any more
      for (const log of this.#logs) log.drain();
    });
    this.#channel = new Channel(this.carrier.pipe, () => watchdog.now(), {
      output: (port, value) => this.emit('output', port, value),
      service: (name, message) => {
        if (!this.#services?.take(name, message))
          throw new ProtocolError(`a call of the service ${JSON.stringify(name.slice(0, 40))} that it may not make`);
      },
      report: (report) => this.#report(report),
      broken: (reason, message) => this.#fail(reason, message),
    });
    this.#vigil = new Vigil({
      ask: (id) => this.#channel.command({ type: 'ping', id }),
      fail: (reason, message) => this.#fail(reason, message),
      programs: () => this.#gate?.programs ?? [],
    });
    this.carrier.answerWith({
      call: async (bytes) => {
        await this.#heard;
        return this.hasEnded ? undefined : this.#gate?.call(bytes); // which nobody let reach anything
      },
      callNow: (bytes) => this.#gate?.callNow(bytes),
      broken: (what) => this.#fail('protocol', `It asked what nobody may ask: ${what}.`),
    });
    this.#logs = [
      new LogPipe(this.carrier.stdout, (line) => this.emit('log', 'info', line)),
      new LogPipe(this.carrier.stderr, (line) => this.#errorLine(line)),
    ];
    this.done = this.#untilGone();
    watchdog.add(this);
  }

  get pid(): number {
    return this.carrier.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.#state.status === 'ending' || this.#state.status === 'ended';
  }

  /**
   * Resolves when the runtime is loaded and, if nobody waits for it, warmed up.
   * @param mayWarm  asked when it is loaded
   * @throws Error with what the process said
   */
  async load(mayWarm: () => boolean = () => false): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#loading = { resolve, reject };
    });
    const vitals = await this.carrier.vitals();
    if (this.hasEnded) throw new Error('It ended as soon as it was loaded.');
    this.#vigil.attach(vitals);
    this.#state = { status: 'ready' };
    if (!mayWarm()) return;
    this.#state = { status: 'warming', deadline: this.#watchdog.now() + LOAD_MS };
    await new Promise<void>((resolve, reject) => {
      this.#loading = { resolve, reject };
      this.#channel.command({ type: 'warm' });
    });
  }

  async start(image: SwarmletImage, limits: IsolateLimits, waits = false): Promise<void> {
    if (this.#state.status !== 'ready') throw new StartError('exit', 'load', 'This isolate was started before, or has ended.');
    const now = this.#watchdog.now();
    this.#limits = limits;
    this.#vigil.begin({ ...limits, memoryMiB: Math.min(limits.memoryMiB, this.memoryMiB) });
    for (const log of this.#logs) log.limit(limits.logBytesPerSecond, now);
    this.#state = { status: 'given', deadline: now + limits.setupMs };
    const gate = new Gate(
      {
        owner: { swarmlet: image.name, principal: image.principal },
        reach: image.reach,
        files: image.files,
        messagesPerSecond: limits.messagesPerSecond,
        storageMiB: limits.storageMiB,
        memoryMiB: limits.memoryMiB,
        wire: this.#channel.wire,
        now: () => this.#watchdog.now(),
      },
      this.#world,
    );
    this.#gate = gate;
    const credit = this.#channel.open(limits.messagesPerSecond, gate);
    const tell = (name: string, message: unknown): void => this.#channel.command({ type: 'service', name, message });
    this.#services = new ServiceDesk(image.services ?? new Map(), tell);
    const started = new Promise<void>((resolve, reject) => {
      this.#starting = { resolve, reject };
    });
    started.catch(() => {}); // it may end while its files are on their way, before anybody waits for this
    for (const name of image.modules) {
      const text = (await moduleText(name)) ?? image.codes?.get(name);
      if (text !== undefined) this.#channel.command({ type: 'module', name, text });
    }
    for (const [name, text] of image.files) {
      this.#channel.command({ type: 'file', name, text });
      await this.#channel.written();
    }
    this.#channel.command({
      type: 'start',
      token: this.#token,
      name: image.name,
      main: image.main,
      modules: image.modules,
      parameters: image.parameters,
      inputs: image.inputs,
      trusted: image.trusted,
      outside: gate.outside,
      farewellMs: limits.wrapupMs * FAREWELL_SHARE,
      logBytesPerSecond: limits.logBytesPerSecond,
      credit,
      backlog: flowWindow + BACKLOG_SECONDS * limits.messagesPerSecond,
    });
    if (this.#state.status === 'given') this.#state = { status: 'prepared' };
    if (this.#mayGo || !waits) this.go();
    else if (this.#state.status === 'prepared' && this.carrier.isApart) this.#runAhead();
    return started;
  }

  #runAhead(): void {
    this.#state = { status: 'ahead' };
    this.#heard = new Promise((resolve) => {
      this.#hear = () => {
        this.#hear = () => {};
        for (const log of this.#logs) log.release();
        this.#channel.release();
        resolve();
      };
    });
    this.#channel.hold();
    for (const log of this.#logs) log.hold();
    this.#channel.command({ type: 'go' });
  }

  go(): void {
    this.#mayGo = true;
    const { status } = this.#state;
    if (status !== 'prepared' && status !== 'ahead') return; // not yet, or it has ended meanwhile
    this.#state = { status: 'starting', phase: 'setup', deadline: this.#watchdog.now() + this.#limits.setupMs };
    if (status === 'ahead') this.#hear();
    else {
      this.#channel.command({ type: 'go' });
      this.#channel.flush();
    }
    this.emit('going');
  }

  async provideInput(port: string, value: unknown): Promise<void> {
    if (this.#state.status !== 'running') throw new InputError(`Input ${port} was not provided: the swarmlet does not run.`);
    return this.#channel.provide(port, value);
  }

  wrapup(): Promise<End> {
    if (this.#state.status === 'running') {
      this.#vigil.arm(false); // the deadline counts, however it is spent
      this.#state = { status: 'stopping', deadline: this.#watchdog.now() + this.#limits.wrapupMs };
      this.#channel.command({ type: 'wrapup' });
    } else if (this.#state.status !== 'stopping') {
      this.#end({ kind: 'stopped' });
    }
    return this.done;
  }

  kill(reason: FailureReason, message: string): Promise<End> {
    this.#fail(reason, message);
    return this.done;
  }

  observe(known: number): Promise<View | undefined> {
    if (this.#looking) return this.#looking.view;
    if (this.#state.status !== 'running') return Promise.resolve(undefined);
    const id = ++this.#looks;
    let resolve = (_view: View | undefined): void => {};
    const view = new Promise<View | undefined>((settle) => {
      resolve = settle;
    });
    this.#looking = { id, view, resolve };
    this.#channel.command({ type: 'look', id, known });
    return view;
  }

  unobserve(): void {
    if (this.#state.status === 'running') this.#channel.command({ type: 'unlook' });
  }

  usage(): IsolateUsage {
    return {
      ...this.#vigil.usage,
      lagMs: this.#vigil.lagMs(this.#watchdog.now()),
      reactions: this.#inside.reactions,
      ...this.#channel.traffic,
      queuedIn: this.#channel.queuedIn,
      queuedOut: this.#inside.waiting,
      droppedLogs: this.#inside.dropped + this.#logs[0].cutLines + this.#logs[1].cutLines,
    };
  }

  // ------------------------------------------------------------------------------------ from the child

  #report(report: LifeReport): void {
    switch (report.type) {
      case 'pong':
        if (!this.#vigil.answer(report.id, this.#watchdog.now())) throw untimely(report);
        this.#inside = report;
        return;
      case 'seen':
        if (this.#looking?.id !== report.id) throw untimely(report);
        this.#looking.resolve(report.view);
        this.#looking = undefined;
        return;
      case 'loaded':
      case 'warmed':
        if (this.#state.status !== (report.type === 'loaded' ? 'loading' : 'warming') || !this.#loading) throw untimely(report);
        if (this.#state.status === 'warming') this.#state = { status: 'ready' };
        this.#loading.resolve();
        this.#loading = undefined;
        return;
      case 'entered':
        this.#checkToken(report);
        this.#entered(report.phase);
        return;
      case 'startFailed':
        this.#checkToken(report);
        if (this.#state.status !== 'starting') throw untimely(report);
        this.#state = { ...this.#state, phase: report.phase };
        this.#fail(report.reason, report.message);
        return;
      case 'ended':
        this.#checkToken(report);
        this.#inside = { ...this.#inside, dropped: report.dropped, waiting: 0 };
        if (report.ending === 'completed' || report.ending === 'stopped') this.#end({ kind: report.ending });
        else this.#fail(report.ending, report.message);
        return;
      default:
        unreachable(report);
    }
  }

  #checkToken(report: LifeReport & { readonly token: string }): void {
    if (report.token !== this.#token || this.#state.status === 'ready') throw new ProtocolError(`a forged report '${report.type}'`);
  }

  #entered(phase: 'initialize' | 'running'): void {
    const now = this.#watchdog.now();
    if (this.#state.status !== 'starting') throw new ProtocolError(`'${phase}' after the start`);
    const from = this.#state.phase;
    if (phase === 'initialize' && from === 'setup') {
      this.#state = { status: 'starting', phase, deadline: now + this.#limits.initializeMs };
    } else if (phase === 'running' && from === 'initialize') {
      this.#state = { status: 'running' };
      this.#gate?.running();
      this.#vigil.arm(true);
      this.#starting?.resolve();
      this.#starting = undefined;
    } else throw new ProtocolError(`'${phase}' after '${from}'`);
  }

  #errorLine(line: string): void {
    if (this.hasEnded && /^(?:unshare|bwrap|setpriv): /.test(line)) return; // how its parents take its death
    if (isMemoryReport(line)) this.#outOfMemory = true;
    if (this.#state.status === 'loading') this.#lastError = line;
    this.emit('log', 'error', line);
  }

  // ------------------------------------------------------------------------------------------ watching

  look(now: number): number {
    this.#channel.tick(now);
    for (const log of this.#logs) log.refill(now);
    const next = this.#vigil.look(now, this.#channel.busy, this.#channel.waiting || this.#logs[0].paused || this.#logs[1].paused);
    const state = this.#state;
    if (!('deadline' in state)) return next;
    // Only after what waits in the pipes was read: perhaps it was done in time, and only this host was late.
    if (now >= state.deadline) setImmediate(() => state === this.#state && this.#late());
    return Math.max(1, Math.min(state.deadline - now, next));
  }

  #late(): void {
    const { setupMs, initializeMs, wrapupMs } = this.#limits;
    if (this.#state.status === 'stopping') this.#fail('wrapup-timeout', `It did not wrap up within ${wrapupMs} ms.`);
    else if (this.#state.status === 'given') this.#fail('setup-timeout', `It did not take what it was to run within ${setupMs} ms.`);
    else if (this.#state.status !== 'starting') this.#fail('exit', 'The runtime did not load in time.');
    else if (this.#state.phase === 'initialize') this.#fail('start-timeout', `initialize did not end within ${initializeMs} ms.`);
    else this.#fail('setup-timeout', `${this.#state.phase} did not end within ${setupMs} ms.`);
  }

  // -------------------------------------------------------------------------------------------- ending

  #fail(reason: FailureReason, message: string): void {
    this.#end({ kind: 'failed', reason, message });
  }

  #end(end: End): void {
    if (this.hasEnded) return;
    if (this.#state.status === 'ahead') for (const log of this.#logs) log.drop(); // it never did anything
    this.#state = { status: 'ending', end, during: this.#state.status === 'starting' ? this.#state.phase : undefined };
    this.#looking?.resolve(undefined);
    this.#channel.close(end.kind !== 'failed');
    this.#services?.close();
    this.carrier.kill();
    this.#hear(); // its pipes are read to their ends
  }

  async #untilGone(): Promise<End> {
    const exit = await this.carrier.gone;
    await this.#heard; // what it said before it went counts first
    return this.#gone(exit);
  }

  #gone(exit: Exit): End {
    for (const log of this.#logs) log.end(); // the last lines may tell why
    const outOfMemory = this.#outOfMemory || exit.outOfMemory === true;
    if (!this.hasEnded) this.#fail(outOfMemory ? 'memory' : 'exit', describeExit(exit, outOfMemory));
    const { end, during } = this.#state as Extract<State, { status: 'ending' }>;
    this.#state = { status: 'ended', end };
    this.#watchdog.remove(this);
    this.#loading?.reject(new Error(this.carrier.failure ?? (this.#lastError || messageOf(end))));
    this.#starting?.reject(new StartError(end.kind === 'failed' ? end.reason : 'exit', during ?? 'load', messageOf(end)));
    this.emit('ended', end);
    this.removeAllListeners();
    return end;
  }
}

function messageOf(end: End): string {
  return end.kind === 'failed' ? end.message : 'It was stopped.';
}
