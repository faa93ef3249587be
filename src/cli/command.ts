import { type Arguments, type OptionSpecs, readArguments, type Words } from './arguments.ts';
import type { ExitCode } from './exit.ts';
import type { Io } from './io.ts';

export interface Command {
  /** One word, or two: `trust add`. */
  readonly name: string;
  readonly summary: string;
  /** What stands behind the name in the line of usage. */
  readonly usage: string;
  readonly options: OptionSpecs;
  readonly examples: readonly string[];
  run(argv: readonly string[], io: Io): Promise<ExitCode>;
}

/** What a command does once its arguments are understood. */
export type Action = (args: Arguments, io: Io) => Promise<ExitCode>;

interface Description {
  readonly name: string;
  readonly summary: string;
  readonly words?: Words;
  readonly options?: OptionSpecs;
  readonly examples: readonly string[];
  /** Loads the action, and with it what it needs, only when it is to run. */
  readonly load: () => Promise<Action>;
}

const noWords: Words = { names: [], required: 0 };

export function command({ name, summary, words = noWords, options: given = {}, examples, load }: Description): Command {
  const options: OptionSpecs = { ...given, json: { help: 'print JSON' } };
  return {
    name,
    summary,
    usage: usageOf(words),
    options,
    examples,
    run: async (argv, io) => {
      const args = readArguments(name, argv, options, words);
      return (await load())(args, io);
    },
  };
}

function usageOf({ names, required, rest }: Words): string {
  return names.map((name, i) => `${i < required ? name : `[${name}]`}${rest && i === names.length - 1 ? '...' : ''}`).join(' ');
}

/** The text of `accessors COMMAND --help`. */
export function helpOf({ name, summary, usage, options, examples }: Command): string {
  const left = Object.entries(options).map(([option, { value, short }]) => {
    return `${short ? `-${short}, ` : '    '}--${option}${value === undefined ? '' : ` ${value}`}`;
  });
  const width = Math.max(...left.map((text) => text.length));
  const lines = Object.values(options).map(
    ({ help, multiple }, i) => `  ${left[i]?.padEnd(width)}  ${help}${multiple ? ' (may be repeated)' : ''}`,
  );
  return [
    `Usage: accessors ${[name, '[options]', usage].filter((part) => part !== '').join(' ')}`,
    '',
    `${summary}.`,
    '',
    'Options:',
    ...lines,
    '',
    examples.length > 1 ? 'Examples:' : 'Example:',
    ...examples.map((example) => `  ${example}`),
  ].join('\n');
}
