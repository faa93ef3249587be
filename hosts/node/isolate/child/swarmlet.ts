import { type AccessorApi, errorStack, freeNames, Host, Observer, type Platform, type View, WallClock } from '../../../common/index.ts';
import { compile } from '../../compile.ts';
import type { FarEdge } from '../../edge/far/index.ts';
import { EdgeScope } from '../../edge/index.ts';
import type { AccessorModule } from '../../modules.ts';
import { nodePlatform } from '../../platform.ts';
import { resourceReader } from '../../resource.ts';
import type { StartPhase } from '../isolate.ts';
import type { Ending, StartCommand } from '../messages.ts';
import { deploymentInside } from './deployment.ts';
import { Image, type ImageParts } from './image.ts';
import { describe, isAllocationFailure } from './problem.ts';
import { resourcesInside } from './resources.ts';

/** What a swarmlet tells the runtime. */
export interface SwarmletListener {
  entered(phase: 'initialize' | 'running'): void;
  startFailed(phase: StartPhase, reason: 'exception' | 'memory', message: string): void;
  output(port: string, value: unknown): void;
  /** Says something to a service of the host. */
  service(name: string, message: unknown): void;
  taken(): void;
  refused(message: string): void;
  ended(ending: Ending, message: string): void;
  /** Calls back when outputs may leave again. */
  whenOpen(callback: () => void): void;
}

/** What one runs on: its code, and the outside. */
export interface SwarmletParts extends ImageParts {
  readonly edge: FarEdge;
}

/** One swarmlet in a host of its own. */
export class Swarmlet {
  readonly #listener: SwarmletListener;
  readonly #parts: SwarmletParts;
  readonly #command: StartCommand;
  readonly #scope: EdgeScope;
  readonly #host: Host;
  #instance: AccessorApi | undefined;
  #observer: Observer | undefined;
  #phase: StartPhase | 'running' | 'stopping' | 'over' = 'load';
  #wrapupError: string | undefined;
  /** Who hears what a service of the host says. */
  readonly #ears = new Map<string, (message: unknown) => void>();

