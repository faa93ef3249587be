import { Accessor, type AccessorEvents } from './accessor.ts';
import type { AnyPorts, Latest, Ports, PortsOf } from './accessor-classes.ts';
import { type ConnectArguments, connect, contain, disconnect } from './composite.ts';
import { errorStack } from './errors.ts';
import type { Listener } from './events.ts';
import type { Bindings, Host } from './host.ts';
import { extend, implement } from './inheritance.ts';
import { Monitor, type MonitorReport } from './monitor.ts';
import { MutableState, type Reification, reify, unreify } from './mutable.ts';
import { type Input, Parameter, type PortOptions } from './port.ts';
import type { Source } from './source.ts';
import type { Timer, TimerOwner } from './timers.ts';
import type { TimerId } from './units.ts';

/** What the source of an accessor defines: the functions that the host calls, and whatever else it exports. */
export interface AccessorExports {
  setup?(this: AccessorApi): void;
  initialize?(this: AccessorApi): void;
  fire?(this: AccessorApi): void;
  wrapup?(this: AccessorApi): void;
  /** The exports of the base, or null. */
  ssuper: AccessorExports | null;
  // biome-ignore lint/suspicious/noExplicitAny: what accessors export for each other has no common type
  [name: string]: any;
}

/** What one instance has for itself although it shares everything else with the instance derived from it. */
class Scope implements TimerOwner {
  readonly source: Source;
  readonly #instance: AccessorApi;
  #timers: Map<TimerId, Timer> | undefined;

  constructor(instance: AccessorApi, source: Source) {
    this.#instance = instance;
    this.source = source;
  }

  get timers(): Map<TimerId, Timer> {
    this.#timers ??= new Map();
    return this.#timers;
  }

  get hasTimers(): boolean {
    return this.#timers !== undefined && this.#timers.size > 0;
  }

  failed(error: unknown): void {
    const { core } = this.#instance;
    core.host.failed(core, error, 'timer');
    this.#instance.error(error);
  }
}

const none: readonly AccessorApi[] = [];
const unspecified = { id: 'unspecified' };

/** How an instance is made. */
export interface Making {
  readonly name: string;
  /** Undefined when the source was given directly. */
  readonly class: string | undefined;
  readonly source: Source;
  readonly bindings: Bindings;
}

/**
 * What accessor code sees as `this`, and programs as an instance (spec sections 4 to 17 and 24). It checks arguments,
 * sorts out the overloads of the specification, and hands the work to the `Accessor` behind it. A base instance has
 * its derived instance as prototype, so it shares all of that but the properties it has for itself.
 */
export class AccessorApi<P extends Ports = AnyPorts> {
  readonly core: Accessor;
  scope: Scope;
  accessorName: string;
  accessorClass: string | undefined;
  exports: AccessorExports = { ssuper: null };
  bindings: Bindings;
  /** The base instance of this one, or null. */
  ssuper: AccessorApi | null = null;
  extending: AccessorApi | null = null;
  extendedBy: AccessorApi | null = null;
  implementedBy: AccessorApi | null = null;
  implementedInterfaces: readonly AccessorApi[] = none;
  /** Milliseconds given to `stopAt`. */
  stopAtTime: number | undefined = undefined;

  constructor(host: Host, making: Making) {
    this.core = new Accessor(host, this);
    this.scope = new Scope(this, making.source);
    this.accessorName = making.name;
    this.accessorClass = making.class;
    this.bindings = making.bindings;
    bind(this, making.bindings);
    host.evaluate(this);
  }

  /** Makes the instance that runs a base class, or an interface, on the accessor of `derived`. */
  static behind(derived: AccessorApi, making: Making): AccessorApi {
    const base = Object.create(derived) as AccessorApi;
    base.scope = new Scope(base, making.source);
    base.accessorName = making.name;
    base.accessorClass = making.class;
    base.exports = { ssuper: null };
    base.ssuper = null;
    base.extending = null;
    base.extendedBy = null;
    base.implementedBy = null;
    base.implementedInterfaces = none;
    return base;
  }

  // -------------------------------------------------------------------------- what an instance tells of itself

  get module(): { readonly id: string } {
    return unspecified;
  }

  /** The most derived instance. */
  get root(): AccessorApi {
    return this.core.root;
  }

