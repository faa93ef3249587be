import { randomBytes } from 'node:crypto';
import { TypedEmitter, unreachable } from '../../common/index.ts';
import { describeExit, isMemoryReport } from './exit.ts';
import { flowWindow, OutputCredit, weightOf } from './flow.ts';
import { FrameDecoder, FrameError, FrameWriter, frameCap } from './frames.ts';
import { Gauge } from './gauge.ts';
import { Heartbeat } from './heartbeat.ts';
import { InputQueue } from './input-queue.ts';
import {
  type End,
  type FailureReason,
  InputError,
  type Isolate,
  type IsolateEvents,
  type IsolateUsage,
  StartError,
  type StartPhase,
  type SwarmletImage,
} from './isolate.ts';
import type { Launch, ProcessLevel } from './launch.ts';
import { type IsolateLimits, isolateDefaults } from './limits.ts';
import { LogPipe } from './log-pipe.ts';
import { type Command, parseReport, type Report } from './messages.ts';
import { type Exit, ProcessTree } from './process-tree.ts';
import type { Watchdog, Watched } from './watchdog.ts';

/** A child that has not loaded its runtime after this long never will. */
const LOAD_MS = 15_000;
/** Weight that waits for credit in the child before it counts as a flood: ten seconds' worth. */
const BACKLOG_SECONDS = 10;

type State =
  | { readonly status: 'loading'; readonly deadline: number }
  | { readonly status: 'warming'; readonly deadline: number }
  | { readonly status: 'ready' }
  | { readonly status: 'starting'; readonly phase: StartPhase; readonly deadline: number }
  | { readonly status: 'running' }
  | { readonly status: 'stopping'; readonly deadline: number }
  | { readonly status: 'ending'; readonly end: End; readonly during: StartPhase | undefined }
  | { readonly status: 'ended'; readonly end: End };

interface Settle {
  resolve(): void;
  reject(error: Error): void;
}

class ProtocolError extends Error {}

/** One child process, and the swarmlet that it runs. */
export class ProcessIsolate extends TypedEmitter<IsolateEvents> implements Isolate, Watched {
  readonly level: ProcessLevel;
  /** What the process was started with; a swarmlet's own limit may be lower. */
  readonly memoryMiB: number;
  /** The end; never rejects. */
  readonly done: Promise<End>;
  readonly #watchdog: Watchdog;
  readonly #tree: ProcessTree;
  readonly #writer: FrameWriter;
  readonly #decoder: FrameDecoder;
  readonly #token = randomBytes(12).toString('base64');
  readonly #logs: readonly [LogPipe, LogPipe];
  #state: State;
  #limits: IsolateLimits = isolateDefaults;
  #loading: Settle | undefined;
  #starting: Settle | undefined;
  #gauge: Gauge | undefined;
  #heartbeat = new Heartbeat(isolateDefaults.reactionMs);
  #credit: OutputCredit;
  #inputs: InputQueue;
  #lastUsage = { memoryMiB: 0, cpuPercent: 0 };
  #askedMiB = 0;
  #messagesOut = 0;
  #droppedInside = 0;
  #outOfMemory = false;
  #lastError = '';

  constructor(launch: Launch, memoryMiB: number, watchdog: Watchdog) {
    super();
    this.level = launch.level;
    this.memoryMiB = memoryMiB;
    this.#watchdog = watchdog;
    const now = watchdog.now();
    this.#state = { status: 'loading', deadline: now + LOAD_MS };
    this.#tree = new ProcessTree(launch, memoryMiB, () => {
      for (const log of this.#logs) log.drain();
    });
    this.#writer = new FrameWriter(this.#tree.pipe);
    this.#decoder = new FrameDecoder(frameCap, (text, bytes) => this.#frame(text, bytes));
    this.#credit = new OutputCredit(isolateDefaults.messagesPerSecond, now);
    this.#inputs = new InputQueue(this.#writer, isolateDefaults.messagesPerSecond, now);
    this.#tree.pipe.on('data', (chunk: Buffer) => this.#data(chunk));
    this.#logs = [
      new LogPipe(this.#tree.stdout, (line) => this.emit('log', 'info', line)),
      new LogPipe(this.#tree.stderr, (line) => this.#errorLine(line)),
    ];
    this.done = this.#tree.gone.then((exit) => this.#gone(exit));
    watchdog.add(this);
  }

  get pid(): number {
    return this.#tree.pid ?? 0;
  }

  /** Of the process that stands in front, which ends with this one. */
  get outerPid(): number | undefined {
    return this.#tree.outerPid;
  }

  get hasEnded(): boolean {
    return this.#state.status === 'ending' || this.#state.status === 'ended';
  }

