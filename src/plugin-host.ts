import { dirname } from 'node:path';
import { CodedError, errorText } from '../hosts/common/index.ts';
import { nodeModules, pureModules } from '../hosts/node/index.ts';
import type { IsolateTier } from '../hosts/node/isolate/index.ts';
import type { Log } from './audit/index.ts';
import { greet } from './client/index.ts';
import type { Config } from './config/index.ts';
import { builtIn as discoverers, Neighbourhood, userSettings } from './discovery/index.ts';
import { errors } from './errors.ts';
import { TokenBucket } from './gateway/index.ts';
import {
  type BoxFacts,
  type Configured,
  CrashGuard,
  inTime,
  LogFan,
  loadPackages,
  Manager,
  type PluginContext,
  Registry,
} from './plugins/index.ts';
import { fileSink } from './sinks/index.ts';
import { folderSource } from './sources/index.ts';
import type { BoxModule } from './supervisor/index.ts';

/** What a configuration says of plugins. */
export interface PluginSettings {
  /** From where packages and paths count. */
  readonly folder: string;
  /** In messages, what stands before the name of a section: a file, or ''. */
  readonly place: string;
  readonly plugins: readonly string[];
  readonly discovery: unknown;
  readonly sources: unknown;
  readonly sinks: unknown;
  readonly modules: unknown;
  readonly tiers: unknown;
}

/** The part of a box's settings that is about plugins. */
export function pluginSettings({ file, plugins, discovery, sources, sinks, modules, tiers }: Config): PluginSettings {
  const folder = file === undefined ? process.cwd() : dirname(file);
  return { folder, place: file ?? '', plugins, discovery, sources, sinks, modules, tiers };
}

/** For somebody who only looks for boxes. @param discovery  undefined: as the user's settings say */
export function lookingSettings(discovery: unknown, env: NodeJS.ProcessEnv): PluginSettings {
  const none = { sources: null, sinks: null, modules: null, tiers: null };
  if (discovery !== undefined) return { ...none, folder: process.cwd(), place: '', plugins: [], discovery };
  const { folder, file, plugins, discovery: ofUser } = userSettings(env);
  return { ...none, folder, place: file, plugins, discovery: ofUser };
}

/** Of those who have no sources. */
export const noStatements: Submit = async () => {
  throw new CodedError('UNSUPPORTED', 'There is no box here that takes statements');
};

/** Where what sources bring goes. */
export type Submit = (envelope: unknown, from: string) => Promise<object>;

interface Plan {
  readonly discovery: readonly Configured<'discovery'>[];
  readonly sources: readonly Configured<'source'>[];
  readonly sinks: readonly Configured<'log'>[];
  readonly modules: readonly Configured<'module'>[];
  readonly tiers: readonly Configured<'isolation'>[];
}

const ofPackage: ReadonlySet<string> = new Set([...pureModules, ...nodeModules].map(({ name }) => name));

/** Statements of one source that the box works on at a time. */
const mostPending = 16;
/** Lines of one plugin in the log: so many at once, and so many a second. */
const rate = { atOnce: 20, perSecond: 0.2 };

/** The plugins of a box: what the configuration names, begun, reloaded and stopped together. */
export class PluginHost {
  /** Gets every line of the log. */
  readonly lines = new LogFan();
  readonly neighbourhood: Neighbourhood;
  /** By name: what swarmlets may require of this box beyond the modules of this package. */
  readonly modules = new Map<string, BoxModule>();
  readonly #log: () => Log;
  readonly #sources: Manager;
  readonly #sinks: Manager;
  readonly #guard = new CrashGuard();
  readonly #createMs: number | undefined;
  readonly #buckets = new Map<string, { readonly bucket: TokenBucket; left: number }>();
  #folder: string;
  #plan: Plan;
  #box: BoxFacts | undefined;
  #submit: Submit | undefined;

  /**
   * Loads the packages and checks all that is configured; nothing runs before `begin`.
   * @param log       asked at the first line
   * @param createMs  how long one may take that makes a module or a tier; 10 s unless given
   * @throws BAD_OPTION
   */
  static async open(settings: PluginSettings, log: () => Log, createMs?: number): Promise<PluginHost> {
    const host = new PluginHost(settings.folder, await planOf(settings), log, createMs);
    await host.#makeModules();
    return host;
  }

  private constructor(folder: string, plan: Plan, log: () => Log, createMs: number | undefined) {
    this.#createMs = createMs;
    this.#folder = folder;
    this.#plan = plan;
    this.#log = log;
    const report =
      (kind: string) =>
      (label: string, message: string, againMs?: number): void =>
        this.#tell('warn', `${kind} ${label}`, againMs === undefined ? message : `${message}; it is begun anew in ${againMs / 1000} s`);
    this.#sources = new Manager(report('source'));
    this.#sinks = new Manager(report('sink'));
    const host = this;
    this.neighbourhood = new Neighbourhood({
      context: {
        get folder() {
          return host.#folder;
        },
        get box() {
          return host.#box;
        },
      },
      greet: (url, signal) => greet(url, { signal }),
      report: (label, level, message, againMs) =>
        level === 'info' ? this.#tell('info', `discovery ${label}`, message) : report('discovery')(label, message, againMs),
    });
  }