  /** The composite that contains this accessor; undefined without one, null after it was released. */
  get container(): AccessorApi | null | undefined {
    const { container } = this.core;
    return container ? container.root : container;
  }

  get containedAccessors(): AccessorApi[] {
    return this.core.contained.map((accessor) => accessor.root);
  }

  get inputs(): Record<string, PortOptions> {
    return this.core.inputs.options;
  }

  get inputList(): string[] {
    return this.core.inputs.names;
  }

  get outputs(): Record<string, PortOptions> {
    return this.core.outputs.options;
  }

  get outputList(): string[] {
    return this.core.outputs.names;
  }

  get parameters(): Record<string, PortOptions> {
    return this.core.parameters.options;
  }

  get parameterList(): string[] {
    return this.core.parameters.names;
  }

  get initialized(): boolean {
    return this.core.initialized;
  }

  /** Place in the order of reactions of the container, lower first; undefined before the container is initialized. */
  get priority(): number | undefined {
    return this.core.ordered ? this.core.rank : undefined;
  }

  get eventQueue(): AccessorApi[] {
    return (this.core.contents?.ready.toArray() ?? []).map((accessor) => accessor.root);
  }

  get reactRequestedAlready(): boolean {
    return this.core.reactionRequested;
  }

  get inputHandlers(): { handle: number; input: string | undefined }[] {
    return this.core.handlers.filter((handler) => handler.input !== undefined);
  }

  get anyInputHandlers(): { handle: number; input: string | undefined }[] {
    return this.core.handlers.filter((handler) => handler.input === undefined);
  }

  /** The waiting timers of this instance, by id. */
  get timers(): Record<number, Timer> {
    return Object.fromEntries(this.scope.timers);
  }

  /** The source text. */
  get code(): string {
    return this.scope.source.code;
  }

  getName(): string {
    return this.accessorName;
  }

  getAccessorClass(): string | undefined {
    return this.accessorClass;
  }

  isInitialized(): boolean {
    return this.core.initialized;
  }

  getAccessorCode(name: string): string {
    return this.core.host.load(name, this.scope.source).code;
  }

  // ---------------------------------------------------------------------------------------------- ports

  /** Declares an input; declared again, the options are merged. */
  input(name: string, options?: PortOptions): void {
    coreOf(this, 'input').addInput(name, options);
  }

  /** Declares an output; declared again, the options are merged. */
  output(name: string, options?: PortOptions): void {
    coreOf(this, 'output').addOutput(name, options);
  }

  /** Declares a parameter; declared again, the options are merged. */
  parameter(name: string, options?: PortOptions): void {
    const core = coreOf(this, 'parameter');
    core.parameters.declare(name, () => new Parameter(core, name), options);
  }

  /** The value of an input in this reaction, else its default, else null; a parameter if there is no such input. */
  get(name: string): unknown {
    const { core } = this;
    const port = core.input(name) ?? core.parameters.get(name);
    if (port === undefined) throw new Error(`get(name): No input named ${name}${has(core.inputs.names, 'inputs')}`);
    return port.read();
  }

  /** The value of a parameter as it was set, else its converted default. */
  getParameter(name: string): unknown {
    const port = this.core.parameters.get(name);
    if (!port) throw new Error(`getParameter(name): No parameter named ${name}${has(this.core.parameters.names, 'parameters')}`);
    return port.read();
  }

  /** Sets a parameter; null sets its default back. */
  setParameter<N extends keyof P['parameters'] & string>(name: N, value: P['parameters'][N]): void {
    const { parameters } = this.core;
    const port = parameters.get(name);
    if (!port) {
      const known = has(parameters.names, 'parameters');
      throw new Error(`setParameter(): Accessor ${this.accessorName} has no parameter named ${name}${known}`);
    }
    port.current = port.convert(value);
  }

  /** Changes the default of an input for good; triggers nothing. */
  setDefault<N extends keyof P['inputs'] & string>(name: N, value: P['inputs'][N]): void {
    const port = existingInput(this, 'setDefault', name);
    port.declare({ value: port.convert(value) });
  }

  /** Merges options into those of an existing input. */
  setDefaultInput(name: string, options: PortOptions): void {
    existingInput(this, 'setDefaultInput', name).declare(options);
  }

  /** The value last sent through an output; undefined before the first. */
  latestOutput<N extends keyof P['outputs'] & string>(name: N): Latest<P, N> {
    const port = this.core.output(name);
    if (!port) throw new Error(`latestOutput(): No output named ${name}${has(this.core.outputs.names, 'outputs')}`);
    return port.latest as Latest<P, N>;
  }

