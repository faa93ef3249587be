import { errorText, TypedEmitter, type View } from '../../hosts/common/index.ts';
import { type End, type Isolate, type IsolateTier, StartError } from '../../hosts/node/isolate/index.ts';
import { errors, isServiceError, type ServiceError } from '../errors.ts';
import type { Version } from '../store/index.ts';
import type { Plan } from './plan.ts';
import { Preparation } from './preparation.ts';
import { hasEnded, type IsolateId, next, type Reason, type Rest, reasonOf, type Signal, type SwarmletState } from './state.ts';
import type { Timing } from './timing.ts';

export interface RunEvents {
  /** After every transition; `to` is already in force. */
  state: [from: SwarmletState, to: SwarmletState];
  output: [port: string, value: unknown];
  log: [level: 'info' | 'error', line: string];
  /** It was running and ended, and nobody had asked for it. */
  ended: [how: 'completed' | 'failed'];
}

/** What a version was when the box stopped. */
export interface Past {
  /** Where it stays unless it is started. */
  readonly state: SwarmletState;
  readonly reason: Reason | null;
  /** Unix milliseconds. */
  readonly since: number;
  readonly firstRunningAt: number | undefined;
}

/** What is sent before the version has its place, until it has it. */
interface Held {
  readonly outputs: { readonly port: string; readonly value: unknown }[];
  bytes: number;
}

let lastIsolate: IsolateId = 0;

/** The life of one version: one isolate after the other, each from claim to end. */
export class Run {
  readonly version: Version;
  readonly plan: Plan;
  readonly events = new TypedEmitter<RunEvents>();
  readonly tier: IsolateTier;
  readonly #timing: Timing;
  readonly #heldBytes: number;
  readonly #keep: (run: Run) => Promise<void>;
  #state: SwarmletState = { status: 'staged' };
  #prepared: Preparation | undefined;
  #isolate: Isolate | undefined;
  #held: Held | undefined;
  /** The end of an isolate that had just started, before its start was dealt with. */
  #earlyEnd: End | undefined;
  /** It was killed while it started. */
  #cutShort = false;
  /** Hides sealed values in what leaves the box for people. */
  #mask = (text: string): string => text;
  #waitingForEnd: (() => void)[] = [];
  /** Unix milliseconds. */
  startedAt = 0;
  runningAt = 0;
  since: number;
  /** Why it last failed or was stopped; stays until it runs again. */
  reason: Reason | null = null;
  /** When it ran for the first time since somebody wanted it to; `run.for` counts from there. */
  firstRunningAt: number | undefined;

  /** @param keep  resolves when a crash of the box cannot make it forget any more that this version has completed */
  constructor(
    version: Version,
    plan: Plan,
    tier: IsolateTier,
    timing: Timing,
    heldBytes: number,
    keep: (run: Run) => Promise<void>,
    past?: Past,
  ) {
    this.version = version;
    this.plan = plan;
    this.tier = tier;
    this.#timing = timing;
    this.#heldBytes = heldBytes;
    this.#keep = keep;
    this.since = past?.since ?? timing.now();
    if (!past) return;
    this.#state = past.state;
    this.reason = past.reason;
    this.firstRunningAt = past.firstRunningAt;
  }

  get state(): SwarmletState {
    return this.#state;
  }