  /**
   * What cannot be made is told, and swarmlets that ask for it are refused.
   * @throws BAD_OPTION
   */
  async #makeModules(): Promise<void> {
    for (const { plugin, options, label } of this.#plan.modules) {
      const { name } = plugin;
      if (ofPackage.has(name)) throw errors.BAD_OPTION(`modules.${label}`, 'a module that this package does not have itself', name);
      const who = `module ${label}`;
      try {
        const made = await this.#guarded(who, async () => plugin.create(options, this.#contextFor(who)));
        if (typeof made?.code !== 'string') throw new Error(`its create should give {code}, it gave ${typeof made?.code}`);
        this.modules.set(name, made);
      } catch (error) {
        this.#tell('warn', who, `${errorText(error)}; swarmlets that ask for it are refused`);
      }
    }
  }

  /**
   * By the name of the tier whose place it takes: makes it, once. It rejects with BAD_OPTION when it cannot: the box does not put
   * swarmlets behind another wall than the one that its operator chose.
   */
  get tiers(): ReadonlyMap<IsolateTier['name'], () => Promise<IsolateTier>> {
    return new Map(
      this.#plan.tiers.map(({ plugin, options, label }) => [
        plugin.tier,
        async () => {
          const who = `tier ${label}`;
          try {
            return await this.#guarded(who, async () => plugin.create(options, this.#contextFor(who)));
          } catch (error) {
            throw errors.BAD_OPTION(`tiers.${label}`, `a plugin that makes its tier (${errorText(error)})`, plugin.name);
          }
        },
      ]),
    );
  }

  /** What it begins may fail where nobody catches it, later too. */
  #guarded<T>(who: string, make: () => Promise<T>): Promise<T> {
    const crashed = (error: unknown): void => this.#tell('warn', who, `failed: ${errorText(error)}`);
    return inTime(this.#guard.run(crashed, make), 'made', this.#createMs);
  }

  /** Begins what takes lines, before anything happens. */
  beginSinks(): Promise<void> {
    return this.#sinks.apply(
      this.#plan.sinks.map(({ plugin, options, key, label }) => ({
        key,
        label,
        job: (signal) => plugin.create(options, this.#contextFor(`sink ${label}`)).run(signal, this.lines.queue(key).until(signal)),
        dropped: () => this.lines.drop(key),
      })),
    );
  }

  /** Begins the rest, once the box takes statements. */
  async begin(box: BoxFacts | undefined, submit: Submit): Promise<void> {
    this.#box = box;
    this.#submit = submit;
    await this.#beginRest();
  }

  async #beginRest(): Promise<void> {
    const submit = this.#submit;
    if (!submit) return;
    await Promise.all([
      this.neighbourhood.apply(this.#plan.discovery),
      this.#sources.apply(
        this.#plan.sources.map(({ plugin, options, key, label }) => ({
          key,
          label,
          job: (signal) => {
            const source = plugin.create(options, this.#contextFor(`source ${label}`));
            return source.run(
              signal,
              bounded((envelope) => submit(envelope, `source ${label}`), signal),
            );
          },
        })),
      ),
    ]);
  }

  /**
   * Takes another configuration: what did not change goes on.
   * @throws BAD_OPTION; then all stays as it is
   */
  async reload(settings: PluginSettings): Promise<void> {
    const before = this.#plan;
    this.#plan = await planOf(settings);
    this.#folder = settings.folder;
    for (const kind of ['modules', 'tiers'] as const) {
      const keys = (plan: Plan): string => plan[kind].map(({ key }) => key).join();
      if (keys(before) !== keys(this.#plan))
        this.#tell('warn', kind, 'changed in the configuration: that takes effect when the box is started again');
    }
    await Promise.all([this.beginSinks(), this.#beginRest()]);
  }

  #contextFor(who: string): PluginContext {
    return { folder: this.#folder, box: this.#box, log: (level, message) => this.#tell(level, who, message) };
  }

  #tell(level: 'info' | 'warn', who: string, message: string): void {
    const state = this.#buckets.get(who) ?? { bucket: new TokenBucket(rate.atOnce, rate.perSecond), left: 0 };
    this.#buckets.set(who, state);
    if (!state.bucket.take()) {
      state.left++;
      return;
    }
    this.#log()[level]({ event: 'plugin', plugin: who, message, ...(state.left > 0 && { left: state.left }) });
    state.left = 0;
  }

  /** Ends what brings something in, and the announcement of the box. */
  async end(): Promise<void> {
    await Promise.all([this.neighbourhood.close(), this.#sources.close()]);
  }

  /** Ends the sinks too, when there is nothing more to tell. */
  async close(): Promise<void> {
    await this.end();
    await this.#sinks.close();
    this.#guard.close();
  }
}

/** @throws BAD_OPTION */
async function planOf({ folder, place, plugins, discovery, sources, sinks, modules, tiers }: PluginSettings): Promise<Plan> {
  const registry = new Registry([...discoverers, folderSource, fileSink]);
  await loadPackages(registry, plugins, folder);
  const section = (name: string): string => (place === '' ? name : `${place}: ${name}`);
  return {
    discovery: registry.configure('discovery', discovery, section('discovery')),
    sources: registry.configure('source', sources, section('sources')),
    sinks: registry.configure('log', sinks, section('sinks')),
    modules: registry.configure('module', modules, section('modules')),
    tiers: registry.configure('isolation', tiers, section('tiers')),
  };
}

/** A source that floods waits for itself, and one that was told to end brings nothing more. */
function bounded(submit: (envelope: unknown) => Promise<object>, signal: AbortSignal): (envelope: unknown) => Promise<object> {
  let pending = 0;
  return async (envelope) => {
    if (signal.aborted) throw new CodedError('CLOSED', 'The source was told to end');
    if (pending >= mostPending) throw new CodedError('BUSY', `The box works on ${mostPending} statements of this source; wait for one`);
    pending++;
    try {
      return await submit(envelope);
    } finally {
      pending--;
    }
  };
}