  /** Gives a value to an input from outside; a top-level accessor without contained ones then waits for `react`. */
  provideInput<N extends keyof P['inputs'] & string>(name: N, value: P['inputs'][N] | null): void {
    const port = this.core.input(name);
    if (!port) throw new Error(`provideInput(): Accessor has no input named ${name}${has(this.core.inputs.names, 'inputs')}`);
    this.core.provide(port, value);
  }

  /** Sends a value through an output, or, if there is only an input of that name, to oneself in a later reaction. */
  send(name: string, value: unknown): void {
    const { core } = this;
    const output = core.output(name);
    if (output !== undefined) {
      core.send(output, value);
      return;
    }
    const input = core.input(name);
    if (!input) throw new Error(`send(name, value): No output or input named ${name}${has(core.outputs.names, 'outputs')}`);
    core.sendToSelf(input, value);
  }

  // ------------------------------------------------------------------------------------------- handlers

  /**
   * Adds a handler of one input, or with a function first (or null for the name) of any input, and returns its handle.
   * It is called on the most derived instance, with `args`.
   */
  addInputHandler(func: (this: AccessorApi, ...args: never[]) => void, ...args: unknown[]): number;
  addInputHandler(
    name: string | null | undefined,
    func?: ((this: AccessorApi, ...args: never[]) => void) | null,
    ...args: unknown[]
  ): number;
  addInputHandler(...given: unknown[]): number {
    const [name, func, args] = typeof given[0] === 'function' ? [null, given[0], given.slice(1)] : [given[0], given[1], given.slice(2)];
    if (name !== null && name !== undefined && typeof name !== 'string') {
      throw new Error(`name argument is required to be a string. Got: ${typeof name}`);
    }
    const input = typeof name === 'string' ? this.core.input(name) : undefined;
    if (typeof name === 'string' && !input) {
      const known = has(this.core.inputs.names, 'inputs');
      throw new Error(`Cannot add an input handler to a non-existent input: ${name}${known}`);
    }
    if (func !== null && func !== undefined && typeof func !== 'function') {
      throw new Error(`Argument of addInputHandler is not a function. It is: ${String(func)}`);
    }
    return this.core.addHandler(input, (func as ((...args: unknown[]) => void) | null | undefined) ?? (() => {}), args);
  }

  /** Removes the handler of that handle; ignores one that is not there. */
  removeInputHandler(handle: number): void {
    this.core.removeHandler(handle);
  }

  // ----------------------------------------------------------------------------------------- life cycle

  initialize(): void {
    this.core.initialize(this);
  }

  /** Reacts once: to all that waits, or only with the handlers of one input. */
  react(name?: string): void {
    if (name === undefined || name === null) {
      this.core.react(this);
      return;
    }
    const input = this.core.input(name);
    if (!input) throw new Error(`react(): Accessor has no input named ${name}${has(this.core.inputs.names, 'inputs')}`);
    this.core.react(this, input);
  }

  fire(): void {
    this.exports.fire?.call(this);
  }

  wrapup(): void {
    this.core.wrapup(this);
  }

  /** Wraps up the whole swarmlet, once the zero-delay callbacks requested so far have run. */
  stop(): void {
    const { host } = this.core;
    const top = this.core.top;
    host.timers.request({
      run: () => {
        try {
          top.root.wrapup();
        } catch (error) {
          top.fail(error, 'wrapup');
        }
      },
    });
  }

  /** Calls `stop` after so many milliseconds, unless this accessor wraps up before. */
  stopAt(delay: number): void {
    this.stopAtTime = delay;
    this.setTimeoutDeterministic(() => this.stop(), delay);
  }

  // ---------------------------------------------------------------------------------------- composition

  /** Makes a contained accessor of a class; stand-alone, it belongs to nobody. */
  instantiate<C extends string>(name: string, accessorClass: C, standAlone = false): AccessorApi<PortsOf<C>> {
    if (!accessorClass) throw new Error('instantiate(): Must specify an accessorClass.');
    const source = this.core.host.load(accessorClass, this.scope.source);
    return contain(this, name, { class: accessorClass, source }, standAlone);
  }

