import type { IsolateTier } from '../../hosts/node/isolate/index.ts';
import type { BoxModule } from '../supervisor/index.ts';

/** What a box tells of itself to those who look for boxes. */
export interface BoxFacts {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly version: string;
  /** Where it takes deployments. */
  readonly listen: { readonly host: string; readonly port: number; readonly secure: boolean };
  /** Port of metrics and health where others can reach it; undefined: only from the machine itself. */
  readonly adminPort: number | undefined;
}

/** For whom and where a plugin works. */
export interface PluginContext {
  /** Relative paths in its options count from here. */
  readonly folder: string;
  /** The box that it works for; undefined in a command. */
  readonly box: BoxFacts | undefined;
  /** What the operator should know, a line each; too many are left out and counted. */
  log(level: 'info' | 'warn', message: string): void;
}

/** Things found in one place; the form of a target group of Prometheus (`file_sd`, `http_sd`). */
export interface ThingGroup {
  /** Names the place within its discoverer: a file, a URL, a name on the network. A later group of that name replaces it. */
  readonly source: string;
  /** `HOST:PORT`, or `ws://` or `wss://` and the same. */
  readonly targets: readonly string[];
  /** Of all these targets. What begins with `__meta_swarmbox_` is told of them, the rest are labels to choose them by. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Runs until `signal` aborts. What it throws is reported, and it is begun anew after a while; to return early is to be done. */
export interface Discoverer {
  /**
   * Publishes all groups, then each that changes. A group without targets withdraws its source, unless its label `__meta_swarmbox_url` says where the box is. A failed look-up
   * publishes nothing: stale things are better than half a list.
   */
  run(signal: AbortSignal, publish: (groups: readonly ThingGroup[]) => void): Promise<void>;
}

export interface StatementSource {
  /**
   * Brings signed statements, as text or as objects, from wherever they wait.
   * `submit` resolves with what became of one, and rejects with a CodedError when the box refuses it.
   */
  run(signal: AbortSignal, submit: (envelope: unknown) => Promise<object>): Promise<void>;
}

/** A line of the box's log: time (RFC 3339), level, and whatever else there is to tell. */
export type LogRecord = Readonly<Record<string, unknown>>;

export interface LogSink {
  /**
   * Takes the records until there are no more, which is soon after `signal` aborts. Those that come while it is slow wait, a
   * thousand at most; later ones are dropped and counted.
   */
  run(signal: AbortSignal, records: AsyncIterable<LogRecord>): Promise<void>;
}

interface Named<Kind extends string, Options> {
  readonly kind: Kind;
  /** Short, lower case, unique in its kind: the key in the configuration. */
  readonly name: string;
  /**
   * Checks the options from the configuration.
   * @param raw  what stands there; null for nothing
   * @throws Error whose message says what should be there
   */
  parse(raw: unknown): Options;
}

export interface DiscoveryPlugin<Options = unknown> extends Named<'discovery', Options> {
  create(options: Options, context: PluginContext): Discoverer;
}

export interface SourcePlugin<Options = unknown> extends Named<'source', Options> {
  create(options: Options, context: PluginContext): StatementSource;
}

export interface LogPlugin<Options = unknown> extends Named<'log', Options> {
  create(options: Options, context: PluginContext): LogSink;
}

/** A module that swarmlets may require, behind their wall; its name is the capability that a statement asks for. */
export interface ModulePlugin<Options = unknown> extends Named<'module', Options> {
  create(options: Options, context: PluginContext): Promise<BoxModule>;
}

/** A way to isolate. `tier` is the name in statements whose place it takes. */
export interface IsolationPlugin<Options = unknown> extends Named<'isolation', Options> {
  readonly tier: IsolateTier['name'];
  create(options: Options, context: PluginContext): Promise<IsolateTier>;
}

export type Plugin = DiscoveryPlugin | SourcePlugin | LogPlugin | ModulePlugin | IsolationPlugin;
export type PluginKind = Plugin['kind'];
export type PluginOf<Kind extends PluginKind> = Extract<Plugin, { readonly kind: Kind }>;

export const pluginKinds: readonly PluginKind[] = ['discovery', 'source', 'log', 'module', 'isolation'];