  get live(): boolean {
    return !hasEnded(this.#state);
  }

  get isolate(): Isolate | undefined {
    return this.#isolate;
  }

  /** Gives its code to an isolate, while whoever wants it to be started waits for the permission; `start` or `discard` has to follow. */
  prepare(): void {
    this.#prepared = new Preparation(this.tier, this.plan);
  }

  discard(): void {
    this.#prepared?.discard();
    this.#prepared = undefined;
  }

  /**
   * Starts an isolate; resolves when it is `running`.
   * @param signal  `spawn` for the first start and after a back-off, `revive` when it had ended
   * @param hold    keep outputs back until `release`, not only until it runs
   * @throws SETUP_FAILED, START_TIMEOUT; REVOKED_KEY or BUSY if it was stopped meanwhile
   */
  async start(signal: 'spawn' | 'revive', hold = false): Promise<void> {
    const tell = this.#enter({ type: signal });
    this.#held = { outputs: [], bytes: 0 };
    const id = ++lastIsolate;
    const prepared = this.#prepared ?? new Preparation(this.tier, this.plan);
    this.#prepared = undefined;
    try {
      const running = this.#startIn(prepared);
      tell(); // one that has no code yet works on that while this is told
      await running;
    } catch (error) {
      this.#notStarted(error);
    }
    if (this.#state.status !== 'starting') {
      this.#apply({ type: 'gone' });
      this.#isolate = undefined;
      throw this.#stoppedError();
    }
    this.runningAt = this.#timing.now();
    this.firstRunningAt ??= this.runningAt;
    this.#apply({ type: 'ready', isolate: id });
    if (!hold) this.release();
    if (this.#isolate && this.#earlyEnd) this.#ended(this.#isolate, this.#earlyEnd);
  }

  async #startIn(prepared: Preparation): Promise<void> {
    const isolate = prepared.claimed ?? (await prepared.isolate);
    this.#mask = prepared.mask;
    if (this.#state.status !== 'starting') {
      await isolate.kill('exit', 'no longer wanted');
      return;
    }
    this.startedAt = this.#timing.now();
    this.#isolate = isolate;
    this.#earlyEnd = undefined;
    isolate.on('output', (port, value) => this.#output(isolate, port, value));
    isolate.on('log', (level, line) => {
      if (isolate === this.#isolate) this.events.emit('log', level, this.#mask(line));
    });
    isolate.on('ended', (end) => this.#ended(isolate, end));
    isolate.go();
    await prepared.started;
  }

  /** @throws what the caller of `start` is told, unless it was stopped meanwhile */
  #notStarted(error: unknown): void {
    if (this.#state.status !== 'starting') return;
    this.#isolate = undefined;
    this.#held = undefined; // what it sent before it failed was never sent
    const { swarmlet } = this.version.statement;
    if (!(error instanceof StartError)) {
      this.#apply({ type: 'failed', reason: 'exit' });
      const problem = isServiceError(error) ? error.message : `no isolate could be started: ${errorText(error)}`;
      throw this.#logged(errors.SETUP_FAILED(swarmlet, 'load', 'exit', problem));
    }
    this.#apply({ type: 'failed', reason: error.reason });
    throw this.#logged(startFailure(swarmlet, error, this.#mask(error.message), this.plan));
  }

  /** Whoever looks later, or after a start that nobody asked for, finds why in what it printed. */
  #logged(error: ServiceError): ServiceError {
    this.events.emit('log', 'error', error.message);
    return error;
  }

  #stoppedError(): ServiceError {
    const keyId = this.version.signers[0]?.keyId ?? '';
    const revoked = 'reason' in this.#state && this.#state.reason === 'revoked';
    return revoked ? errors.REVOKED_KEY(keyId) : errors.BUSY(`stopping ${this.version.statement.swarmlet}`);
  }

  #output(isolate: Isolate, port: string, value: unknown): void {
    if (isolate !== this.#isolate) return; // from one that was killed: never to its successor's listeners
    if (this.#held) this.#hold(this.#held, isolate, port, value);
    else if (this.#state.status !== 'stopping' || this.#state.to !== 'superseded') this.events.emit('output', port, value);
  }

  #hold(held: Held, isolate: Isolate, port: string, value: unknown): void {
    held.outputs.push({ port, value });
    held.bytes += port.length + (JSON.stringify(value) ?? '').length;
    if (held.bytes <= this.#heldBytes) return;
    this.#held = undefined;
    void isolate.kill('messages', `more than ${this.#heldBytes} bytes of outputs before it was running`);
  }

  /** It has its place: what was held back is sent now, in order. */
  release(): void {
    const held = this.#held;
    this.#held = undefined;
    for (const { port, value } of held?.outputs ?? []) this.events.emit('output', port, value);
  }

  /** What is seen inside (`Isolate.observe`), without sealed values. */
  async observe(known: number): Promise<View | undefined> {
    const view = await this.#isolate?.observe(known);
    return view && { ...view, values: view.values.map(([port, count, text]) => [port, count, this.#mask(text)] as const) };
  }

  #ended(isolate: Isolate, end: End): void {
    if (isolate !== this.#isolate) return;
    if (this.#state.status === 'starting') {
      this.#earlyEnd = end; // if the start failed, `start` rejects and this is not looked at
      return;
    }
    this.#isolate = undefined;
    if (this.#state.status === 'stopping') {
      // One that was killed because it was not wanted any more did not fail.
      this.#apply(end.kind === 'failed' && !this.#cutShort ? { type: 'gone', reason: end.reason } : { type: 'gone' });
      return;
    }
    if (end.kind !== 'failed') {
      void this.#completed();
      return;
    }
    this.events.emit('log', 'error', `${end.reason}: ${this.#mask(end.message)}`);
    this.#apply({ type: 'failed', reason: end.reason });
    this.events.emit('ended', 'failed');
  }

  /** What is told as done is not done again after a crash of the box. */
  async #completed(): Promise<void> {
    await this.#keep(this);
    if (this.#state.status === 'stopping') {
      this.#apply({ type: 'gone' }); // somebody wanted it to stop meanwhile
      return;
    }
    this.#apply({ type: 'completed' });
    this.events.emit('ended', 'completed');
  }

  /** Wraps it up, or kills it where it does not run yet; resolves when nothing of it is left. */
  stop(to: Rest, reason?: Reason): Promise<void> {
    const before = this.#state.status;
    const killAt = this.#timing.now() + this.plan.limits.wrapupMs;
    this.#apply(reason === undefined ? { type: 'stop', to, killAt } : { type: 'stop', to, killAt, reason });
    if (this.#state.status !== 'stopping') return Promise.resolve();
    this.#cutShort = before === 'starting';
    if (before === 'running') void this.#isolate?.wrapup();
    else if (before === 'starting') void this.#isolate?.kill('exit', 'stopped while it was starting');
    return this.gone();
  }

  /** Resolves when it is not being stopped. */
  gone(): Promise<void> {
    if (this.#state.status !== 'stopping') return Promise.resolve();
    return new Promise((resolve) => this.#waitingForEnd.push(resolve));
  }

  retry(retryAt: number, attempt: number): void {
    this.#apply({ type: 'retry', retryAt, attempt });
  }

  giveUp(): void {
    this.#apply({ type: 'giveUp' });
  }

  #apply(signal: Signal): void {
    this.#enter(signal)();
  }

  /** @returns what tells of it, to be called in the same turn */
  #enter(signal: Signal): () => void {
    const from = this.#state;
    const to = next(from, signal);
    if (to === from) return () => {};
    this.#state = to;
    this.since = this.#timing.now();
    this.reason = to.status === 'running' ? null : (reasonOf(to) ?? this.reason);
    return () => {
      this.events.emit('state', from, to);
      if (from.status === 'stopping') for (const resolve of this.#waitingForEnd.splice(0)) resolve();
    };
  }
}

function startFailure(swarmlet: string, { reason, phase }: StartError, message: string, { limits }: Plan): ServiceError {
  switch (reason) {
    case 'setup-timeout':
      return errors.START_TIMEOUT(swarmlet, phase, reason, limits.setupMs);
    case 'start-timeout':
      return errors.START_TIMEOUT(swarmlet, phase, reason, limits.initializeMs);
    default:
      return errors.SETUP_FAILED(swarmlet, phase, reason, message);
  }
}
