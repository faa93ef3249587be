import { CodedError } from '../../hosts/common/index.ts';
import { runBox } from '../box.ts';
import { Notifier } from '../notify/index.ts';
import { configOf } from './box-config.ts';
import type { Action } from './command.ts';
import { isOfSystem } from './error-line.ts';
import { exit } from './exit.ts';
import { jsonLine, plain } from './text.ts';

export const box: Action = async (args, io) => {
  const json = args.flag('json');
  const options = configOf(args, io);
  const warn = (message: string): void => io.tell(plain(`accessors: ${message}`));
  try {
    await runBox(options, {
      signal: io.signal,
      notifier: Notifier.of(io.env, warn),
      reread: () => configOf(args, io),
      ready: (event) => io.print(json ? jsonLine(event) : plain(readyLine(event))),
      warn,
    });
  } catch (error) {
    throw isOfSystem(error) ? adminError(error, options.admin) : error;
  }
  return exit.done;
};

/** Only the listener of health leaves the system's errors as they are. */
function adminError(error: Error, admin: string): CodedError {
  return new CodedError('EADMIN', `Cannot listen on ${admin} for page and health (${error.message}): give another address with --admin`, {
    cause: error,
  });
}

type ReadyEvent = Parameters<Parameters<typeof runBox>[1]['ready']>[0];

function readyLine({ deploy, admin, id, isolation }: ReadyEvent): string {
  return `Box ${id} is ready: push to ${deploy}${admin ? `, page at ${admin}` : ''}, isolation ${isolation}`;
}
