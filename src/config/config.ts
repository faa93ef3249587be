import type { LogFormat, LogLevel } from '../audit/index.ts';
import { errors } from '../errors.ts';
import { parseListen } from '../listen-address.ts';
import type { configDefaults } from '../settings.ts';
import type { ConfigFile } from './schema.ts';
import { type ConfigSources, type Settled, settle, valuesOf } from './settle.ts';

/** Settings of a box, each from the strongest of flag, variable, file and default. */
export interface Config {
  /** The file they come from; undefined: none. */
  readonly file: string | undefined;
  /** `HOST:PORT`; port 0 for any free one. */
  readonly listen: string;
  /** `HOST:PORT`; '' for none. */
  readonly admin: string;
  readonly adminNames: readonly string[];
  /** Whoever reaches the admin port may have the box read its files again. */
  readonly adminReload: boolean;
  readonly state: string;
  readonly trustedKeys: string;
  readonly revokedKeys: string;
  readonly onRevoke: 'stop' | 'keep';
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly isolationMinimum: 'P1' | 'P2' | 'P3';
  /** Isolates that wait for a swarmlet. */
  readonly pool: number;
  /** That it has at a time; one more is QUOTA_EXCEEDED. */
  readonly swarmlets: number;
  /** Files in PEM; null: no TLS. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** What is less important is not told in its log. */
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly plugins: readonly string[];
  /** Plugins by name, each with its options or a list of them; what is wrong with those only they can say. */
  readonly discovery: unknown;
  readonly sources: unknown;
  readonly sinks: unknown;
  readonly modules: unknown;
  readonly tiers: unknown;
  /** Rules; null for the default one. */
  readonly policy: unknown;
  /** For what statements leave open; null for those of PROTOCOL 7. */
  readonly limits: unknown;
}

/** What has a default is always there. */
type Always = keyof typeof configDefaults | 'state' | 'name' | 'pool' | 'trustedKeys' | 'revokedKeys';
type Values = ConfigFile & { readonly [Key in Always]: NonNullable<ConfigFile[Key]> };

/** @throws BAD_OPTION that names the flag, variable or setting; BAD_FILE with file:line */
export function readConfig(sources: ConfigSources): Config {
  const { file, settled } = settle(sources);
  const { $schema: _, isolation, tls = {}, labels = {}, ...values } = valuesOf(settled) as Values;
  const { listen, admin } = values;
  parseListen(listen, nameOf(settled, 'listen'));
  if (admin !== '') parseListen(admin, nameOf(settled, 'admin'));
  return Object.freeze({
    ...{ sources: null, sinks: null, modules: null, tiers: null, policy: null, limits: null },
    ...values,
    file,
    labels: Object.freeze(labels),
    isolationMinimum: isolation.minimum,
    tls: tlsOf(tls),
  });
}

/** The flag or variable that is to blame; else the setting. */
function nameOf(settled: readonly Settled[], key: string): string {
  const origin = settled.find((one) => one.key === key)?.origin;
  switch (origin?.kind) {
    case 'flag':
    case 'variable':
      return origin.name;
    case 'file':
      return `${origin.name}: ${key}`;
    default:
      return key;
  }
}

function tlsOf({ cert, key }: { readonly cert?: string; readonly key?: string }): Config['tls'] {
  if (cert !== undefined && key !== undefined) return Object.freeze({ cert, key });
  if (cert === undefined && key === undefined) return null;
  const [there, missing] = cert !== undefined ? ['--tls-cert', '--tls-key'] : ['--tls-key', '--tls-cert'];
  throw errors.BAD_OPTION(missing, `given with ${there}: a certificate and its key belong together`, null);
}