  /** Makes everything ready; none of its code runs before `start`. */
  constructor(parts: SwarmletParts, command: StartCommand, listener: SwarmletListener) {
    this.#listener = listener;
    this.#parts = parts;
    this.#command = command;
    const { edge } = parts;
    const clock = new WallClock(this.#platform());
    const scope = new EdgeScope(
      () => edge,
      clock,
      (run) => this.#host.timers.request({ run }),
    );
    const { load, require } = new Image(parts, scope, this.#services(parts.granted));
    const getResource = resourceReader(resourcesInside(parts.files, scope, require), clock);
    this.#scope = scope;
    this.#host = new Host({
      clock,
      load,
      compile: (source, parameters) => this.#thenSetup(compile(source, parameters)),
      bindings: () => ({ require, getResource }),
      allowTrusted: command.trusted,
    });
    this.#host.events.on('failed', (_accessor, error, during) => this.#failed(error, during));
    this.#host.events.on('wrappedUp', (accessor) => this.#wrappedUp(accessor));
    try {
      compile(load(this.#mainClass, undefined), freeNames);
    } catch {
      // The start meets it again, and tells it.
    }
  }

  get #mainClass(): string {
    return this.#command.main.replace(/\.js$/, '');
  }

  /** Modules whose other end is a service of the host. */
  #services(granted: readonly string[]): AccessorModule[] {
    return [deploymentInside].flatMap(({ name, create }) => {
      if (!granted.includes(name)) return [];
      const say = (message: unknown): void => this.#listener.service(name, message);
      const listen = (ear: (message: unknown) => void): void => void this.#ears.set(name, ear);
      return [{ name, pure: false, create: () => create({ say, listen, whenOpen: this.#listener.whenOpen, files: this.#parts.files }) }];
    });
  }

  /** A service of the host says something. */
  heard(name: string, message: unknown): void {
    const instance = this.#instance;
    if (!instance || this.#phase === 'over') return;
    try {
      this.#ears.get(name)?.(message);
    } catch (error) {
      instance.core.fail(error, 'reaction');
    }
  }

  start(): void {
    try {
      const instance = this.#instantiate();
      this.#phase = 'initialize';
      this.#listener.entered('initialize');
      instance.initialize();
    } catch (error) {
      const phase = this.#phase as StartPhase;
      this.#phase = 'over';
      this.#listener.startFailed(phase, isAllocationFailure(error) ? 'memory' : 'exception', this.describe(error));
      return;
    }
    this.#phase = 'running';
    this.#listener.entered('running');
    const inputs = Object.entries(this.#command.inputs);
    if (inputs.length === 0) return;
    this.#react((instance) => {
      for (const [port, value] of inputs) instance.provideInput(port, value);
    });
  }

  #instantiate(): AccessorApi {
    const { name: swarmletName, parameters, inputs } = this.#command;
    const instance = this.#host.instantiate(swarmletName, this.#mainClass);
    this.#instance = instance;
    instance.on('output', (port, value) => this.#listener.output(port, value));
    for (const [name, value] of Object.entries(parameters)) instance.setParameter(name, value);
    for (const name of Object.keys(inputs)) {
      if (!instance.inputList.includes(name)) throw new Error(`The swarmlet has no input named ${name}, which is to be provided.`);
    }
    return instance;
  }

  /** Timers and reactions wait while outputs wait: so a swarmlet that sends too much is slowed. */
  #platform(): Platform {
    const { whenOpen } = this.#listener;
    const unlessOver = (callback: () => void) => (): void => {
      if (this.#phase !== 'over') callback();
    };
    return {
      ...nodePlatform,
      soon: (callback) => nodePlatform.soon(() => whenOpen(unlessOver(callback))),
      later: (callback, ms) => nodePlatform.later(() => whenOpen(unlessOver(callback)), ms),
    };
  }

  /** The top-level source is the first that is evaluated; what comes after it is `setup`. */
  #thenSetup(run: (...args: unknown[]) => unknown): (...args: unknown[]) => unknown {
    if (this.#phase !== 'load') return run;
    const enter = (): void => {
      this.#phase = 'setup';
    };
    return function (this: unknown, ...args) {
      const result = run.apply(this, args);
      enter();
      return result;
    };
  }

  provide(port: string, value: unknown): void {
    const instance = this.#instance;
    if (!instance || this.#phase !== 'running') {
      this.#listener.refused('The swarmlet has ended.');
      return;
    }
    try {
      instance.provideInput(port, value);
    } catch (error) {
      this.#listener.refused(this.describe(error));
      return;
    }
    this.#listener.taken();
    this.#react(() => {});
  }

  /** Runs `first` and a reaction; what they throw is a line of the log, as in every host. */
  #react(first: (instance: AccessorApi) => void): void {
    const instance = this.#instance as AccessorApi;
    try {
      first(instance);
      instance.react();
    } catch (error) {
      instance.core.fail(error, 'reaction');
    }
  }

  /** Of all its accessors so far. */
  get reactions(): number {
    return this.#host.reactions;
  }

  /** Undefined unless it runs. */
  look(known: number): View | undefined {
    if (!this.#instance || this.#phase !== 'running') return undefined;
    this.#observer ??= new Observer(this.#instance.core);
    return this.#observer.look(known);
  }

  unlook(): void {
    this.#observer?.close();
    this.#observer = undefined;
  }

  wrapup(): void {
    if (this.#phase !== 'running') return;
    const draining = this.#scope.drain(this.#command.farewellMs);
    if (draining) void draining.then(() => this.#wrapUp());
    else this.#wrapUp();
  }

  #wrapUp(): void {
    if (this.#phase !== 'running') return; // it wrapped itself up meanwhile
    this.#phase = 'stopping';
    try {
      this.#instance?.wrapup();
    } catch (error) {
      console.error(errorStack(error));
    }
    this.#farewell(() => this.#end('stopped', ''));
  }

  /** What it wrote to the outside leaves, before `then`. */
  #farewell(then: () => void): void {
    const { edge } = this.#parts;
    const closed = this.#scope.close(this.#command.farewellMs);
    if (edge.isOpen) closed.then(then, then);
    else then();
  }

  /** Ends it without a word; what it began outside of its host's clock goes on. */
  abandon(): void {
    const instance = this.#instance;
    this.#phase = 'over';
    void this.#scope.close(0);
    if (!instance?.initialized) return;
    try {
      instance.wrapup();
    } catch (error) {
      console.error(errorStack(error));
    }
  }

  #failed(error: unknown, during: 'reaction' | 'timer' | 'wrapup'): void {
    if (during === 'wrapup') this.#wrapupError = this.describe(error);
    else if (isAllocationFailure(error)) this.#end('memory', this.describe(error));
  }

  /** By itself, since `wrapup` above has another phase. Whether its wrapup threw is known only after this event. */
  #wrappedUp(accessor: AccessorApi): void {
    if (accessor !== this.#instance || this.#phase === 'stopping' || this.#phase === 'over') return;
    this.#phase = 'stopping';
    const end = (): void => this.#end(this.#wrapupError === undefined ? 'completed' : 'exception', this.#wrapupError ?? '');
    setImmediate(() => this.#farewell(end));
  }

  /** An error that nobody caught: of a promise, or of a callback of the platform. A start is over before any of those. */
  crashed(error: unknown): void {
    this.#end(isAllocationFailure(error) ? 'memory' : 'exception', this.describe(error));
  }

  #end(ending: Ending, message: string): void {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    this.#listener.ended(ending, message);
  }

  describe(error: unknown): string {
    return describe(error, this.#parts.files);
  }
}
