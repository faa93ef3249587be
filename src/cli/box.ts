import { CodedError } from '../../hosts/common/index.ts';
import { runBox } from '../box.ts';
import { type Config, type Flag, readConfig } from '../config.ts';
import type { Arguments } from './arguments.ts';
import type { Action } from './command.ts';
import { isOfSystem } from './error-line.ts';
import { exit, usageError } from './exit.ts';
import type { Io } from './io.ts';
import { stateFolder } from './state-folder.ts';
import { jsonLine, plain } from './text.ts';
import { pairs } from './values.ts';

export const box: Action = async (args, io) => {
  const json = args.flag('json');
  const options = configOf(args, io);
  try {
    await runBox(options, {
      signal: io.signal,
      reread: () => configOf(args, io),
      ready: (event) => io.print(json ? jsonLine(event) : plain(readyLine(event))),
      warn: (message) => io.tell(plain(`accessors: ${message}`)),
    });
  } catch (error) {
    throw isOfSystem(error) ? adminError(error, options.admin) : error;
  }
  return exit.done;
};

/** Only the listener of health leaves the system's errors as they are. */
function adminError(error: Error, admin: string): CodedError {
  return new CodedError('EADMIN', `Cannot listen on ${admin} for health (${error.message}): give another address with --admin`, {
    cause: error,
  });
}

type ReadyEvent = Parameters<Parameters<typeof runBox>[1]['ready']>[0];

function readyLine({ deploy, admin, id, isolation }: ReadyEvent): string {
  return `Box ${id} is ready: push to ${deploy}${admin ? `, health at ${admin}/-/ready` : ''}, isolation ${isolation}`;
}

/** Flags, then variables, then the file of `--config`, then the defaults. */
function configOf(args: Arguments, io: Io): Config {
  const labels = pairs('--label', args.texts('label'), (text) => text);
  const flag = (name: Flag): string | undefined => (name === 'label' ? undefined : args.text(name));
  try {
    return readConfig({ flag, labels, env: io.env, defaultState: stateFolder(io.env) });
  } catch (error) {
    const isFlag = error instanceof CodedError && error.code === 'BAD_OPTION' && /^--/.test(error.message);
    throw isFlag ? usageError(error.message) : error;
  }
}
