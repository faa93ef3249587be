import { CodedError } from '../../hosts/common/index.ts';
import { type Config, type ConfigSources, placesOf, readConfig } from '../config/index.ts';
import type { Arguments } from './arguments.ts';
import { usageError } from './exit.ts';
import type { Io } from './io.ts';

/** Where settings come from when a command runs; flags that it does not have are not given. */
export function sourcesOf(args: Arguments, io: Io): ConfigSources {
  return { flag: (name) => (args.has(name) ? args.texts(name) : []), env: io.env, places: placesOf(io.env) };
}

/**
 * The settings that a box started here would have.
 * @throws CodedError USAGE for a flag; BAD_OPTION, BAD_FILE
 */
export function configOf(args: Arguments, io: Io): Config {
  return usage(() => readConfig(sourcesOf(args, io)));
}

/** A flag that cannot be meant is a matter of usage; a variable or a file is not. */
export function usage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const isFlag = error instanceof CodedError && error.code === 'BAD_OPTION' && /^--/.test(error.message);
    throw isFlag ? usageError(error.message) : error;
  }
}