  /** The same from source text. */
  instantiateFromCode(name: string, code: string, standAlone = false): AccessorApi {
    const source: Source = { code, file: undefined, from: this.scope.source };
    return contain(this, name, { class: undefined, source }, standAlone);
  }

  /** Connects (section 10): `(from, 'out', to, 'in')`, `('in', to, 'in2')`, `(from, 'out', 'out2')`, `('in', 'out')`. */
  connect(...ports: ConnectArguments): void {
    connect(this.core, ports);
  }

  /** Removes that one connection; the forms are those of `connect`. */
  disconnect(...ports: ConnectArguments): void {
    disconnect(this.core, ports);
  }

  assignPriorities(): void {
    this.core.contents?.order();
  }

  scheduleEvent(accessor: AccessorApi): void {
    this.core.scheduleEvent(accessor.core);
  }

  /** In `setup`: takes over ports and functions of a base class (section 12). */
  extend(accessorClass: string): void {
    extend(this, accessorClass);
  }

  /** In `setup`: declares the ports of an interface on this accessor. */
  implement(accessorClass: string): void {
    implement(this, accessorClass);
  }

  /** The functions that accessors contained in this one are given (section 19). */
  getDefaultInsideBindings(accessorClass?: string): Bindings {
    return this.core.host.insideBindings(this, accessorClass);
  }

  // -------------------------------------------------------------------------------------------- mutable

  /** In `setup`: this accessor works through others that it is given at run time (section 13). */
  mutable(flag: unknown): void {
    this.core.mutable = flag ? new MutableState() : undefined;
  }

  get isMutable(): boolean {
    return this.core.mutable !== undefined;
  }

  get state(): 'reified' | 'unreified' | undefined {
    return this.core.mutable?.state;
  }

  get inputsMap(): Record<string, string> | undefined {
    return this.core.mutable?.inputsMap;
  }

  get outputsMap(): Record<string, string> | undefined {
    return this.core.mutable?.outputsMap;
  }

  get reifyingAccessor(): AccessorApi | null | undefined {
    return this.core.mutable && (this.core.mutable.reifying?.root ?? null);
  }

  /** Lets another accessor do the work of this mutable one; the caller initializes it. False: refused, and reported. */
  reify(accessor?: AccessorApi | string | Reification | null): boolean {
    return reify(this, accessor);
  }

  /** Releases the reifying accessor; false if there is none. */
  unreify(): boolean {
    return unreify(this);
  }

  // --------------------------------------------------------------------------------------------- timers

  setTimeoutDeterministic(callback: () => void, delay?: unknown, label?: unknown, priority?: number | null): TimerId {
    return this.core.host.timers.setTimeout(this.scope, callback, delay, label, timerPriority(this, priority));
  }

  setIntervalDeterministic(callback: () => void, period?: unknown, label?: unknown, priority?: number | null): TimerId {
    return this.core.host.timers.setInterval(this.scope, callback, period, label, timerPriority(this, priority));
  }

  clearTimeoutDeterministic(id: unknown): void {
    this.core.host.timers.clear(this.scope, 'timeout', id);
  }

  clearIntervalDeterministic(id: unknown): void {
    this.core.host.timers.clear(this.scope, 'interval', id);
  }

  clearTimers(): void {
    if (this.scope.hasTimers) this.core.host.timers.clearAll(this.scope);
  }

  // ------------------------------------------------------------------------- functions of the platform

  /** Prints a message with a stack trace on standard error; stops nothing. */
  error(message: unknown): void {
    const text = message instanceof Error ? errorStack(message) : errorStack(new Error(String(message)));
    console.error(`${this?.accessorName ?? 'accessor'}: ${text}`);
  }

  currentTime(): never {
    throw new Error('This host does not support currentTime(). Use Date.now().');
  }

  httpRequest(..._args: unknown[]): never {
    throw new Error("This host does not support httpRequest(). Use require('@accessors-modules/http-client').");
  }

  readURL(..._args: unknown[]): never {
    throw new Error("This host does not support readURL(). Use require('@accessors-modules/http-client').");
  }

  getResource(..._args: unknown[]): unknown {
    throw new Error('This host does not support getResource().');
  }

  /** Name of the host software. */
  getHostName(): string {
    return this.core.host.name;
  }

  require(name: string): unknown {
    throw new Error(`This host has no modules, so there is no ${name}.`);
  }

  hostStackTrace(error: { readonly stack?: string }): string | undefined {
    return error.stack;
  }

