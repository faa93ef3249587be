import type { Accessor } from './accessor.ts';
import { AccessorApi } from './accessor-api.ts';
import type { PortsOf } from './accessor-classes.ts';
import type { Clock } from './clock.ts';
import { uniqueContained } from './composite.ts';
import { errorText } from './errors.ts';
import { TypedEmitter } from './events.ts';
import { baseName } from './names.ts';
import { type Compile, freeNames, type Load, type Source } from './source.ts';
import { Timers } from './timers.ts';

/** Functions that a host gives to an instance; they override its methods of the same names (spec section 19). */
export type Bindings = Readonly<Record<string, unknown>>;

/** What was going on when an error occurred that no caller could catch. */
export type FailedDuring = 'reaction' | 'timer' | 'wrapup';

export interface HostEvents {
  /** After the outermost `initialize` or any other of an accessor. */
  initialized: [accessor: AccessorApi];
  /** After the `wrapup` functions have run, before the listeners of the accessor are removed; with what they threw. */
  wrappedUp: [accessor: AccessorApi, errors: readonly unknown[]];
  /** After an `initialize` that threw, of the outermost accessor or any other; those inside that were initialized have wrapped up. */
  abandoned: [accessor: AccessorApi];
  /** An error that no caller could catch; it is printed as well. */
  failed: [accessor: AccessorApi, error: unknown, during: FailedDuring];
}

export interface HostOptions {
  readonly clock: Clock;
  readonly load: Load;
  readonly compile: Compile;
  /** For a top-level accessor of that source; contained ones inherit `require` and `getResource` from their container. */
  readonly bindings?: (source: Source) => Bindings;
  /** Accessors of `trusted/` may see the top-level accessors. */
  readonly allowTrusted?: boolean;
  /** What accessors learn as the name of the host software; `Node` unless given. */
  readonly hostName?: string;
}

/** Runs accessors. All state belongs to a host: two of them in one process share nothing. */
export class Host {
  readonly timers: Timers;
  readonly clock: Clock;
  readonly events = new TypedEmitter<HostEvents>();
  readonly load: Load;
  readonly name: string;
  /** Of all its accessors so far. */
  reactions = 0;
  readonly #compile: Compile;
  readonly #bindings: (source: Source) => Bindings;
  #allowTrusted: boolean;
  readonly #topLevel = new TopLevel();

  constructor(options: HostOptions) {
    this.clock = options.clock;
    this.timers = new Timers(options.clock);
    this.load = options.load;
    this.#compile = options.compile;
    this.#bindings = options.bindings ?? (() => ({}));
    this.#allowTrusted = options.allowTrusted ?? true;
    this.name = options.hostName ?? 'Node';
  }

  /**
   * Makes a top-level accessor.
   * @throws Error if the class is not found, does not compile, or its `setup` throws
   */
  instantiate<C extends string>(name: string, accessorClass: C): AccessorApi<PortsOf<C>> {
    const source = this.load(accessorClass, undefined);
    const bindings = { ...this.#bindings(source), ...this.#bindingOfPeers(accessorClass.startsWith('trusted/')) };
    return this.#topLevelOf(new AccessorApi(this, { name, class: accessorClass, source, bindings }));
  }

  /** Makes a top-level accessor from source text; without `bindings` it gets those of the host. */
  instantiateFromCode(name: string, code: string, bindings?: Bindings): AccessorApi {
    const source: Source = { code, file: undefined, from: undefined };
    return this.#topLevelOf(new AccessorApi(this, { name, class: undefined, source, bindings: bindings ?? this.#bindings(source) }));
  }

  #topLevelOf(instance: AccessorApi): AccessorApi {
    this.addTopLevel(instance.core);
    return instance;
  }

  allowTrustedAccessors(flag: boolean): void {
    this.#allowTrusted = flag;
  }

  /** In order of creation. */
  getTopLevelAccessors(): AccessorApi[] {
    return this.#topLevel.list().map((accessor) => accessor.root);
  }

  /** The seed without folders and `.js`, with a number from 2 if the container, or the top level, has that name. */
  uniqueName(seed: string, container?: AccessorApi): string {
    if (container) return uniqueContained(container.core, seed);
    const used = new Set(this.getTopLevelAccessors().map((accessor) => accessor.accessorName));
    const base = baseName(seed);
    if (!used.has(base)) return base;
    let n = 2;
    while (used.has(base + n)) n++;
    return base + n;
  }

