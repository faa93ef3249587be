import { errorText } from '../../hosts/common/index.ts';
import type { Config } from '../config/index.ts';
import { configOf } from './box-config.ts';
import { type Advice, checks } from './checks.ts';
import type { Action } from './command.ts';
import { exit } from './exit.ts';
import { jsonLine, plain } from './text.ts';

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
    add('settings', [{ level: 'good', text: config.file ?? 'no file' }]);
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

const signs = { good: 'ok  ', fair: 'note', bad: 'BAD ' };

function lineOf({ name, level, text, mend }: Finding): string {
  return `${signs[level]} ${name.padEnd(9)} ${mend ? `${text.replace(/\.$/, '')}. ${mend}` : text}`;
}
