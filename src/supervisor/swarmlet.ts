import { TypedEmitter } from '../../hosts/common/index.ts';
import { InputError, type IsolateTier } from '../../hosts/node/isolate/index.ts';
import { errors } from '../errors.ts';
import type { Placing, Version } from '../store/index.ts';
import { type LogLine, LogRing } from './log-ring.ts';
import type { SupervisorOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { afterEnd, type RestartHistory } from './restart.ts';
import { type Past, Run } from './run.ts';
import type { SwarmletState } from './state.ts';
import type { Timing } from './timing.ts';
import { stopsFirst, withOld } from './upgrade.ts';

export interface SwarmletEvents {
  state: [run: Run, from: SwarmletState, to: SwarmletState];
  output: [port: string, value: unknown];
  log: [line: LogLine];
  /** Another version has the place now: one that was put back because its successor failed, or a newer one. */
  placed: [version: Version, placing: Placing];
  /** A version that is to be started again by itself, in the queue of this name. */
  due: [task: () => Promise<void>];
}

/** What came before the present version, as long as it may be put back. */
interface Previous {
  readonly run: Run;
  readonly forget: () => void;
}

/** A version that is put back where it was. */
interface Planned {
  readonly version: Version;
  readonly plan: Plan;
  readonly past: Past;
}

const noRestarts: RestartHistory = { attempt: 0, restartedAt: [] };

/**
 * One name on the box: the version that holds its place, the one that is about to take it, and the one that may get it
 * back. Its methods are called one after the other (`SerialQueues`), but for `revoke` and `close`.
 */
export class Swarmlet {
  readonly name: string;
  readonly events = new TypedEmitter<SwarmletEvents>();
  readonly logs: LogRing;
  readonly #tiers: readonly IsolateTier[];
  readonly #timing: Timing;
  readonly #options: SupervisorOptions;
  readonly #keep: (run: Run) => Promise<void>;
  #current: Run | undefined;
  /** Somebody took the swarmlet off the box. */
  #isOff = false;
  #candidate: Run | undefined;
  #previous: Previous | undefined;
  /** Stopped for the one that is starting, and started again if that fails. */
  #standby: Run | undefined;
  #closing = false;
  #restarts = noRestarts;
  #cancelRestart = (): void => {};
  #cancelExpiry = (): void => {};

  /** @param keep  as for `Run` */
  constructor(name: string, tiers: readonly IsolateTier[], timing: Timing, options: SupervisorOptions, keep: (run: Run) => Promise<void>) {
    this.name = name;
    this.#tiers = tiers;
    this.#timing = timing;
    this.#options = options;
    this.#keep = keep;
    this.logs = new LogRing(options.logBytes);
  }

  /** What status tells of; undefined before the first deployment got so far. */
  get shown(): Run | undefined {
    const { status } = this.#current?.state ?? { status: 'stopped' };
    return this.#candidate && (!this.#current || status === 'stopped' || !this.#current.live) ? this.#candidate : this.#current;
  }

  get stopped(): boolean {
    return !this.#candidate && (this.#current?.state.status ?? 'stopped') === 'stopped';
  }

  /** Gives the code of a version to an isolate, unless the old one has to end first; `deploy` or `discard` has to follow. */
  prepare(version: Version, plan: Plan): Run {
    const run = this.#runOf(version, plan);
    if (!this.#makesWayFor(run)) run.prepare();
    return run;
  }

  #makesWayFor({ version }: Run): boolean {
    const old = this.#current;
    return old?.live === true && stopsFirst(old.version.statement, version.statement);
  }

  /**
   * Start-first: the old version keeps its place until the new one runs, and when it does not. Stop-first: it ends before the
   * new one starts, and is started again when that fails.
   * @param run  as `prepare` gave it
   * @throws SETUP_FAILED, START_TIMEOUT, REVOKED_KEY, BUSY
   */
  async deploy(run: Run): Promise<void> {
    this.#candidate = run;
    try {
      if (this.#current && this.#makesWayFor(run)) await this.#makeWay(this.#current);
      await run.start('spawn', this.#current?.live);
    } catch (error) {
      run.discard();
      if (this.#current?.live) throw withOld(error, this.#current.version, 'kept');
      const old = this.#standby;
      // When the box stops nobody has decided anything: the new version is tried at the next start.
      if (old) await this.#restore(old);
      else if (!this.#closing) this.#place(run);
      this.#standby = undefined;
      throw old ? withOld(error, old.version, 'givenBack') : error;
    } finally {
      this.#candidate = undefined;
    }
    this.#place(run);
    this.#standby = undefined;
    if (run.state.status === 'failed' || run.state.status === 'completed') this.#ended(run, run.state.status); // already
  }

  async #makeWay(old: Run): Promise<void> {
    this.#clearTimers();
    this.#standby = old;
    await old.stop('superseded');
  }

  /** Its successor did not start. When it does not start either, it is tried again as its policy says. */
  async #restore(old: Run): Promise<void> {
    this.#restarts = noRestarts;
    this.events.emit('placed', old.version, { givenBack: true });
    try {
      await this.#startOrRetry(old, 'revive');
    } catch (error) {
      this.events.emit('due', () => Promise.reject(error)); // who deploys is told of his own version
    }
  }

  /** Puts back what had the place when the box stopped, and what had it before; nothing is started yet. */
  restore({ version, plan, past }: Planned, isPlaced: boolean, previous?: Planned & { readonly until: number }): void {
    this.#current = this.#runOf(version, plan, past);
    this.#isOff = !isPlaced;
    if (!previous || previous.until <= this.#timing.now()) return;
    this.#remember(this.#runOf(previous.version, previous.plan, previous.past), previous.until);
  }

  /** Starts what `restore` put back, unless its time has come to an end meanwhile. */
  async resume(check: (version: Version) => void): Promise<void> {
    const run = this.#currentRun();
    if (run.state.status !== 'staged') return; // stopped meanwhile
    check(run.version);
    const length = run.plan.run.for;
    const isOver = typeof length === 'object' && this.#timing.now() >= (run.firstRunningAt ?? Number.POSITIVE_INFINITY) + length.ms;
    if (isOver) await run.stop('expired');
    else await this.#startOrRetry(run, 'spawn');
  }

  #runOf(version: Version, plan: Plan, past?: Past): Run {
    const tier = this.#tiers.find(({ name }) => name === plan.isolation);
    if (!tier) throw errors.UNSUPPORTED(`isolation ${plan.isolation}`);
    const run = new Run(version, plan, tier, this.#timing, this.#options.heldBytes, this.#keep, past);
    run.events.on('state', (from, to) => this.events.emit('state', run, from, to));
    run.events.on('output', (port, value) => this.events.emit('output', port, value));
    run.events.on('log', (level, text) => {
      const line = { level, line: text, at: new Date(this.#timing.now()).toISOString() };
      this.logs.add(line);
      this.events.emit('log', line);
    });
    run.events.on('ended', (how) => this.#ended(run, how));
    return run;
  }

  /** The new version takes the place of the old one, which wraps up beside it. */
  #place(run: Run): void {
    const old = this.#current;
    const previous = this.#standby ?? (old?.state.status === 'running' ? old : undefined);
    this.#clearTimers();
    this.#current = run;
    run.release(); // at once: all the rest can wait for it, not it for the rest
    this.#isOff = false;
    this.#restarts = noRestarts;
    const until = this.#timing.now() + run.plan.limits.probationMs;
    this.events.emit('placed', run.version, { previous: previous && { digest: previous.version.digest, until } });
    this.#armExpiry(run);
    if (old?.live) void old.stop('superseded');
    if (previous) this.#remember(previous, until);
  }

  /** @param until  Unix milliseconds */
  #remember(run: Run, until: number): void {
    const cancel = this.#timing.after(until - this.#timing.now(), () => {
      this.#previous = undefined;
    });
    this.#previous = { run, forget: cancel };
  }

  #armExpiry(run: Run): void {
    const length = run.plan.run.for;
    if (length === 'forever' || length === 'once' || run.firstRunningAt === undefined) return;
    this.#cancelExpiry();
    const left = run.firstRunningAt + length.ms - this.#timing.now();
    this.#cancelExpiry = this.#timing.after(Math.max(0, left), () => {
      this.#cancelRestart();
      void run.stop('expired');
    });
  }

  #clearTimers(): void {
    this.#cancelRestart();
    this.#cancelExpiry();
    this.#previous?.forget();
    this.#previous = undefined;
  }

  // ------------------------------------------------------------------------------ what ended by itself

  #ended(run: Run, how: 'completed' | 'failed'): void {
    if (run !== this.#current) return; // a candidate: `deploy` looks at it next
    if (how === 'failed' && this.#previous) this.events.emit('due', () => this.#giveBack(run));
    else this.#startAgain(run, how);
  }

  #startAgain(run: Run, how: 'completed' | 'failed'): void {
    const now = this.#timing.now();
    const ranMs = how === 'failed' && run.runningAt < run.startedAt ? 0 : now - run.runningAt;
    const pace = { ...this.#options, restarts: run.plan.limits.restarts };
    const verdict = afterEnd(how, run.plan.run, this.#restarts, ranMs, now, pace);
    switch (verdict.kind) {
      case 'rest':
        this.#cancelExpiry();
        return;
      case 'crash-loop':
        this.#cancelExpiry();
        run.giveUp();
        return;
      case 'restart':
        this.#restarts = verdict.history;
        run.retry(now + verdict.delayMs, verdict.history.attempt);
        this.#cancelRestart = this.#timing.after(verdict.delayMs, () => this.events.emit('due', () => this.#restartNow(run)));
    }
  }

  async #restartNow(run: Run): Promise<void> {
    if (run !== this.#current || run.state.status !== 'backoff') return;
    await this.#startOrRetry(run, 'spawn');
  }

  async #startOrRetry(run: Run, signal: 'spawn' | 'revive'): Promise<void> {
    try {
      await run.start(signal);
    } catch (error) {
      if (run.state.status === 'failed') this.#ended(run, 'failed');
      throw error;
    }
    this.#armExpiry(run);
  }

  async #giveBack(failed: Run): Promise<void> {
    const old = this.#previous?.run;
    if (failed !== this.#current || failed.state.status !== 'failed' || !old) return;
    this.#clearTimers();
    await old.gone();
    this.#current = old;
    this.#restarts = noRestarts;
    this.events.emit('placed', old.version, { givenBack: true });
    await this.#startOrRetry(old, 'revive');
  }

  // ------------------------------------------------------------------------------------ what is asked for

  /** @throws NOT_FOUND */
  async undeploy(): Promise<void> {
    this.#clearTimers();
    const run = this.#currentRun();
    this.#isOff = true;
    await run.stop('stopped');
  }

  /** @throws NOT_FOUND, also of one that was taken off the box, SETUP_FAILED, START_TIMEOUT, REVOKED_KEY, BUSY */
  async restart(check: (version: Version) => void): Promise<void> {
    const run = this.#currentRun();
    if (this.#isOff) throw errors.NOT_FOUND(this.name, 'it was stopped; deploy it again, or roll back to a version of it');
    check(run.version);
    this.#clearTimers();
    await run.stop('stopped');
    await run.gone();
    run.firstRunningAt = undefined;
    this.events.emit('placed', run.version, {});
    this.#restarts = noRestarts;
    await this.#startOrRetry(run, 'revive');
  }

  /** @throws NOT_FOUND, BUSY; MALFORMED with what the isolate says of the port */
  async provideInput(port: string, value: unknown): Promise<void> {
    const run = this.#currentRun();
    const { status } = run.state;
    if (status !== 'running' || !run.isolate) {
      throw run.live ? errors.BUSY(`starting or stopping ${this.name}`) : errors.NOT_FOUND(this.name);
    }
    try {
      await run.isolate.provideInput(port, value);
    } catch (error) {
      throw error instanceof InputError ? errors.MALFORMED(`input ${port} of ${this.name}`, error.message, error) : error;
    }
  }

  #currentRun(): Run {
    if (!this.#current) throw errors.NOT_FOUND(this.name);
    return this.#current;
  }

  /** Stops at once what these versions run, also in the middle of a start. */
  revoke(isRevoked: (version: Version) => boolean): void {
    if (this.#previous && isRevoked(this.#previous.run.version)) {
      this.#previous.forget();
      this.#previous = undefined;
    }
    if (this.#standby && isRevoked(this.#standby.version)) this.#standby = undefined;
    if (this.#candidate && isRevoked(this.#candidate.version)) void this.#candidate.stop('stopped', 'revoked');
    if (this.#current?.live && isRevoked(this.#current.version)) {
      this.#clearTimers();
      void this.#current.stop('stopped', 'revoked');
    }
  }

  /** Ends whatever runs; what has ended keeps its state. */
  async close(): Promise<void> {
    this.#closing = true;
    const old = this.#previous?.run;
    this.#standby = undefined;
    this.#clearTimers();
    const live = [this.#candidate, this.#current].filter((run) => run?.live);
    await Promise.all([...live.map((run) => run?.stop('stopped')), old?.gone()]);
  }

  /** Milliseconds that wrapping up may take. */
  get wrapupMs(): number {
    return Math.max(0, ...[this.#candidate, this.#current, this.#previous?.run].map((run) => run?.plan.limits.wrapupMs ?? 0));
  }
}
