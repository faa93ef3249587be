import type { AccessorApi } from './accessor-api.ts';
import type { Contents } from './contents.ts';
import { errorStack, errorText } from './errors.ts';
import { TypedEmitter } from './events.ts';
import { addHandler, type Handled, type Handler, handlersOf, removeHandler, removeHandlers, runHandlers } from './handlers.ts';
import type { FailedDuring, Host } from './host.ts';
import type { Monitor } from './monitor.ts';
import type { MutableState } from './mutable.ts';
import { Input, Output, type Parameter, type PortOptions, PortTable } from './port.ts';
import type { Task } from './timers.ts';

const none: readonly Accessor[] = [];

/** Events of an instance (spec section 16). Accessor code may emit others of its own. */
export interface AccessorEvents {
  initializeStart: [];
  initializeEnd: [];
  reactStart: [];
  reactEnd: [];
  output: [name: string, value: unknown];
  wrapupStart: [];
  wrapupEnd: [];
  reified: [];
  unreified: [];
  [other: string]: unknown[];
}

/** Where a reaction is: decides who handles an event that comes in the middle of it. Numbers, as they change four times in each. */
const phases = {
  idle: 0,
  handling: 1, // named handlers run: a value for an own input is handled in this pass
  draining: 2, // contained accessors react: an event of one of them is handled in this reaction
  firing: 3, // whatever comes now belongs to the next reaction
} as const;
type Phase = (typeof phases)[keyof typeof phases];

/**
 * One accessor: its ports, handlers, contained accessors and life cycle. What accessor code sees as `this` is an
 * `AccessorApi` around it; a derived accessor and its bases are several of those around one `Accessor`.
 */
export class Accessor implements Handled {
  // What every reaction touches stands first, so that it lies together in memory.
  readonly host: Host;
  /** The most derived instance: `this` of all handlers. */
  readonly root: AccessorApi;
  /** The first in `inputs` and in `outputs`: from there a reaction goes on without touching those. */
  #firstInput: Input | undefined = undefined;
  #firstOutput: Output | undefined = undefined;
  /** Undefined before it was ever contained, null after it was released. */
  container: Accessor | null | undefined = undefined;
  /** Undefined in an accessor that has never contained another. */
  contents: Contents | undefined = undefined;
  /** Place in the order of the container; a lower one reacts earlier. */
  rank = -1;
  /** Is in the ready queue of the container. */
  waiting = false;
  #pending = 0;
  #phase: Phase = phases.idle;
  /** Those of any input. */
  firstHandler: Handler | undefined = undefined;
  lastHandler: Handler | undefined = undefined;
  monitor: Monitor | undefined = undefined;
  /** Undefined as long as nobody asked for it: most accessors have no listener. */
  #events: TypedEmitter<AccessorEvents> | undefined = undefined;

  /** All instances around this accessor, the root first, then its bases. */
  readonly instances: AccessorApi[];
  readonly inputs = new PortTable<Input>();
  readonly outputs = new PortTable<Output>();
  readonly parameters = new PortTable<Parameter>();
  initialized = false;
  /** The order was computed, so that `rank` is what programs may see as `priority`. */
  ordered = false;
  mutable: MutableState | undefined = undefined;
  /** Stands for the turn in which it was made, in all that were made at top level then: garbage when they all are. */
  turn: object | undefined = undefined;
  #nextHandle = 0;
  #reactionRequested = false;
  #reactionTask: Task | undefined = undefined;
  /** Counts wrapups: what was requested before one must not happen after it. */
  #life = 0;

  constructor(host: Host, root: AccessorApi) {
    this.host = host;
    this.root = root;
    this.instances = [root];
  }

  get events(): TypedEmitter<AccessorEvents> {
    this.#events ??= new TypedEmitter<AccessorEvents>(this.root);
    return this.#events;
  }

  get name(): string {
    return this.root.accessorName;
  }

  /** The outermost container. */
  get top(): Accessor {
    let top: Accessor = this;
    while (top.container) top = top.container;
    return top;
  }

  /** The contained accessors, in the order of containment. */
  get contained(): readonly Accessor[] {
    return this.contents?.accessors ?? none;
  }

  get reactionRequested(): boolean {
    return this.#reactionRequested;
  }

  // --------------------------------------------------------------------------------------------- ports

  /** Declared again, the options are merged. */
  addInput(name: string, options?: PortOptions): void {
    const input = this.inputs.declare(name, () => new Input(this, name), options);
    this.#firstInput ??= input;
  }

  /** Declared again, the options are merged. */
  addOutput(name: string, options?: PortOptions): void {
    const output = this.outputs.declare(name, () => new Output(this, name), options);
    this.#firstOutput ??= output;
  }

  /** Undefined if there is none of that name. */
  input(name: string): Input | undefined {
    const first = this.#firstInput;
    return first !== undefined && first.name === name ? first : this.inputs.get(name);
  }

