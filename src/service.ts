import { join } from 'node:path';
import { errorText, TypedEmitter, type View } from '../hosts/common/index.ts';
import { World } from '../hosts/node/isolate/index.ts';
import { type Deployed, historyOf, type ServiceGauges, type Status } from './answers.ts';
import { Audit, LateLog, type Source } from './audit/index.ts';
import { methodsOf } from './calls.ts';
import { clockFault } from './clock.ts';
import { type Change, type KeyId, namespaces, parseEnvelope, parseJson, signSsh } from './envelope/index.ts';
import { errors, isServiceError, orThrow, type ServiceError } from './errors.ts';
import { FolderKeeper } from './folder-keeper.ts';
import { closeCodes, gatewayDefaults, Subscriptions } from './gateway/index.ts';
import { BoxIdentity } from './identity/index.ts';
import { BoxInside, deploymentService } from './inside/index.ts';
import { Intake, type Lacking, type Outcome, type Taken } from './intake.ts';
import { Listener } from './listener.ts';
import { LocalCommands, localAuthor } from './local-commands.ts';
import { Logbook } from './logbook/index.ts';
import { packageVersion } from './package-version.ts';
import type { BoxFacts } from './plugins/index.ts';
import { Pulse } from './pulse.ts';
import { recover } from './recovery.ts';
import { selfTest } from './self-test.ts';
import { isWeaker, type ServiceOptions, serviceOptions } from './service-options.ts';
import { DurableStore, MemoryStore, type Store, type Version } from './store/index.ts';
import { type Cargo, type LogLine, type StateChange, Supervisor, wallTiming } from './supervisor/index.ts';
import { openTiers, type Tiers } from './tiers.ts';
import { type Needs, Transfers } from './transfers.ts';
import { Admission, isSignedBy, keysBehind, Policy, TrustList, type Verdict } from './trust/index.ts';

export interface ServiceEvents {
  state: [StateChange];
  output: [{ readonly swarmlet: string; readonly port: string; readonly value: unknown; readonly at: string }];
  log: [LogLine & { readonly swarmlet: string }];
  deployed: [Deployed];
  /** A statement was refused; or it was accepted, and what it asked for failed. */
  rejected: [error: ServiceError, how: 'refused' | 'failed'];
  /** It was stopped so long ago that nothing of it is kept but its sequence. */
  forgotten: [swarmlet: string];
  /** Something that the operator should know: a line of a file that was skipped, a list that was refused. */
  warning: [string];
}

/** A box: takes signed statements, and runs what they deploy. */
export class Service extends TypedEmitter<ServiceEvents> {
  readonly identity: BoxIdentity;
  /** Of the thread that keeps what it accepted; that its loop turns shows whoever gets an answer. */
  readonly pulse: Pulse;
  readonly trust: TrustList;
  readonly #options: ServiceOptions;
  readonly #tiers: Tiers;
  readonly #world: World;
  readonly #store: Store;
  readonly #transfers: Transfers;
  readonly #supervisor: Supervisor;
  readonly #policy: Policy;
  readonly #admission: Admission;
  readonly #log: LateLog;
  readonly #audit: Audit;
  readonly #intake: Intake;
  readonly #commands: LocalCommands;
  readonly #inside: BoxInside;
  readonly #subscriptions: Subscriptions;
  readonly #logbook: Logbook | undefined;
  readonly #folders: FolderKeeper;
  #clockFault: string | undefined;
  #listener: Listener | undefined;
  #closing = false;
  #closed: Promise<void> | undefined;

  /**
   * Resolves when it takes statements.
   * @throws BAD_OPTION, BAD_FILE; Error of Node when it cannot listen; Error when no isolate can be made
   */
  static async open(given: Partial<ServiceOptions> = {}): Promise<Service> {
    const options = serviceOptions(given);
    const { log, state } = options;
    const fault = clockFault(options.now(), state);
    const identity = BoxIdentity.open(state);
    // First of all: it has the lock, and a second box must touch nothing of the first one's.
    const early: string[] = [];
    let warn = (message: string): void => void early.push(message);
    const store = await openStore(state, identity, (message) => warn(message));
    let trust: TrustList | undefined;
    let tiers: Tiers | undefined;
    let service: Service | undefined;
    const world = new World(() => [...(service?.address ? [service.address.port] : []), ...options.ownPorts()], state);
    try {
      trust = TrustList.open({ trustedKeys: options.trustedKeys, revokedKeys: options.revokedKeys, now: options.now });
      tiers = await openTiers(options, world);
      if (options.selfTest) await selfTest(tiers.all[0], log);
      const opened = new Service(options, identity, trust, tiers, store, world);
      service = opened;
      opened.#clockFault = fault;
      if (fault !== undefined) opened.#warn(`${fault}; set it, or statements are refused for the wrong reason`);
      warn = (message) => opened.#warn(message);
      for (const message of early) warn(message);
      await opened.#recover();
      for (const swarmlet of await world.folders.swarmlets()) opened.#folders.look(swarmlet);
      await opened.#listen();
      return opened;
    } catch (error) {
      if (service) {
        await service.close();
        throw error;
      }
      trust?.close();
      await tiers?.close();
      await store.close();
      throw error;
    }
  }

