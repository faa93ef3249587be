import { packageVersion } from '../package-version.ts';
import { meant } from './arguments.ts';
import { commands } from './catalog.ts';
import { type Command, helpOf } from './command.ts';
import { errorJson, errorLine } from './error-line.ts';
import { type ExitCode, exit, exitCodeOf, usageError } from './exit.ts';
import type { Io } from './io.ts';
import { jsonLine } from './text.ts';

/** Runs a command line, without program and script, and tells what went wrong in one line. */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    return report(error, argv, io);
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<ExitCode> {
  const [first = '--help', second] = argv;
  if (isHelp(first) || first === 'help') return help(argv.slice(1), io);
  if (first === '--version' || first === '-v') {
    io.print(`accessors ${packageVersion()}`);
    return exit.done;
  }
  const found = find(first, second);
  if (found.kind === 'group') {
    if (second === undefined || isHelp(second)) return help([first], io);
    const names = found.commands.map(({ name }) => name.slice(first.length + 1));
    throw usageError(`There is no command '${first} ${second}'${meant(second, names)}. See: accessors ${first} --help`);
  }
  const { command } = found;
  const rest = argv.slice(command.name.split(' ').length);
  const words = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  if (words.some(isHelp)) {
    io.print(helpOf(command));
    return exit.done;
  }
  return command.run(rest, io);
}

type Found = { readonly kind: 'command'; readonly command: Command } | { readonly kind: 'group'; readonly commands: readonly Command[] };

function find(first: string, second: string | undefined): Found {
  const command = commands.find(({ name }) => name === `${first} ${second}`) ?? commands.find(({ name }) => name === first);
  if (command) return { kind: 'command', command };
  const group = commands.filter(({ name }) => name.startsWith(`${first} `));
  if (group.length > 0) return { kind: 'group', commands: group };
  const words = [...new Set(commands.map(({ name }) => name.split(' ')[0] as string))];
  if (first.startsWith('-')) throw usageError(`There is no option ${first} here. See: accessors --help`);
  throw usageError(`There is no command '${first}'${meant(first, words)}. See: accessors --help`);
}

function help([first, second]: readonly string[], io: Io): ExitCode {
  if (first === undefined) {
    io.print(overview(commands, 'COMMAND [options]', 'Runs accessors, and swarmlets on boxes.'));
    return exit.done;
  }
  const found = find(first, second);
  if (found.kind === 'command') io.print(helpOf(found.command));
  else io.print(overview(found.commands, `${first} COMMAND [options]`, ''));
  return exit.done;
}

function overview(list: readonly Command[], usage: string, about: string): string {
  const width = Math.max(...list.map(({ name }) => name.length));
  return [
    `Usage: accessors ${usage}`,
    ...(about === '' ? [] : ['', about]),
    '',
    'Commands:',
    ...list.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'accessors COMMAND --help shows the options and an example.',
    'Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 refused, 5 conflict, 6 did not run, 7 box not reached, 124 timed out, 130 interrupted.',
    '',
    'Example:',
    '  accessors push RampJSTest.js --to ws://127.0.0.1:7927',
  ].join('\n');
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h';
}

function report(error: unknown, argv: readonly string[], io: Io): ExitCode {
  io.tell(errorLine(error));
  if (argv.includes('--json')) io.print(jsonLine({ error: errorJson(error) }));
  return exitCodeOf(error);
}
