import { TypedEmitter, type View } from '../../hosts/common/index.ts';
import type { IsolateTier, IsolateUsage } from '../../hosts/node/isolate/index.ts';
import { errors } from '../errors.ts';
import type { Placing, Version } from '../store/index.ts';
import type { LogLine } from './log-ring.ts';
import { type SupervisorOptions, supervisorOptions } from './options.ts';
import { type Bounds, type Cargo, planOf, type SwarmletLimits } from './plan.ts';
import type { Past, Run } from './run.ts';
import { SerialQueues } from './serial.ts';
import { type Reason, reasonOf, type Status, type SwarmletState } from './state.ts';
import { Swarmlet } from './swarmlet.ts';
import { type Timing, wallTiming } from './timing.ts';

export interface SupervisorEvents {
  /** After every transition; `to` is already in force. */
  state: [change: StateChange];
  /** A value left the swarmlet by one of its outputs. */
  output: [output: { readonly swarmlet: string; readonly port: string; readonly value: unknown; readonly at: string }];
  log: [line: LogLine & { readonly swarmlet: string }];
  /** This version has the place of its swarmlet now. */
  placed: [version: Version, placing: Placing];
  /** It was stopped so long ago that nothing of it is kept but its sequence. */
  forgotten: [swarmlet: string];
  /** An error that has no caller. */
  failed: [swarmlet: string, error: unknown];
}

export interface StateChange {
  readonly version: Version;
  readonly from: Status;
  readonly to: Status;
  readonly reason: string | null;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** When it first ran since somebody wanted it to, Unix milliseconds. */
  readonly firstRunningAt: number | undefined;
}

/** When a start came how far, Unix milliseconds. */
export interface Started {
  readonly startedAt: number;
  readonly runningAt: number;
}

/** A version that is put back where it was when the box stopped. */
export interface Stored {
  readonly version: Version;
  readonly cargo: Cargo;
  readonly past: Past;
}

/** What status tells of a swarmlet, as far as the supervisor knows it. */
export interface Snapshot {
  readonly version: Version;
  readonly state: SwarmletState;
  /** Why it last failed or was stopped, until it runs again. */
  readonly reason: string | null;
  readonly since: string;
  readonly level: string;
  readonly isolation: IsolateTier['name'];
  readonly limits: SwarmletLimits;
  readonly usage: IsolateUsage;
}

const unused: IsolateUsage = Object.freeze({
  memoryMiB: 0,
  cpuPercent: 0,
  cpuMs: 0,
  lagMs: undefined,
  reactions: 0,
  messagesIn: 0,
  messagesOut: 0,
  bytesIn: 0,
  bytesOut: 0,
  queuedIn: 0,
  queuedOut: 0,
  droppedLogs: 0,
});

/** Runs versions: starts, restarts, replaces and stops them, each name in the order of its calls. */
export class Supervisor extends TypedEmitter<SupervisorEvents> {
  readonly #tiers: readonly IsolateTier[];
  readonly #options: SupervisorOptions;
  readonly #limits: Partial<SwarmletLimits>;
  readonly #timing: Timing;
  readonly #keep: (change: StateChange) => Promise<void>;
  readonly #queues: SerialQueues;
  /** In the order of their last deployment. */
  readonly #swarmlets = new Map<string, Swarmlet>();
  #recalled: ReadonlyMap<string, readonly LogLine[]> = new Map();
  #closing = false;

  /**
   * @param tiers   one of each name
   * @param limits  of this box, for what a statement leaves open
   * @param keep    told that a version completes before anybody else is; resolves when that is never forgotten
   */
  constructor(
    tiers: readonly IsolateTier[],
    options: Partial<SupervisorOptions> = {},
    limits: Partial<SwarmletLimits> = {},
    timing: Timing = wallTiming,
    keep: (change: StateChange) => Promise<void> = async () => {},
  ) {
    super();
    this.#tiers = tiers;
    this.#options = supervisorOptions(options);
    this.#limits = limits;
    this.#timing = timing;
    this.#keep = keep;
    this.#queues = new SerialQueues(this.#options.waiting);
  }

  /** Nothing is started any more. */
  get isClosing(): boolean {
    return this.#closing;
  }