  private constructor(options: ServiceOptions, identity: BoxIdentity, trust: TrustList, tiers: Tiers, store: Store, world: World) {
    super();
    this.#options = options;
    this.identity = identity;
    this.trust = trust;
    this.#world = world;
    this.#logbook = options.state === '' ? undefined : new Logbook(join(options.state, 'logs'), (message) => this.#warn(message));
    this.#store = store;
    this.#folders = new FolderKeeper(world.folders, store);
    this.pulse = new Pulse(() => store.pulse());
    this.#transfers = new Transfers(store.blobs);
    this.#log = new LateLog(options.log);
    this.#audit = new Audit(this.#log, store);
    this.#tiers = tiers;
    const keep = (change: StateChange): Promise<void> => {
      this.#record(change);
      return store.written();
    };
    this.#supervisor = new Supervisor(tiers.all, options.supervisor, options.limits, wallTiming, keep);
    this.#subscriptions = new Subscriptions(options.gateway.watched ?? gatewayDefaults.watched);
    const { labels, now } = options;
    this.#policy = new Policy(options.policy.rules); // its own, as it may be replaced
    this.#admission = new Admission({
      boxId: identity.id,
      formerIds: identity.ids,
      labels,
      trust,
      order: this.#store,
      policy: this.#policy,
      now,
    });
    const weakness = (): string | undefined => this.#weakness();
    this.#intake = new Intake({
      store: this.#store,
      identity,
      supervisor: this.#supervisor,
      audit: this.#audit,
      trust,
      now,
      weakness,
      modules: options.modules,
      services: (version) => this.#services(version),
    });
    this.#commands = new LocalCommands(identity, labels, this.#store, now, localAuthor());
    this.#inside = new BoxInside({
      identity,
      labels,
      level: this.level,
      store,
      supervisor: this.#supervisor,
      policy: this.#policy,
      trust,
      audit: this.#audit,
      now,
      intake: () => this.#intake,
      neighbourhood: options.neighbourhood,
      take: (envelope, from) => orThrow(this.take(envelope, from)),
    });
    this.#follow();
  }

  async #listen(): Promise<void> {
    const { listen } = this.#options;
    if (!listen) return;
    const [subscriptions, transfers] = [this.#subscriptions, this.#transfers];
    this.#listener = await Listener.open(listen, this.#options, {
      ...{ identity: this.identity, admission: this.#admission, audit: this.#audit, subscriptions, transfers },
      methods: methodsOf(this, subscriptions, transfers, (signer, swarmlet) => this.#policy.mayObserve(signer, swarmlet)),
      warn: (message) => this.#warn(message),
      defect: (error) => this.#defect(error),
    });
  }

  /** Before anything else comes in. */
  async #recover(): Promise<void> {
    const names = new Set(this.#store.remembered().map(({ swarmlet }) => swarmlet));
    if (this.#logbook) this.#supervisor.recall(await this.#logbook.open(names));
    const check = (version: Version) => {
      const weak = this.#weakness();
      if (weak !== undefined) throw errors.MISSING_DEPENDENCY([weak]);
      const own = this.identity.ids.some((id) => isSignedBy(id, version.signers));
      const admission = own ? this.#commands.admission : this.#admission;
      return admission.recheck(version);
    };
    const failed = (swarmlet: string, error: unknown): void => this.#notStarted(swarmlet, error);
    const cargoOf = (version: Version): Promise<Cargo> => this.#intake.cargoOf(version);
    const parts = { store: this.#store, supervisor: this.#supervisor, audit: this.#audit, check, cargoOf, failed };
    await recover({ ...parts, warn: (message) => this.#warn(message) });
  }

  /** Tells everybody what happens. */
  #follow(): void {
    this.#supervisor.on('state', (change) => {
      const { version, from, to, reason, at } = change;
      const { swarmlet } = version.statement;
      if (to !== 'completed') this.#record(change); // that was before
      const told = { swarmlet, digest: version.digest, from, to, reason, at };
      this.#subscriptions.state(told);
      this.emit('state', change);
    });
    this.#supervisor.on('output', (output) => {
      this.#subscriptions.output(output);
      this.emit('output', output);
    });
    this.#supervisor.on('log', (line) => {
      const { swarmlet, ...printed } = line;
      this.#logbook?.add(swarmlet, printed);
      this.#subscriptions.log(line);
      this.emit('log', line);
    });
    this.#intake.on('deployed', (deployed) => this.emit('deployed', deployed));
    this.#intake.on('rejected', (error, how) => this.emit('rejected', error, how));
    this.#supervisor.on('placed', ({ statement: { swarmlet }, digest }, placing) => {
      this.#store.placed(swarmlet, digest, placing);
      this.#folders.look(swarmlet);
    });
    this.#supervisor.on('forgotten', (swarmlet) => {
      this.#store.forget(swarmlet);
      this.#folders.look(swarmlet);
      this.emit('forgotten', swarmlet);
      this.#logbook?.forget(swarmlet);
    });
    this.#supervisor.on('failed', (swarmlet, error) => this.#notStarted(swarmlet, error));
    this.trust.on('revoked', (keyIds) => this.#revoked(new Set(keyIds)));
    this.trust.on('removed', (keyIds) =>
      this.#listener?.dismiss(new Set(keyIds), closeCodes.authentication, 'the key is not trusted any more'),
    );
    this.trust.on('warning', (message) => this.#warn(message));
    for (const message of this.trust.warnings) this.#warn(message);
  }

  #record(change: StateChange): void {
    const { version, to, reason, at, firstRunningAt } = change;
    // That the box stops is nobody's wish that the swarmlet does.
    const isOurs = this.#closing && (to === 'stopping' || to === 'stopped');
    if (!isOurs) this.#store.changed(version.statement.swarmlet, version.digest, { state: to, reason, at, firstRunningAt });
    this.#audit.state(change);
  }

  /** Nobody waits for the answer. */
  #notStarted(swarmlet: string, error: unknown): void {
    if (!isServiceError(error)) this.#defect(error);
    else this.#log.warn({ event: 'restart failed', swarmlet, code: error.code, message: error.message });
  }

  #warn(message: string): void {
    this.#log.warn(message);
    this.emit('warning', message);
  }

  #defect(error: unknown): void {
    this.#log.error({ event: 'defect', err: error }, errorText(error));
  }

  #revoked(keyIds: ReadonlySet<KeyId>): void {
    this.#listener?.dismiss(keyIds, closeCodes.revoked, 'the key was revoked');
    if (this.#options.onRevoke === 'stop') this.#supervisor.revoke(({ signers }) => keysBehind(signers).some((keyId) => keyIds.has(keyId)));
  }

  // ------------------------------------------------------------------------------------ what comes in

  /** Where it listens; undefined if it does not. */
  get address(): { readonly host: string; readonly port: number } | undefined {
    return this.#listener?.address;
  }

  /** What it tells of itself to those who look for boxes; undefined without a listener. */
  facts(adminPort: number | undefined): BoxFacts | undefined {
    const { address } = this;
    const { name, labels, tls } = this.#options;
    return (
      address && { id: this.identity.id, name, labels, version: packageVersion(), listen: { ...address, secure: tls !== null }, adminPort }
    );
  }

  get isSecure(): boolean {
    return this.#options.tls !== null;
  }

  get name(): string {
    return this.#options.name;
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#options.labels;
  }

  /** What is measured of it beyond its swarmlets. */
  get gauges(): ServiceGauges {
    const { isolationMinimum: minimum, state } = this.#options;
    return {
      minimum,
      state,
      mostSwarmlets: this.#supervisor.mostSwarmlets,
      pool: this.#tiers.all[0].pool,
      connections: this.#listener?.connections,
      refusals: this.#audit.refusals,
      audit: this.#store.audit,
      trustedKeys: this.trust.size,
      keyExpiry: this.trust.nextExpiry,
      certificateExpiry: this.#listener?.certificateExpiry,
    };
  }

  /** Reads what can be read again: trust list, revocations, certificate; and takes other rules, if there are. */
  reload(policy?: Policy): void {
    this.trust.reload();
    this.#listener?.reload();
    if (policy) this.#policy.replace(policy);
  }

  /** What it was granted of this box. */
  #services(version: Version): Required<Cargo>['services'] {
    const { capabilities = [] } = version.statement;
    return new Map(capabilities.includes('deployment') ? [['deployment', deploymentService(version, this.#inside)]] : []);
  }

  /** Why the clock cannot have been right at the start; undefined if it may have been. */
  get clock(): string | undefined {
    return this.#clockFault;
  }

  get level(): string {
    return this.#tiers.all[0].level;
  }

  /** Why it takes no deployments now; undefined if it does. */
  get unready(): string | undefined {
    if (this.#closed) return 'stopping';
    return this.#weakness();
  }

  #weakness(): string | undefined {
    const { isolationMinimum } = this.#options;
    if (!isWeaker(this.level, isolationMinimum)) return undefined;
    const remedies = [...this.#tiers.missing, `Or start the box with --isolation-minimum ${this.level}.`];
    return `isolation level ${isolationMinimum}, it reaches ${this.level} (${remedies.join(' ')})`;
  }

  /**
   * Takes a signed statement, however it came here.
   * @param envelope  JSON, as text or as a value
   * @param from      how, for the audit
   * @throws ServiceError
   */
  async submit(envelope: unknown, from = 'local'): Promise<Outcome> {
    return orThrow(this.take(envelope, { address: from }));
  }

  /**
   * Carries out what the program around this box wants, in the name of the box itself.
   * @param command  `{action, swarmlet, ...}` with the fields of a statement; `files` may map names to texts
   * @throws ServiceError
   */
  async command(command: unknown): Promise<Outcome> {
    const from = { address: 'command', caller: 'local' };
    return orThrow(this.#intake.take(() => this.#commands.admit(command), from, this.#commands.admission));
  }

  /** The same as `submit`, but refuses at once: by an error that is returned. */
  take(envelope: unknown, from: Source, action?: Change['action']): Taken<Outcome> {
    return this.#intake.take(() => this.#admit(envelope, action), from, this.#admission);
  }

  /**
   * The same for a deployment whose sender can send files that the box lacks.
   * @param ask  is told which; the statement is not used up then
   */
  deploy(envelope: unknown, from: Source, ask: (needs: Needs) => void): Taken<Outcome | Lacking> {
    return this.#intake.take(() => this.#admit(envelope, 'deploy'), from, this.#admission, ask);
  }

  #admit(envelope: unknown, action?: Change['action']): Verdict {
    const json = typeof envelope === 'string' ? parseJson(envelope, 'envelope') : envelope;
    return action ? this.#admission.admit(parseEnvelope(json), [action]) : this.#admission.admit(parseEnvelope(json));
  }

  /** Gives a value to an input of a swarmlet, from the program around this box. */
  provide(swarmlet: string, port: string, value: unknown): Promise<void> {
    return this.#supervisor.provideInput(swarmlet, port, value);
  }

  // ---------------------------------------------------------------------------------- what is read

  list(): Status[] {
    return this.#supervisor.names.flatMap((name) => (this.#supervisor.isShown(name) ? [this.status(name)] : []));
  }

  /** @throws NOT_FOUND */
  status(swarmlet: string): Status {
    return this.#intake.status(swarmlet);
  }

  /** @throws NOT_FOUND */
  history(swarmlet: string): object[] {
    const entries = this.#store.history(swarmlet);
    if (entries.length === 0) throw errors.NOT_FOUND(swarmlet);
    return historyOf(entries);
  }

  /** What was signed under this digest, and its files; undefined if it is not kept. */
  async deployment(
    swarmlet: string,
    digest: string,
  ): Promise<{ readonly statement: Version['statement']; readonly files: ReadonlyMap<string, string> } | undefined> {
    const version = this.#store.version(swarmlet, digest);
    return version && { statement: version.statement, files: (await this.#intake.cargoOf(version)).files };
  }

  /**
   * What is seen inside of a swarmlet (`Supervisor.observe`).
   * @throws NOT_FOUND
   */
  observe(swarmlet: string, known: number): Promise<View | undefined> {
    return this.#supervisor.observe(swarmlet, known);
  }

  unobserve(swarmlet: string): void {
    this.#supervisor.unobserve(swarmlet);
  }

  /**
   * Records of the audit, oldest first.
   * @param since  Unix milliseconds
   * @param limit  the newest so many
   */
  async audit(since: number, limit: number): Promise<object[]> {
    const lines = await this.#store.records(since, limit);
    return lines.map((line) => JSON.parse(line) as object);
  }

  /**
   * @param since  Unix milliseconds
   * @throws NOT_FOUND
   */
  logs(swarmlet: string, since = 0): LogLine[] {
    return this.#supervisor.logs(swarmlet, since);
  }

  /** Wraps all swarmlets up side by side, each within its wrapupMs, and closes every connection. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing = true;
    await this.#supervisor.close();
    await this.#listener?.close();
    await this.#tiers.close();
    this.#folders.close();
    await this.#world.close();
    this.trust.close();
    this.#audit.close();
    this.#log.flush();
    await this.#logbook?.close();
    await this.#store.close();
  }
}

/** @throws BAD_FILE */
async function openStore(state: string, { keys }: BoxIdentity, warn: (message: string) => void): Promise<Store> {
  if (state === '') return new MemoryStore();
  return DurableStore.open(state, { sign: (message) => signSsh(keys, namespaces.box, message), warn });
}
