import { resolve } from 'node:path';
import { type Backup, backUp, restore, verifyBackup } from '../store/index.ts';
import type { Arguments } from './arguments.ts';
import { configOf } from './box-config.ts';
import type { Action } from './command.ts';
import { exit } from './exit.ts';
import type { Io } from './io.ts';
import { jsonLine, plain } from './text.ts';

export const stateBackup: Action = async (args, io) => {
  const target = resolve(args.words[0] ?? '');
  const backup = backUp(configOf(args, io).state, target, !args.flag('without-key'));
  const key = backup.withKey
    ? 'The private key of the box is in it: keep it as you keep that.'
    : 'Without the key of the box: what is made of it is another box, which cannot open sealed parameters.';
  return show(args, io, backup, [`${summary(backup)} are in ${target}.`, key]);
};

export const stateVerify: Action = async (args, io) => {
  const folder = resolve(args.words[0] ?? '');
  const backup = verifyBackup(folder);
  return show(args, io, backup, [`${folder} is whole: ${summary(backup)}${backup.withKey ? ', with the key of the box' : ''}.`]);
};

export const stateRestore: Action = async (args, io) => {
  const folder = resolve(args.words[0] ?? '');
  const { state } = configOf(args, io);
  const backup = restore(folder, state);
  return show(args, io, backup, [
    `${summary(backup)} are in ${state}.`,
    'The box there will refuse what was issued before now: it may have been carried out after the backup. Push it again.',
    ...(backup.withKey ? ['Never let it run beside the box that the backup is of: both have one key.'] : []),
  ]);
};

function summary({ swarmlets, versions, at }: Backup): string {
  return `${swarmlets.length} swarmlets in ${versions} versions as of ${at}`;
}

function show(args: Arguments, io: Io, backup: Backup, lines: readonly string[]): typeof exit.done {
  if (args.flag('json')) io.print(jsonLine(backup));
  else for (const line of lines) io.print(plain(line));
  return exit.done;
}
