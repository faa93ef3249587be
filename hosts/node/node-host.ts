import { join } from 'node:path';
import { AccessorApi, type Bindings, type Clock, Host, isReifiableBy, type PortsOf, type Source, WallClock } from '../common/index.ts';
import { compile } from './compile.ts';
import { type Edge, EdgeScope } from './edge/index.ts';
import { type Interface, instantiateInterface } from './interface.ts';
import { type AccessorModule, loadLazily, Modules, nodeModules, pureModules } from './modules.ts';
import { packageRoot } from './paths.ts';
import { plainResources } from './plain-resources.ts';
import { nodePlatform } from './platform.ts';
import { requireNear } from './require-near.ts';
import { resourceReader } from './resource.ts';
import { SourcePath } from './source.ts';

export interface NodeHostOptions {
  /** Real time unless given. */
  readonly clock?: Clock;
  /** Searched for classes before the library of this package. */
  readonly accessorPath?: readonly string[];
  /** Beyond those that every host has. */
  readonly modules?: readonly AccessorModule[];
}

interface Opened {
  readonly scope: EdgeScope;
  readonly modules: Modules;
}

/** A host of Node.js with the functions that programs and scripts call (spec section 20). */
export class NodeHost {
  readonly host: Host;
  readonly #sources: SourcePath;
  readonly #available: readonly AccessorModule[];
  /** For programs; each swarmlet has modules of its own. */
  readonly #modules: Modules;
  /** What is open for a swarmlet, by the source of its top-level accessor. */
  readonly #opened = new WeakMap<Source, Opened>();
  /** What goes on for a while, of swarmlets that have wrapped up. */
  readonly #endings = new Set<Promise<void>>();

  constructor(options: NodeHostOptions = {}) {
    const clock = options.clock ?? new WallClock(nodePlatform);
    this.#sources = new SourcePath([...(options.accessorPath ?? []), join(packageRoot, 'dist/accessors')]);
    this.#available = [...pureModules, ...nodeModules, ...(options.modules ?? [])];
    this.host = new Host({
      clock,
      load: this.#sources.load,
      compile,
      bindings: (source) => ({ require: this.#requireOf(source), getResource: resourceReader(plainResources(source), clock) }),
    });
    const giveBack = (accessor: AccessorApi): void => this.#giveBack(this.#opened.get(accessor.scope.source));
    this.host.events.on('wrappedUp', giveBack).on('abandoned', giveBack);
    this.#modules = this.#modulesOf(nowhere);
  }

  /** Modules are made when the swarmlet first requires one: many require none. */
  #requireOf(source: Source): (name: string) => unknown {
    let modules: Modules | undefined;
    return (name) => {
      modules ??= this.#modulesOf(source);
      return modules.require(name);
    };
  }

  #modulesOf(source: Source): Modules {
    const { host } = this;
    const scope = new EdgeScope(plainEdge, host.clock, (run) => host.timers.request({ run }));
    const modules = new Modules(this.#available, requireInstalled, scope);
    this.#opened.set(source, { scope, modules });
    return modules;
  }

  #giveBack(opened: Opened | undefined): void {
    opened?.scope.close();
    for (const ending of opened?.modules.endings() ?? []) {
      const gone = (): void => void this.#endings.delete(ending);
      this.#endings.add(ending);
      ending.then(gone, gone); // whoever began it tells of a failure
    }
  }

  /** Ends the process, when nothing goes on any more of swarmlets that have wrapped up. */
  exit(status: number): void {
    process.exitCode = status;
    if (this.#endings.size === 0) process.exit();
    void Promise.allSettled(this.#endings).then(() => process.exit());
  }

  /** Adds a folder that is searched for classes before the others. */
  readonly addAccessorPath = (folder: string): void => this.#sources.add(folder);

  /** The source text of a class, TypeScript compiled. */
  readonly getAccessorCode = (name: string): string => this.#sources.load(name, undefined).code;

  /** Makes a top-level accessor; `name` is taken as given. */
  readonly instantiate = <C extends string>(name: string, accessorClass: C): AccessorApi<PortsOf<C>> =>
    this.host.instantiate(name, accessorClass);

  readonly instantiateTopLevel = this.instantiate;

  readonly instantiateInterface = (name: string, accessorClass: string): Interface =>
    instantiateInterface(this.host, this.#modules.require, name, accessorClass);

  /** Requires a package that is installed; nothing is ever installed by a host. */
  readonly installIfMissingThenRequire = (name: string): unknown => requireInstalled(name);

  readonly require = (name: string): unknown => this.#modules.require(name);

  readonly getResource = (uri: unknown, ...rest: unknown[]): unknown =>
    resourceReader(plainResources(nowhere), this.host.clock)(uri, ...rest);

  readonly getHostName = (): string => 'Node';

  readonly getTopLevelAccessors = (): AccessorApi[] => this.host.getTopLevelAccessors();

  readonly allowTrustedAccessors = (flag: boolean): void => this.host.allowTrustedAccessors(flag);

  readonly isReifiableBy = isReifiableBy;

  readonly stopAllAccessors = (): void => this.host.stopAllAccessors((line) => console.log(line));

  readonly uniqueName = (seed: string, container?: AccessorApi): string => this.host.uniqueName(seed, container);

  /** The constructor `new Accessor(name, source, getAccessorCode, bindings)`, as older programs use it. */
  readonly Accessor = accessorClass(this);
}

type AccessorConstructor = new (name: string, code: string, getAccessorCode?: (name: string) => string, bindings?: Bindings) => AccessorApi;

function accessorClass(node: NodeHost): AccessorConstructor {
  return class Accessor extends AccessorApi {
    constructor(name: string, code: string, getAccessorCode?: (name: string) => string, given: Bindings = {}) {
      const bindings = { ...(getAccessorCode && loadWith(getAccessorCode)), ...given };
      super(node.host, { name, class: undefined, source: { code, file: undefined, from: undefined }, bindings });
      node.host.addTopLevel(this.core);
    }
  };
}

/** Loaded when a module first reaches out. */
function plainEdge(): Edge {
  return (loadLazily('edge/plain-edge') as typeof import('./edge/plain-edge.ts')).plainEdge;
}

/** Text typed or given by a program, which lies in no folder. */
const nowhere: Source = { code: '', file: undefined, from: undefined };

/** What stands beside `getAccessorCode` given to a constructor: contained classes come from there. */
function loadWith(getAccessorCode: (name: string) => string): Bindings {
  return {
    getAccessorCode,
    instantiate(this: AccessorApi, name: string, accessorClass: string): AccessorApi {
      if (!accessorClass) throw new Error('instantiate(): Must specify an accessorClass.');
      const made = this.instantiateFromCode(name, getAccessorCode(accessorClass));
      made.accessorClass = accessorClass;
      return made;
    },
  };
}

/** Node's own modules and installed packages: those of the user's project, then those of this package. */
function requireInstalled(name: string): unknown {
  const fromProject = requireNear(join(process.cwd(), 'swarmlet.js'));
  try {
    return fromProject(name);
  } catch (error) {
    if (!isMissing(error, name)) throw error;
  }
  try {
    return requireNear(import.meta.url)(name);
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    const message = `Cannot find module '${name}'. If it is a package, install it with: npm install ${name}`;
    throw Object.assign(new Error(message, { cause: error }), { code: 'MODULE_NOT_FOUND' });
  }
}

function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'MODULE_NOT_FOUND' && message.includes(`'${name}'`);
}