  /** Undefined if there is none of that name. */
  output(name: string): Output | undefined {
    const first = this.#firstOutput;
    return first !== undefined && first.name === name ? first : this.outputs.get(name);
  }

  // ------------------------------------------------------------------------------------------ handlers

  /** @param input  undefined: the handler runs once in every reaction */
  addHandler(input: Input | undefined, call: (...args: unknown[]) => void, args: readonly unknown[]): number {
    const handle = this.#nextHandle++;
    addHandler(input ?? this, { handle, call, args: args.length > 0 ? args : undefined, next: undefined });
    return handle;
  }

  removeHandler(handle: number): void {
    for (const handled of this.#handled) {
      const handler = handlersOf(handled).find((one) => one.handle === handle);
      if (handler) removeHandler(handled, handler);
    }
  }

  /** In the order of addition. */
  get handlers(): { handle: number; input: string | undefined }[] {
    const handlers = this.#handled.flatMap((handled) => {
      const input = handled instanceof Input ? handled.name : undefined;
      return handlersOf(handled).map(({ handle }) => ({ handle, input }));
    });
    return handlers.sort((a, b) => a.handle - b.handle);
  }

  get #handled(): Handled[] {
    return [...this.inputs.list, this];
  }

  // -------------------------------------------------------------------------------------------- values

  /** Gives a value to an own input: it is handled in the next reaction, behind those that wait there (section 8). */
  provide(input: Input, value: unknown): void {
    if (input.pending) input.queue.push(value);
    else this.#accept(input, value);
  }

  #accept(input: Input, value: unknown): void {
    const converted = input.convert(value);
    input.current = converted;
    if (converted === null && !input.hasDefault()) return;
    input.pending = true;
    this.#pending++;
    if (this.#phase !== phases.handling) {
      if (this.#phase !== phases.idle) input.late = true;
      this.container?.scheduleEvent(this);
    }
    transmit(input, converted);
  }

  /** Sends a value through an own output, at once and all the way to where it ends (section 9). */
  send(output: Output, value: unknown): void {
    const converted = output.convert(value);
    output.latest = converted;
    this.#events?.emit('output', output.name, converted);
    transmit(output, converted);
  }

  /** Gives a value to an own input in a later reaction, and sees to it that there is one (section 9). */
  sendToSelf(input: Input, value: unknown): void {
    const life = this.#life;
    this.host.timers.request({
      run: () => {
        if (life !== this.#life) return; // wrapped up meanwhile: the value is dropped with the others that waited
        try {
          this.provide(input, value);
        } catch (error) {
          this.fail(error, 'reaction');
        }
        if (!this.container) this.#requestReaction();
      },
    });
  }

  // ----------------------------------------------------------------------------------------- reactions

  /** A contained accessor has an event: it reacts in the next reaction of this one (section 11). */
  scheduleEvent(contained: Accessor): void {
    this.contents?.ready.add(contained);
    if (this.#phase === phases.handling || this.#phase === phases.draining) return; // the present reaction handles it
    this.#scheduleSelf();
  }

  #scheduleSelf(): void {
    if (this.container) this.container.scheduleEvent(this);
    else this.#requestReaction();
  }

  #requestReaction(): void {
    if (this.#reactionRequested) return;
    this.#reactionRequested = true;
    this.#reactionTask ??= { run: () => this.#reactIfWaiting() };
    this.host.timers.request(this.#reactionTask);
  }

  #reactIfWaiting(): void {
    if (!this.#reactionRequested) return;
    this.#reactionRequested = false;
    if (this.#pending === 0 && !this.contents?.ready.size) return; // somebody called `react` meanwhile
    try {
      this.react(this.root);
    } catch (error) {
      this.fail(error, 'reaction');
    }
  }

  /**
   * One reaction (section 8).
   * @param self   the instance whose `fire` runs
   * @param input  only the handlers of this input run, whatever waits; undefined: all that wait
   * @throws what a handler or `fire` throws
   */
  react(self: AccessorApi, input?: Input): void {
    const outer = this.#phase;
    const ready = this.contents?.ready;
    this.host.reactions++;
    this.monitor?.begin('react');
    this.#events?.emit('reactStart');
    try {
      this.#phase = phases.handling;
      if (input !== undefined) runHandlers(input, this);
      else this.#handlePending();
      this.#phase = phases.draining;
      runHandlers(this, this);
      if (ready !== undefined) for (let next = ready.next(); next !== undefined; next = ready.next()) next.react(next.root);
      this.#phase = phases.firing;
      self.fire();
      this.#resetInputs();
    } finally {
      this.#phase = outer;
      this.monitor?.end('react');
      // Only after an error: what waits here has been told to nobody, or was forgotten with the reaction that failed.
      if (outer === phases.idle && ((ready !== undefined && ready.size > 0) || (this.#pending > 0 && this.container))) this.#scheduleSelf();
    }
    this.#events?.emit('reactEnd');
  }

  /** Pass after pass over the inputs in the order of declaration, one value of each in a pass, until none waits. */
  #handlePending(): void {
    while (this.#pending > 0) {
      for (let input = this.#firstInput; input !== undefined; input = input.next) {
        if (input.pending !== true) continue; // faster than `!input.pending`, which asks for more than true and false
        input.pending = false;
        this.#pending--;
        try {
          runHandlers(input, this);
        } finally {
          while (input.queued > 0 && !input.pending) this.#accept(input, input.queue.shift());
        }
      }
    }
  }

  /**
   * A handler threw, and is removed already.
   * @throws Error that names input and accessor; of a handler of any input it is only reported, and the reaction goes on
   */
  handlerFailed(error: unknown, of: Handled): void {
    if (!(of instanceof Input)) {
      this.fail(error, 'reaction');
      return;
    }
    const where = `Error in a handler of input ${of.name} of ${this.name}, which is removed`;
    throw new Error(`${where}: ${errorText(error)}\n${errorStack(error)}`, { cause: error });
  }

  #resetInputs(): void {
    for (let input = this.#firstInput; input !== undefined; input = input.next) {
      if (input.late) input.late = false;
      else input.current = undefined;
    }
  }

  // ---------------------------------------------------------------------------------------- life cycle

  /**
   * @param self  the instance whose own function runs; contained accessors are initialized by the root alone
   * @throws what `initialize` of this or a contained accessor throws; nothing that it opened is left then
   */
  initialize(self: AccessorApi): void {
    this.monitor?.begin('initialize');
    this.#events?.emit('initializeStart');
    try {
      if (self === this.root && this.contents) {
        this.contents.order();
        for (const accessor of [...this.contained]) accessor.root.initialize();
      }
      self.exports.initialize?.call(self);
    } catch (error) {
      if (self === this.root) this.#abandon();
      throw error;
    } finally {
      this.monitor?.end('initialize');
    }
    this.initialized = true;
    this.host.initialized(this);
    this.#events?.emit('initializeEnd');
  }

  /** It could not be initialized, so nobody will wrap it up. Its own `wrapup` is not asked: it may count on what was not done. */
  #abandon(): void {
    for (const accessor of [...this.contained].reverse()) {
      if (!accessor.initialized) continue;
      try {
        accessor.root.wrapup();
      } catch (error) {
        accessor.fail(error, 'wrapup'); // what is thrown is why it could not be initialized
      }
    }
    for (const instance of this.instances) instance.clearTimers();
    this.host.abandoned(this);
  }

  /**
   * Ends everything, also what comes after something that throws.
   * @throws the first error of a `wrapup` function
   */
  wrapup(self: AccessorApi): void {
    if (self !== this.root) {
      self.clearTimers();
      self.exports.wrapup?.call(self);
      return;
    }
    this.monitor?.begin('wrapup');
    this.initialized = false;
    this.#events?.emit('wrapupStart');
    this.#removeHandlers();
    this.#dropWaiting();
    for (const instance of this.instances) instance.clearTimers();
    const errors: unknown[] = [];
    const attempt = (step: () => void): void => {
      try {
        step();
      } catch (error) {
        errors.push(error);
      }
    };
    for (const accessor of [...this.contained]) {
      if (accessor !== this.mutable?.reifying) attempt(() => accessor.root.wrapup());
    }
    if (this.mutable) attempt(() => this.root.unreify());
    attempt(() => self.exports.wrapup?.call(self));
    this.monitor?.end('wrapup');
    this.host.wrappedUp(this, errors);
    this.#events?.emit('wrapupEnd');
    this.#events?.removeAllListeners();
    if (errors.length > 0) throw errors[0];
  }

  #removeHandlers(): void {
    for (const handled of this.#handled) removeHandlers(handled);
    this.#nextHandle = 0;
  }

  #dropWaiting(): void {
    this.#life++;
    for (const input of this.inputs.list) {
      input.current = undefined;
      input.pending = false;
      input.late = false;
      if (input.queued > 0) input.queue.clear();
    }
    this.#pending = 0;
    this.#reactionRequested = false;
    this.contents?.ready.clear();
  }

  /** Reports an error that no caller can catch: on standard error, and to whoever watches the host. */
  fail(error: unknown, during: FailedDuring): void {
    this.host.failed(this, error, during);
    this.root.error(error);
  }
}

/** Hands a value to all destinations of a port, in the order of their connection. */
function transmit(from: Input | Output, value: unknown): void {
  const { only, first } = from;
  if (only !== undefined) {
    only.take(value);
    if (from.only === only) return; // else connections were made or taken away meanwhile
  }
  for (let connection = only === undefined ? first : first?.next; connection !== undefined; connection = connection.next) {
    connection.to.take(value);
  }
}
