import { CodedError } from '../../hosts/common/index.ts';
import { KnownBoxes } from '../client/index.ts';
import type { Action } from './command.ts';
import { exit } from './exit.ts';
import { jsonLine, plain } from './text.ts';

export const forget: Action = async (args, io) => {
  const known = KnownBoxes.ofUser(io.env);
  const name = args.words[0] as string;
  const forgotten = known.forget(name);
  if (forgotten.length === 0) throw new CodedError('NOT_FOUND', `${known.file} has no box '${name}'`);
  if (args.flag('json')) io.print(jsonLine({ forgotten }));
  else for (const address of forgotten) io.print(`Forgot ${plain(address)}: the next box there is taken as new.`);
  return exit.done;
};
