import { existsSync } from 'node:fs';
import { hostname, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { errors } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { configVariable, defaultOf, flagOf, isMany, isVariable, type Setting, settings, variableOf } from '../settings.ts';
import { limitDefaults } from '../supervisor/index.ts';
import { type ReadFile, readConfigFile } from './file.ts';
import type { Places } from './places.ts';
import type { ConfigFile } from './schema.ts';
import { givenValue } from './text-value.ts';

export interface ConfigSources {
  /** What was given behind `--NAME`, in order; empty: it was not given. */
  readonly flag: (name: string) => readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly places: Places;
}

export type Origin =
  | { readonly kind: 'flag' | 'variable'; readonly name: string }
  /** `FILE:LINE`. */
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'default' };

/** A value in force; each entry of a map is one, `labels.room`. */
export interface Settled {
  readonly key: string;
  readonly value: unknown;
  readonly origin: Origin;
}

export interface Settlement {
  /** Absolute; undefined: there is none. */
  readonly file: string | undefined;
  readonly settled: readonly Settled[];
}

/**
 * Every setting from the strongest of flag, variable, file and default; the maps are joined entry by entry.
 * @throws BAD_OPTION that names the flag or variable; BAD_FILE with file:line
 */
export function settle({ flag, env, places }: ConfigSources): Settlement {
  refuseUnknownVariables(env);
  const named = flag('config').at(-1) ?? env[configVariable];
  const name = named === undefined ? places.files.find((file) => existsSync(file)) : resolve(named);
  const file = name === undefined ? undefined : readConfigFile(name);
  const all = new Map<string, Settled>();
  for (const setting of settings) {
    for (const one of [
      ...defaultsOf(setting, places, all),
      ...ofFile(setting, file),
      ...ofVariable(setting, env),
      ...ofFlag(setting, flag),
    ]) {
      all.set(one.key, one); // the stronger ones come later
    }
  }
  return { file: name, settled: [...all.values()] };
}

/** Also what nobody has set: a limit has the default of PROTOCOL 7 then, all else null. */
export function settledInFull(settled: readonly Settled[]): Settled[] {
  return settings.flatMap(({ key }) => {
    const own = settled.filter((one) => one.key === key || one.key.startsWith(`${key}.`));
    const usual =
      key === 'limits' ? Object.entries(limitDefaults).map(([name, value]) => ({ key: `limits.${name}`, value })) : [{ key, value: null }];
    const missing = usual.filter((one) => (key === 'limits' ? !own.some((there) => there.key === one.key) : own.length === 0));
    return [...own, ...missing.map((one) => ({ ...one, origin: { kind: 'default' } as const }))];
  });
}

/** What is settled as one object of the shape of the file. */
export function valuesOf(settled: readonly Settled[]): ConfigFile {
  const values: Record<string, unknown> = {};
  for (const { key, value } of settled) {
    const [first = key, ...rest] = key.split('.');
    values[first] = rest.length === 0 ? value : { ...(values[first] as object | undefined), [rest.join('.')]: value };
  }
  return values as ConfigFile; // each was checked on its own
}

function entries({ key, kind }: Setting, value: unknown, origin: (key: string) => Origin): Settled[] {
  if (value === undefined) return [];
  if (kind !== 'texts by name' && kind !== 'numbers by name') return [{ key, value, origin: origin(key) }];
  return Object.entries(value as object).map(([name, one]) => ({ key: `${key}.${name}`, value: one, origin: origin(`${key}.${name}`) }));
}

function defaultsOf(setting: Setting, { state }: Places, before: ReadonlyMap<string, Settled>): Settled[] {
  const folder = String(before.get('state')?.value ?? state);
  const here: Readonly<Record<string, unknown>> = {
    state,
    name: hostname(),
    pool: usualPool(Math.min(totalmem(), process.constrainedMemory() || totalmem())),
    trustedKeys: join(folder, 'trusted_keys'),
    revokedKeys: join(folder, 'revoked_keys'),
  };
  return entries(setting, here[setting.key] ?? defaultOf(setting), () => ({ kind: 'default' }));
}

const MOST_SPARES = 20;
const MEMORY_FOR_ONE = 512 * 2 ** 20;

/** Isolates that wait for a swarmlet, of 6 to 9 MB each, where a box has so much memory. */
export function usualPool(memoryBytes: number): number {
  return Math.max(2, Math.min(MOST_SPARES, Math.floor(memoryBytes / MEMORY_FOR_ONE)));
}

function ofFile(setting: Setting, file: ReadFile | undefined): Settled[] {
  if (!file) return [];
  const path = setting.key.split('.');
  const value = path.reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], file.values);
  // What a file names lies beside it, wherever the box is started.
  const meant = setting.kind === 'path' && value !== undefined ? resolve(dirname(file.name), String(value)) : value;
  return entries(setting, meant, (key) => {
    const rest = key.slice(setting.key.length + 1);
    return { kind: 'file', name: file.placeOf(rest === '' ? path : [...path, rest]) };
  });
}

function ofVariable(setting: Setting, env: NodeJS.ProcessEnv): Settled[] {
  const name = variableOf(setting);
  const text = env[name];
  if (text === undefined) return [];
  const value = givenValue(setting, isMany(setting.kind) ? text.split(',') : [text], name);
  return entries(setting, value, () => ({ kind: 'variable', name }));
}

function ofFlag(setting: Setting, flag: ConfigSources['flag']): Settled[] {
  const name = flagOf(setting);
  const texts = flag(name);
  if (texts.length === 0) return [];
  return entries(setting, givenValue(setting, texts, `--${name}`), () => ({ kind: 'flag', name: `--${name}` }));
}

/** A variable that nobody reads was meant for something. */
function refuseUnknownVariables(env: NodeJS.ProcessEnv): void {
  const known = [configVariable, ...settings.map(variableOf)];
  const stranger = Object.keys(env).find((name) => isVariable(name) && !known.includes(name));
  if (stranger === undefined) return;
  const meant = nearest(stranger, known);
  throw errors.BAD_OPTION(stranger, meant ? `no variable of a box (did you mean ${meant}?)` : `one of ${known.join(', ')}`, env[stranger]);
}
