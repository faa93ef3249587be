import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../../hosts/common/index.ts';
import { namespaces, signSsh } from '../envelope/index.ts';
import { BoxIdentity } from '../identity/index.ts';
import { DurableStore } from '../store/index.ts';
import { configOf } from './box-config.ts';
import type { Action } from './command.ts';
import { exit } from './exit.ts';
import { jsonLine, plain } from './text.ts';

/** On the folder of a box that is stopped: a running one has it locked. */
export const resetSequence: Action = async (args, io) => {
  const [swarmlet = ''] = args.words;
  const state = configOf(args, io).state;
  if (!existsSync(join(state, 'store.db'))) throw new CodedError('NOT_FOUND', `${state} is not the folder of a box: name it with --state`);
  const { keys } = BoxIdentity.open(state);
  const sign = (message: Buffer): Buffer => signSsh(keys, namespaces.box, message);
  const store = await DurableStore.open(state, { sign, warn: (message) => io.tell(plain(message)) });
  try {
    const sequence = await store.resetSequence(swarmlet);
    if (sequence === undefined) throw new CodedError('NOT_FOUND', `The box has never taken a swarmlet '${swarmlet}'`);
    if (args.flag('json')) io.print(jsonLine({ swarmlet, sequence }));
    else io.print(plain(`${swarmlet} was at sequence ${sequence}; any may follow now.`));
    return exit.done;
  } finally {
    await store.close();
  }
};