  /**
   * Resolves when the runtime is loaded and, if asked for, warmed up.
   * @throws Error with what the process said
   */
  async load(warm: boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#loading = { resolve, reject };
    });
    await this.#tree.find();
    if (this.hasEnded) throw new Error('It ended as soon as it was loaded.');
    this.#gauge = new Gauge(this.pid);
    this.#state = { status: 'ready' };
    if (!warm) return;
    this.#state = { status: 'warming', deadline: this.#watchdog.now() + LOAD_MS };
    await new Promise<void>((resolve, reject) => {
      this.#loading = { resolve, reject };
      this.#command({ type: 'warm' });
    });
  }

  async start(image: SwarmletImage, limits: IsolateLimits): Promise<void> {
    if (this.#state.status !== 'ready') throw new StartError('exit', 'load', 'This isolate was started before, or has ended.');
    const now = this.#watchdog.now();
    this.#limits = limits;
    this.#heartbeat = new Heartbeat(limits.reactionMs);
    this.#credit = new OutputCredit(limits.messagesPerSecond, now);
    this.#inputs = new InputQueue(this.#writer, limits.messagesPerSecond, now);
    for (const log of this.#logs) log.limit(limits.logBytesPerSecond, now);
    this.#state = { status: 'starting', phase: 'load', deadline: now + limits.setupMs };
    const started = new Promise<void>((resolve, reject) => {
      this.#starting = { resolve, reject };
    });
    for (const [name, text] of image.files) {
      this.#command({ type: 'file', name, text });
      if (this.#writer.waiting > frameCap) await this.#written();
    }
    this.#command({
      type: 'start',
      token: this.#token,
      name: image.name,
      main: image.main,
      modules: image.modules,
      parameters: image.parameters,
      inputs: image.inputs,
      trusted: image.trusted,
      logBytesPerSecond: limits.logBytesPerSecond,
      credit: this.#credit.initial,
      backlog: flowWindow + BACKLOG_SECONDS * limits.messagesPerSecond,
    });
    return started;
  }

  async #written(): Promise<void> {
    this.#writer.flush();
    const { pipe } = this.#tree;
    if (!pipe.writableNeedDrain) return;
    await Promise.race([this.#tree.gone, new Promise((resolve) => pipe.once('drain', resolve))]);
  }

  async provideInput(port: string, value: unknown): Promise<void> {
    if (this.#state.status !== 'running') throw new InputError(`Input ${port} was not provided: the swarmlet does not run.`);
    return this.#inputs.provide(port, value, this.#watchdog.now());
  }

  wrapup(): Promise<End> {
    if (this.#state.status === 'running') {
      this.#state = { status: 'stopping', deadline: this.#watchdog.now() + this.#limits.wrapupMs };
      this.#command({ type: 'wrapup' });
    } else if (this.#state.status !== 'stopping') {
      this.#end({ kind: 'stopped' });
    }
    return this.done;
  }

  kill(reason: FailureReason, message: string): Promise<End> {
    this.#fail(reason, message);
    return this.done;
  }

  usage(): IsolateUsage {
    this.#readGauge();
    return {
      ...this.#lastUsage,
      messagesIn: this.#inputs.taken,
      messagesOut: this.#messagesOut,
      droppedLogs: this.#droppedInside + this.#logs[0].cutLines + this.#logs[1].cutLines,
    };
  }

  #readGauge(): void {
    if (!this.#gauge) return;
    this.#lastUsage = { memoryMiB: Math.round(this.#gauge.measure() * 10) / 10, cpuPercent: this.#gauge.cpuPercent };
  }

  // ------------------------------------------------------------------------------------ from the child

  #data(chunk: Buffer): void {
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof FrameError)) throw error;
      this.#fail('protocol', `It wrote what is no message of this protocol: ${error.message}.`);
      return;
    }
    this.#grant(this.#watchdog.now());
  }

  #frame(text: string, bytes: number): void {
    const report = this.#parse(text);
    switch (report.type) {
      case 'output':
        if (this.#state.status === 'loading' || this.#state.status === 'warming' || this.#state.status === 'ready') throw untimely(report);
        if (!this.#credit.spend(weightOf(bytes))) {
          this.#fail('messages', 'It sent more values than it was allowed to.');
          return;
        }
        this.#messagesOut++;
        this.emit('output', report.port, report.value);
        return;
      case 'pong':
        if (!this.#heartbeat.answer(report.id, this.#gauge?.scheduleNow())) throw untimely(report);
        this.#droppedInside = report.dropped;
        return;
      case 'taken':
        if (!this.#inputs.took(report.count)) throw untimely(report);
        this.#inputs.send(this.#watchdog.now());
        return;
      case 'refused':
        if (!this.#inputs.refused(report.message)) throw untimely(report);
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
        this.#droppedInside = report.dropped;
        if (report.ending === 'completed' || report.ending === 'stopped') this.#end({ kind: report.ending });
        else this.#fail(report.ending, report.message);
        return;
      default:
        unreachable(report);
    }
  }

  #parse(text: string): Report {
    try {
      return parseReport(text);
    } catch (error) {
      throw new ProtocolError((error as Error).message);
    }
  }

  #checkToken(report: Report & { readonly token: string }): void {
    if (report.token !== this.#token || this.#state.status === 'ready') throw new ProtocolError(`a forged report '${report.type}'`);
  }

  #entered(phase: 'setup' | 'initialize' | 'running'): void {
    const now = this.#watchdog.now();
    if (this.#state.status !== 'starting') throw new ProtocolError(`'${phase}' after the start`);
    const from = this.#state.phase;
    if (phase === 'setup' && from === 'load') this.#state = { ...this.#state, phase };
    else if (phase === 'initialize' && from === 'setup') {
      this.#state = { status: 'starting', phase, deadline: now + this.#limits.initializeMs };
    } else if (phase === 'running' && from === 'initialize') {
      this.#state = { status: 'running' };
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

  // ------------------------------------------------------------------------------------- to the child

  #command(command: Command): void {
    this.#writer.write(JSON.stringify(command));
  }

  #grant(now: number): void {
    if (this.#state.status !== 'running' && this.#state.status !== 'starting' && this.#state.status !== 'stopping') return;
    const weight = this.#credit.grant(now);
    if (weight > 0) this.#command({ type: 'credit', weight });
  }

  // ------------------------------------------------------------------------------------------ watching

  look(now: number): number {
    this.#gauge?.look(now);
    this.#grant(now);
    this.#inputs.send(now);
    for (const log of this.#logs) log.refill(now);
    this.#checkMemory();
    const state = this.#state;
    switch (state.status) {
      case 'running':
        this.#checkHeartbeat(now);
        return this.#heartbeat.silent ? Math.min(this.#heartbeat.patience(now), this.#pace()) : this.#pace();
      case 'loading':
      case 'warming':
      case 'starting':
      case 'stopping':
        if (now >= state.deadline) setImmediate(() => state === this.#state && this.#late());
        return Math.max(1, Math.min(state.deadline - now, this.#pace()));
      default:
        return this.#pace();
    }
  }

  #pace(): number {
    const waits = this.#inputs.busy || this.#logs[0].paused || this.#logs[1].paused;
    const pace = waits ? undefined : this.#gauge?.pace(this.#limits.memoryMiB);
    return Math.min(pace ?? 50, this.#limits.reactionMs / 5);
  }

  #checkMemory(): void {
    if (!this.#gauge?.moved) return;
    const limit = Math.min(this.#limits.memoryMiB, this.memoryMiB);
    const used = this.#gauge.privateMiB;
    if (used > limit) this.#fail('memory', `It used ${Math.ceil(used)} MiB of private memory; allowed are ${limit} MiB.`);
  }

  #checkHeartbeat(now: number): void {
    const next = this.#heartbeat.check(now, this.#gauge?.schedule, this.#inputs.busy);
    if (next === undefined) return;
    if (next === 'stuck') {
      setImmediate(() => this.#unlessAnswered());
      return;
    }
    this.#askedMiB = this.#gauge?.privateMiB ?? 0;
    this.#command({ type: 'ping', id: next });
  }

  /** Called after what waits in the pipes was read: the answer may be there, and only this host was late. */
  #unlessAnswered(): void {
    if (this.#state.status !== 'running' || !this.#heartbeat.silent) return;
    const stuck = `its event loop was stuck for more than ${this.#limits.reactionMs} ms`;
    // A loop that fills the memory is found by whichever limit it meets first; what it did wrong is the same.
    const grownMiB = Math.round((this.#gauge?.measure() ?? 0) - this.#askedMiB);
    if (grownMiB > this.#limits.memoryMiB / 4) this.#fail('memory', `Its memory grew by ${grownMiB} MiB while ${stuck}.`);
    else this.#fail('reaction-timeout', `I${stuck.slice(1)}.`);
  }

  #late(): void {
    const { setupMs, initializeMs, wrapupMs } = this.#limits;
    if (this.#state.status === 'stopping') this.#fail('wrapup-timeout', `It did not wrap up within ${wrapupMs} ms.`);
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
    this.#state = { status: 'ending', end, during: this.#state.status === 'starting' ? this.#state.phase : undefined };
    this.#decoder.stop();
    this.#inputs.close('The swarmlet has ended.');
    this.#tree.kill();
  }

  #gone(exit: Exit): End {
    for (const log of this.#logs) log.end(); // the last lines may tell why
    if (!this.hasEnded) this.#fail(this.#outOfMemory ? 'memory' : 'exit', describeExit(exit, this.#outOfMemory));
    const { end, during } = this.#state as Extract<State, { status: 'ending' }>;
    this.#state = { status: 'ended', end };
    this.#watchdog.remove(this);
    this.#readGauge();
    this.#gauge?.close();
    this.#gauge = undefined;
    this.#loading?.reject(new Error(this.#tree.failure ?? (this.#lastError || messageOf(end))));
    this.#starting?.reject(new StartError(end.kind === 'failed' ? end.reason : 'exit', during ?? 'load', messageOf(end)));
    this.emit('ended', end);
    this.removeAllListeners();
    return end;
  }
}

function untimely(report: Report): ProtocolError {
  return new ProtocolError(`'${report.type}' at a time when it means nothing`);
}

function messageOf(end: End): string {
  return end.kind === 'failed' ? end.message : 'It was stopped.';
}