  /**
   * Wraps up every initialized top-level accessor, also after one that throws.
   * @throws Error that contains the text of the first error
   */
  stopAllAccessors(say: (line: string) => void = () => {}): void {
    const errors: unknown[] = [];
    for (const accessor of this.getTopLevelAccessors()) {
      if (!accessor.initialized) continue;
      say(`Wrapping up ${accessor.accessorName}`);
      try {
        accessor.wrapup();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) {
      throw new Error(`Error while wrapping up all accessors: ${errorText(errors[0])}`, { cause: errors[0] });
    }
  }

  // -------------------------------------------------------------------- for accessors of this host

  /** Evaluates the source of an instance and runs its `setup` (spec section 2). */
  evaluate(instance: AccessorApi): void {
    const { source } = instance.scope;
    if (source.code === '') throw new Error('No accessor code specified.');
    this.#compile(source, freeNames).apply(instance, this.#freeValues(instance));
    const { setup } = instance.exports;
    if (typeof setup !== 'function') return;
    setup.call(instance);
    const { core } = instance;
    if (!core.output('error')) core.addOutput('error');
  }

  /** The values of `freeNames`, in that order. Timer functions may be overridden by bindings. */
  #freeValues(instance: AccessorApi): unknown[] {
    const bound = instance as unknown as Record<string, unknown>;
    return [
      alert,
      bound.clearInterval ?? ((id: unknown) => instance.clearIntervalDeterministic(id)),
      bound.clearTimeout ?? ((id: unknown) => instance.clearTimeoutDeterministic(id)),
      instance.currentTime,
      instance.error,
      instance.exports,
      instance.getResource,
      instance.getTopLevelAccessors,
      instance.hostStackTrace,
      instance.httpRequest,
      instance.readURL,
      instance.require,
      bound.setInterval ??
        ((callback: () => void, period?: unknown, label?: unknown, priority?: number | null) =>
          instance.setIntervalDeterministic(callback, period, label, priority)),
      bound.setTimeout ??
        ((callback: () => void, delay?: unknown, label?: unknown, priority?: number | null) =>
          instance.setTimeoutDeterministic(callback, delay, label, priority)),
    ];
  }

  /** What accessors contained in `container` are given: its own functions, and sight of peers if they are trusted. */
  insideBindings(container: AccessorApi, accessorClass: string | undefined): Bindings {
    const own = container as unknown as Record<string, unknown>;
    const bindings: Record<string, unknown> = {
      currentTime: container.currentTime,
      error: container.error,
      getResource: container.getResource,
      httpRequest: container.httpRequest,
      readURL: container.readURL,
      require: container.require,
      ...this.#bindingOfPeers(accessorClass === undefined || accessorClass.startsWith('trusted/')),
    };
    bindings.getTopLevelAccessors ??= AccessorApi.prototype.getTopLevelAccessors;
    for (const name of ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval']) {
      if (own[name] !== undefined) bindings[name] = own[name];
    }
    return bindings;
  }

  #bindingOfPeers(trusted: boolean): Bindings | undefined {
    return trusted && this.#allowTrusted ? { getTopLevelAccessors: () => this.getTopLevelAccessors() } : undefined;
  }

  addTopLevel(accessor: Accessor): void {
    this.#topLevel.add(accessor);
  }

  removeTopLevel(accessor: Accessor): void {
    this.#topLevel.release(accessor);
  }

  initialized(accessor: Accessor): void {
    if (!accessor.container) this.#topLevel.hold(accessor);
    this.events.emit('initialized', accessor.root);
  }

  wrappedUp(accessor: Accessor, errors: readonly unknown[]): void {
    if (!accessor.container) this.#topLevel.release(accessor);
    this.events.emit('wrappedUp', accessor.root, errors);
  }

  abandoned(accessor: Accessor): void {
    this.events.emit('abandoned', accessor.root);
  }

  failed(accessor: Accessor, error: unknown, during: FailedDuring): void {
    this.events.emit('failed', accessor.root, error, during);
  }
}

function alert(text: unknown): void {
  console.log(text);
}

/**
 * The top-level accessors in order of creation. Only those that are initialized are held; the others are garbage as
 * soon as nobody else knows them. One that was made and wrapped up before the turn was given back is not listed any more:
 * to list it as long as somebody knows it would cost more than all the rest of its life.
 */
class TopLevel {
  /** Made in this turn: a weak reference costs more than all the rest, and many an accessor does not live as long. */
  readonly #fresh = new Set<Accessor>();
  /** The turn of these is about to be over. */
  #settling = false;
  /** The others, by the turn in which they were made. */
  readonly #turns = new Set<Turn>();
  /** Forgets a turn once all that was made in it is garbage. */
  readonly #over = new FinalizationRegistry<Turn>((turn) => this.#turns.delete(turn));
  readonly #held = new Set<Accessor>();
  #count = 0;
  #sweepAt = 1000;

  add(accessor: Accessor): void {
    if (accessor.turn) return;
    if (!this.#settling) void Promise.resolve().then(() => this.#settle());
    this.#settling = true;
    this.#fresh.add(accessor);
  }

  #settle(): void {
    this.#settling = false;
    if (this.#fresh.size === 0) return;
    const turn: Turn = { accessors: [] };
    const mark = {};
    for (const accessor of this.#fresh) {
      accessor.turn = mark;
      turn.accessors.push(new WeakRef(accessor));
    }
    this.#turns.add(turn);
    this.#over.register(mark, turn);
    this.#count += this.#fresh.size;
    this.#fresh.clear();
    if (this.#count < this.#sweepAt) return;
    this.#count = this.list().length;
    this.#sweepAt = Math.max(1000, this.#count * 2); // so that sweeping costs a constant for each accessor made
  }

  hold(accessor: Accessor): void {
    this.add(accessor);
    this.#held.add(accessor);
  }

  release(accessor: Accessor): void {
    this.#fresh.delete(accessor);
    this.#held.delete(accessor);
  }

  /** Those that nothing contains. */
  list(): Accessor[] {
    const live: Accessor[] = [];
    for (const turn of this.#turns) {
      turn.accessors = turn.accessors.filter((ref) => {
        const accessor = ref.deref();
        if (accessor) live.push(accessor);
        return accessor !== undefined;
      });
    }
    return [...live, ...this.#fresh].filter((accessor) => !accessor.container);
  }
}

/** Accessors that were made in one turn of the event loop. */
interface Turn {
  accessors: WeakRef<Accessor>[];
}
