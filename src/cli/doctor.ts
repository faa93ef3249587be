import { errorText } from '../../hosts/common/index.ts';
import { type Config, type Flag, readConfig } from '../config.ts';
import type { Arguments } from './arguments.ts';
import { type Advice, checks } from './checks.ts';
import type { Action } from './command.ts';
import { exit } from './exit.ts';
import type { Io } from './io.ts';
import { stateFolder } from './state-folder.ts';
import { jsonLine, plain } from './text.ts';

/** Flags of a box that say what is to be looked at. */
const flags: readonly Flag[] = ['config', 'state', 'listen', 'admin', 'trusted-keys', 'isolation-minimum'];

interface Finding extends Advice {
  readonly name: string;
}

export const doctor: Action = async (args, io) => {
  const findings: Finding[] = [];
  const add = (name: string, advices: readonly Advice[]): void => {
    for (const advice of advices) {
      const finding = { name, ...advice };
      findings.push(finding);
      if (!args.flag('json')) io.print(plain(lineOf(finding)));
    }
  };
  let config: Config | undefined;
  try {
    config = configOf(args, io);
    add('settings', [{ level: 'good', text: args.text('config') ?? 'no file' }]);
  } catch (error) {
    add('settings', [{ level: 'bad', text: errorText(error), mend: 'Mend the file, flag or variable that is named.' }]);
  }
  for (const { name, needsConfig, look } of checks) {
    if (needsConfig && !config) continue;
    add(name, await look(config as Config, io).catch((error) => [{ level: 'bad', text: errorText(error) } as const]));
  }
  const healthy = findings.every(({ level }) => level !== 'bad');
  if (args.flag('json')) io.print(jsonLine({ healthy, findings }));
  return healthy ? exit.done : exit.failed;
};

function configOf(args: Arguments, io: Io): Config {
  const flag = (name: Flag): string | undefined => (flags.includes(name) ? args.text(name) : undefined);
  return readConfig({ flag, labels: {}, env: io.env, defaultState: stateFolder(io.env) });
}

const signs = { good: 'ok  ', fair: 'note', bad: 'BAD ' };

function lineOf({ name, level, text, mend }: Finding): string {
  return `${signs[level]} ${name.padEnd(9)} ${text}${mend ? `. ${mend}` : ''}`;
}
