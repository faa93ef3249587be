import { protocolDocument, statementSchema } from '../schema/index.ts';
import type { Action } from './command.ts';
import { exit } from './exit.ts';

export const statement: Action = async (_args, io) => {
  io.print(JSON.stringify(statementSchema(), null, 2));
  return exit.done;
};

export const protocol: Action = async (_args, io) => {
  io.print(JSON.stringify(protocolDocument(), null, 2));
  return exit.done;
};