  getTopLevelAccessors(): AccessorApi[] {
    throw new Error(`${this?.accessorName ?? 'accessor'}: Access to peers is not permitted: only accessors of trusted/ may ask for them.`);
  }

  // -------------------------------------------------------------------------------------------- monitoring

  get monitor(): MonitorReport | undefined {
    return this.core.monitor?.report;
  }

  get monitoring(): boolean {
    return this.core.monitor?.active ?? false;
  }

  get monitoringDeeply(): boolean {
    return this.core.monitor?.deeply ?? false;
  }

  /** Begins, or begins anew, to count initializations, reactions and wrapups; deeply: of contained accessors too. */
  startMonitoring(deeply = false): void {
    Monitor.start(this.core, deeply);
  }

  /** The counts up to now; undefined if monitoring was never started. */
  getMonitoring(): MonitorReport | undefined {
    return this.core.monitor?.update();
  }

  stopMonitoring(): MonitorReport | undefined {
    return this.core.monitor?.stop();
  }

  // ------------------------------------------------------------------------------------- event emitter

  on<K extends keyof AccessorEvents>(event: K, listener: (...args: AccessorEvents[K]) => void): this {
    this.core.events.on(event, listener);
    return this;
  }

  once<K extends keyof AccessorEvents>(event: K, listener: (...args: AccessorEvents[K]) => void): this {
    this.core.events.once(event, listener);
    return this;
  }

  addListener<K extends keyof AccessorEvents>(event: K, listener: (...args: AccessorEvents[K]) => void): this {
    return this.on(event, listener);
  }

  prependListener<K extends keyof AccessorEvents>(event: K, listener: (...args: AccessorEvents[K]) => void): this {
    this.core.events.prepend(event, listener);
    return this;
  }

  off<K extends keyof AccessorEvents>(event: K, listener: (...args: AccessorEvents[K]) => void): this {
    this.core.events.off(event, listener);
    return this;
  }

  removeListener<K extends keyof AccessorEvents>(event: K, listener: (...args: AccessorEvents[K]) => void): this {
    return this.off(event, listener);
  }

  removeAllListeners(event?: keyof AccessorEvents): this {
    this.core.events.removeAllListeners(event);
    return this;
  }

  emit<K extends keyof AccessorEvents>(event: K, ...args: AccessorEvents[K]): boolean {
    return this.core.events.emit(event, ...args);
  }

  listeners(event: keyof AccessorEvents): Listener[] {
    return this.core.events.listeners(event);
  }

  listenerCount(event: keyof AccessorEvents): number {
    return this.core.events.listenerCount(event);
  }

  eventNames(): PropertyKey[] {
    return this.core.events.eventNames();
  }
}

/** What accessor code in TypeScript declares as `this` of `setup`, `initialize`, `fire`, `wrapup` and handlers. */
export type AccessorContext = AccessorApi;

// No private methods above: a base instance has its derived instance as prototype and is none of the class itself.

/** Bindings override the methods of the same names (section 19). */
function bind(instance: AccessorApi, bindings: Bindings): void {
  const own = instance as unknown as Record<string, unknown>;
  for (const name of Object.keys(bindings)) {
    if (own[name] !== bindings[name]) own[name] = bindings[name];
  }
}

function coreOf(instance: AccessorApi, method: string): Accessor {
  if (!(instance instanceof AccessorApi)) {
    throw new Error(`${method}(): must be called on an accessor; write this.${method}(...) in setup, or bind it to the accessor.`);
  }
  return instance.core;
}

/** The rest of a message about a name that is not there. */
function has(names: readonly string[], kind: string): string {
  return names.length > 0 ? `. The ${kind} are: ${names.join(', ')}` : `. It has no ${kind}`;
}

function existingInput(instance: AccessorApi, method: string, name: unknown): Input {
  if (typeof name !== 'string') throw new Error(`${method}(): input argument is required to be a string. Got: ${typeof name}`);
  const port = instance.core.input(name);
  if (!port) throw new Error(`${method}(): Accessor has no input named ${name}${has(instance.core.inputs.names, 'inputs')}`);
  return port;
}

/** Null stands for the priority of the accessor, undefined for none. */
function timerPriority(instance: AccessorApi, priority: number | null | undefined): number | undefined {
  return priority === null ? instance.priority : priority;
}