  get names(): string[] {
    return [...this.#swarmlets.keys()];
  }

  /** That it may have at a time; stopped ones do not count. */
  get mostSwarmlets(): number {
    return this.#options.swarmlets;
  }

  /** True if there is something to tell of it: a name that waits for its first turn has no state yet. */
  isShown(name: string): boolean {
    return this.#swarmlets.get(name)?.shown !== undefined;
  }

  /**
   * To be called before a statement about this name is accepted.
   * @throws BUSY, QUOTA_EXCEEDED; NOT_FOUND unless it is to be deployed
   */
  checkRoomFor(action: 'deploy' | 'other', name: string): void {
    if (this.#closing) throw errors.BUSY('stopping');
    this.#queues.checkRoom(name);
    const known = this.#swarmlets.get(name);
    if (action === 'other') {
      if (!known) throw errors.NOT_FOUND(name);
      return;
    }
    if (known && !known.stopped) return;
    const busy = [...this.#swarmlets.values()].filter((swarmlet) => !swarmlet.stopped).length;
    if (busy >= this.#options.swarmlets) throw errors.QUOTA_EXCEEDED('swarmlets', this.#options.swarmlets);
  }

  /**
   * Also what a rollback does: runs a version in the place of the one before it, which keeps it if the new one fails.
   * @param load    called when its turn has come: throws for what was revoked meanwhile
   * @param permit  called next, while an isolate is given the code: it runs when this resolves, within these bounds
   * @throws SETUP_FAILED, START_TIMEOUT, REVOKED_KEY, BUSY; what `load` and `permit` throw
   */
  deploy(
    version: Version,
    load: (version: Version) => Cargo | Promise<Cargo>,
    permit?: () => Promise<Bounds | undefined>,
  ): Promise<Started> {
    const { swarmlet: name } = version.statement;
    const swarmlet = this.#swarmlets.get(name) ?? this.#add(name);
    return this.#queues.run(name, async () => {
      const cargo = await load(version);
      if (this.#closing) throw errors.BUSY('stopping');
      let run = swarmlet.prepare(version, planOf(version, cargo, this.#limits));
      try {
        const bounds = permit ? await permit() : cargo.bounds;
        if (this.#closing) throw errors.BUSY('stopping');
        if (bounds !== cargo.bounds) {
          run.discard(); // the rules changed meanwhile
          run = swarmlet.prepare(version, planOf(version, { ...cargo, ...(bounds && { bounds }) }, this.#limits));
        }
      } catch (error) {
        run.discard();
        throw error;
      }
      await swarmlet.deploy(run);
      return { startedAt: run.startedAt, runningAt: run.runningAt };
    });
  }

  /** What swarmlets printed before the box was started; to be called before any of them is added. */
  recall(lines: ReadonlyMap<string, readonly LogLine[]>): void {
    this.#recalled = lines;
  }

  /**
   * Puts a version in the place that it had when the box stopped; nothing is started.
   * @param previous  gets the place back if that one fails before a time, Unix milliseconds
   */
  restore(stored: Stored, isPlaced: boolean, previous?: { readonly stored: Stored; readonly until: number }): void {
    const planned = ({ version, cargo, past }: Stored) => ({ version, plan: planOf(version, cargo, this.#limits), past });
    const before = previous && { ...planned(previous.stored), until: previous.until };
    this.#add(stored.version.statement.swarmlet).restore(planned(stored), isPlaced, before);
  }

  /**
   * Starts what was put back, in the order of the calls for its name; starts that fail are tried again as its policy says.
   * @param before  as for `undeploy`
   * @param check   as for `deploy`
   */
  resume(name: string, before: Promise<void>, check: (version: Version) => void): Promise<void> {
    return this.#queued(name, (swarmlet) => swarmlet.resume(check), before);
  }

  /** @param before  what its turn begins with waiting for; if that fails, nothing is done */
  undeploy(name: string, before?: Promise<void>): Promise<void> {
    return this.#queued(name, (swarmlet) => swarmlet.undeploy(), before);
  }

  /**
   * @param before  as for `undeploy`
   * @param check   as for `deploy`
   */
  restart(name: string, before: Promise<void> | undefined, check: (version: Version) => void): Promise<void> {
    return this.#queued(name, (swarmlet) => swarmlet.restart(check), before);
  }

  /**
   * In the order of the calls for this swarmlet.
   * @param before  as for `undeploy`
   */
  provideInput(name: string, port: string, value: unknown, before?: Promise<void>): Promise<void> {
    return this.#queued(name, (swarmlet) => swarmlet.provideInput(port, value), before);
  }

  #queued(name: string, task: (swarmlet: Swarmlet) => Promise<void>, before?: Promise<void>): Promise<void> {
    return this.#queues.run(name, async () => {
      if (before) await before;
      if (this.#closing) throw errors.BUSY('stopping');
      return task(this.#get(name));
    });
  }

  /** @throws NOT_FOUND */
  snapshot(name: string): Snapshot {
    const run = this.#get(name).shown;
    if (!run) throw errors.NOT_FOUND(name);
    return this.#snapshotOf(run);
  }

  #snapshotOf(run: Run): Snapshot {
    return {
      version: run.version,
      state: run.state,
      reason: run.reason,
      since: isoTime(run.since),
      isolation: run.plan.isolation,
      level: run.isolate?.level ?? run.tier.level,
      limits: run.plan.limits,
      usage: run.isolate?.usage() ?? unused,
    };
  }

  /**
   * @param since  Unix milliseconds
   * @throws NOT_FOUND
   */
  logs(name: string, since: number): LogLine[] {
    return this.#get(name).logs.lines(since);
  }

  /**
   * What is inside a swarmlet and happened there since the last look; undefined unless it runs. After each `state` of it
   * revisions begin anew.
   * @throws NOT_FOUND
   */
  async observe(name: string, known: number): Promise<View | undefined> {
    return this.#get(name).shown?.observe(known);
  }

  /** Nobody looks any more. */
  unobserve(name: string): void {
    this.#swarmlets.get(name)?.shown?.isolate?.unobserve();
  }

  /** Stops at once what runs of these versions, also in the middle of a start. */
  revoke(isRevoked: (version: Version) => boolean): void {
    for (const swarmlet of this.#swarmlets.values()) swarmlet.revoke(isRevoked);
  }

  /**
   * Wraps all up side by side; nothing is started any more.
   * @param graceMs  beyond the longest wrapupMs; what has not ended then is left to the tier
   */
  async close(graceMs = 500): Promise<void> {
    this.#closing = true;
    const swarmlets = [...this.#swarmlets.values()];
    const longest = Math.max(0, ...swarmlets.map((swarmlet) => swarmlet.wrapupMs));
    let cancel = (): void => {};
    const late = new Promise<void>((resolve) => {
      cancel = this.#timing.after(longest + graceMs, resolve);
    });
    const closed = Promise.all(swarmlets.map((swarmlet) => swarmlet.close())).then(() => this.#queues.idle());
    await Promise.race([closed, late]).finally(cancel);
  }

  #get(name: string): Swarmlet {
    const swarmlet = this.#swarmlets.get(name);
    if (!swarmlet) throw errors.NOT_FOUND(name);
    return swarmlet;
  }

  #add(name: string): Swarmlet {
    this.#forgetStopped();
    const change = ({ version, firstRunningAt }: Run, from: Status, to: Status, reason: Reason | null): StateChange => {
      return { version, from, to, reason, at: isoTime(this.#timing.now()), firstRunningAt };
    };
    const keep = (run: Run): Promise<void> => this.#keep(change(run, run.state.status, 'completed', null));
    const swarmlet = new Swarmlet(name, this.#tiers, this.#timing, this.#options, keep);
    for (const line of this.#recalled.get(name) ?? []) swarmlet.logs.add(line);
    swarmlet.events.on('state', (run, from, to) => this.emit('state', change(run, from.status, to.status, reasonOf(to))));
    swarmlet.events.on('output', (port, value) => this.emit('output', { swarmlet: name, port, value, at: isoTime(this.#timing.now()) }));
    swarmlet.events.on('log', (line) => this.emit('log', { swarmlet: name, ...line }));
    swarmlet.events.on('placed', (version, placing) => this.emit('placed', version, placing));
    swarmlet.events.on('due', (task) => this.#byItself(name, task));
    this.#swarmlets.set(name, swarmlet);
    return swarmlet;
  }

  #byItself(name: string, task: () => Promise<void>): void {
    this.#queues.run(name, async () => (this.#closing ? undefined : task())).catch((error) => this.emit('failed', name, error));
  }

  /** Of stopped swarmlets as many are kept as may run, so that the list of names does not grow for ever. */
  #forgetStopped(): void {
    const stopped = [...this.#swarmlets.values()].filter((swarmlet) => swarmlet.stopped && this.#queues.isIdle(swarmlet.name));
    for (const { name } of stopped.slice(0, Math.max(0, stopped.length - this.#options.swarmlets + 1))) {
      this.#swarmlets.delete(name);
      this.emit('forgotten', name);
    }
  }
}

let lastTime = { ms: 0, text: '' };

/** Of many that happen in one millisecond the text is made once. */
function isoTime(ms: number): string {
  if (ms !== lastTime.ms) lastTime = { ms, text: new Date(ms).toISOString() };
  return lastTime.text;
}
