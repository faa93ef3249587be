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
export const keyRotate: Action = async (args, io) => {
  const { state } = configOf(args, io);
  if (!existsSync(join(state, 'store.db'))) throw new CodedError('NOT_FOUND', `${state} is not the folder of a box: name it with --state`);
  let identity = BoxIdentity.open(state);
  const before = identity.id;
  const sign = (message: Buffer): Buffer => signSsh(identity.keys, namespaces.box, message);
  const store = await DurableStore.open(state, { sign, warn: (message) => io.tell(plain(message)) });
  try {
    identity = BoxIdentity.rotate(state);
    store.append({ event: 'key-rotated', from: before, to: identity.id });
  } finally {
    await store.close(); // the new key vouches for the audit from now on
  }
  const succession = join(state, 'box_ed25519.succession');
  if (args.flag('json')) io.print(jsonLine({ before, id: identity.id, publicKey: identity.keys.publicKey.text, succession }));
  else {
    io.print(plain(`The box is ${identity.id} now, and was ${before}. Who knows it by the old key follows by itself.`));
    io.print(plain(`Boxes that trust what it signs take the new key from ${succession}: accessors trust follow FILE`));
  }
  return exit.done;
};
