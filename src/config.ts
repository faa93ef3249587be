import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { errors } from './errors.ts';
import { parseListen } from './listen-address.ts';
import { nearest } from './nearest.ts';

/** Settings of a box, each from the strongest of flag, variable, file and default. */
export interface Config {
  /** `HOST:PORT`; port 0 for any free one. */
  readonly listen: string;
  /** `HOST:PORT`; '' for none. */
  readonly admin: string;
  readonly state: string;
  readonly trustedKeys: string;
  readonly revokedKeys: string;
  readonly onRevoke: 'stop' | 'keep';
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly isolationMinimum: 'P1' | 'P2' | 'P3';
  /** Isolates that wait for a swarmlet. */
  readonly pool: number;
  /** Files in PEM; null: no TLS. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Rules; null for the default one. */
  readonly policy: unknown;
  /** For what statements leave open; null for those of PROTOCOL 7. */
  readonly limits: unknown;
}

/** What has a flag and a variable: the setting's name in messages, the flag, and the variable behind `SWARMBOX_`. */
const names = {
  config: 'CONFIG',
  listen: 'LISTEN',
  admin: 'ADMIN',
  state: 'STATE',
  'trusted-keys': 'TRUSTED_KEYS',
  'revoked-keys': 'REVOKED_KEYS',
  'on-revoke': 'ON_REVOKE',
  name: 'NAME',
  label: 'LABELS',
  'isolation-minimum': 'ISOLATION_MINIMUM',
  pool: 'POOL',
  'tls-cert': 'TLS_CERT',
  'tls-key': 'TLS_KEY',
} as const;
export type Flag = keyof typeof names;

const prefix = 'SWARMBOX_';

export interface ConfigSources {
  /** Undefined: not given. */
  readonly flag: (name: Flag) => string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly env: NodeJS.ProcessEnv;
  /** Where the box keeps its state unless told. */
  readonly defaultState: string;
}

/** @throws BAD_OPTION that names the flag, variable or setting; BAD_FILE with file:line */
export function readConfig({ flag, labels, env, defaultState }: ConfigSources): Config {
  refuseUnknownVariables(env);
  const given = (name: Flag): Given | undefined => {
    const text = flag(name);
    if (text !== undefined) return { text, from: `--${name}` };
    const variable = env[prefix + names[name]];
    return variable === undefined ? undefined : { text: variable, from: prefix + names[name] };
  };
  const fileName = given('config')?.text;
  const file: ConfigFile = fileName === undefined ? {} : readConfigFile(resolve(fileName));
  // What a file names lies beside it, wherever the box is started.
  const path = (name: Flag, inFile: string | undefined, otherwise: string): string => {
    const text = given(name)?.text;
    return text === undefined ? resolve(dirname(resolve(fileName ?? '.')), inFile ?? resolve(otherwise)) : resolve(text);
  };
  const choice = <T extends string>(name: Flag, choices: readonly T[], otherwise: T): T => {
    const asked = given(name);
    const found = choices.find((one) => one === asked?.text);
    if (asked && found === undefined) throw errors.BAD_OPTION(asked.from, choices.join(', '), asked.text);
    return found ?? otherwise;
  };
  const address = (name: 'listen' | 'admin', otherwise: string): string => {
    const { text, from } = given(name) ?? { text: file[name] ?? otherwise, from: name };
    if (text !== '' || name === 'listen') parseListen(text, from);
    return text;
  };
  const state = path('state', file.state, defaultState);
  return Object.freeze({
    listen: address('listen', '0.0.0.0:7927'),
    admin: address('admin', '127.0.0.1:7928'),
    state,
    trustedKeys: path('trusted-keys', file.trustedKeys, join(state, 'trusted_keys')),
    revokedKeys: path('revoked-keys', file.revokedKeys, join(state, 'revoked_keys')),
    onRevoke: choice('on-revoke', ['stop', 'keep'], file.onRevoke ?? 'stop'),
    name: given('name')?.text ?? file.name ?? hostname(),
    labels: Object.freeze({ ...file.labels, ...labelsOf(env[prefix + names.label]), ...labels }),
    isolationMinimum: choice('isolation-minimum', ['P1', 'P2', 'P3'], file.isolation?.minimum ?? 'P2'),
    pool: wholeNumber(given('pool')) ?? file.pool ?? 2,
    tls: tlsOf(path('tls-cert', file.tls?.cert, ''), path('tls-key', file.tls?.key, ''), {
      cert: (given('tls-cert')?.text ?? file.tls?.cert) !== undefined,
      key: (given('tls-key')?.text ?? file.tls?.key) !== undefined,
    }),
    policy: file.policy ?? null,
    limits: file.limits ?? null,
  });
}

interface Given {
  readonly text: string;
  /** The flag or variable. */
  readonly from: string;
}

/** A variable that nobody reads was meant for something. */
function refuseUnknownVariables(env: NodeJS.ProcessEnv): void {
  const known = Object.values(names).map((name) => prefix + name);
  const stranger = Object.keys(env).find((name) => name.startsWith(prefix) && !known.includes(name));
  if (stranger === undefined) return;
  const meant = nearest(stranger, known);
  throw errors.BAD_OPTION(stranger, meant ? `no variable of a box (did you mean ${meant}?)` : `one of ${known.join(', ')}`, env[stranger]);
}

function wholeNumber(given: Given | undefined): number | undefined {
  if (!given) return undefined;
  if (!/^\d{1,3}$/.test(given.text)) throw errors.BAD_OPTION(given.from, 'a whole number up to 999', given.text);
  return Number(given.text);
}

/** `KEY=VALUE,KEY=VALUE`. */
function labelsOf(text = ''): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw errors.BAD_OPTION(`${prefix}LABELS`, 'KEY=VALUE,KEY=VALUE', text);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function tlsOf(cert: string, key: string, given: { readonly cert: boolean; readonly key: boolean }): Config['tls'] {
  if (given.cert !== given.key) {
    const [there, missing] = given.cert ? ['--tls-cert', '--tls-key'] : ['--tls-key', '--tls-cert'];
    throw errors.BAD_OPTION(missing, `given with ${there}: a certificate and its key belong together`, null);
  }
  return given.cert ? Object.freeze({ cert, key }) : null;
}
