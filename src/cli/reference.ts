import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { CodedError, errorText } from '../../hosts/common/index.ts';
import { retirement } from '../../hosts/node/index.ts';
import { nearest } from '../nearest.ts';
import { collectReference, fileReference, type HeaderPort, libraryReference, type Reference, referencePage } from '../reference/index.ts';
import type { Action } from './command.ts';
import { exit, usageError } from './exit.ts';
import { jsonLine, plain, table } from './text.ts';

export const list: Action = async (args, io) => {
  const [text = ''] = args.words;
  const found = libraryReference().filter((reference) => searched(reference).includes(text.toLowerCase()));
  if (found.length === 0) throw new CodedError('NOT_FOUND', `No accessor has '${text}' in its header. See: accessors list`);
  if (args.flag('json')) io.print(jsonLine(found));
  else {
    const rows = found.map(({ class: accessorClass, purpose }) => [accessorClass, firstSentence(purpose)]);
    for (const line of table(['CLASS', 'PURPOSE'], rows, io.columns)) io.print(line);
  }
  return exit.done;
};

/** Writes the reference as a page that needs no network; of the library, or of the accessors below a folder. */
export const reference: Action = async (args, io) => {
  const out = args.text('out');
  if (out === undefined) throw usageError('--out takes the folder to write the reference to. See: accessors reference --help');
  const [folder] = args.words;
  const accessors = folder === undefined ? libraryReference() : collected(folder);
  const file = join(out, 'index.html');
  try {
    mkdirSync(out, { recursive: true });
    writeFileSync(file, referencePage(accessors, folder === undefined ? 'Accessors' : `Accessors of ${basename(resolve(folder))}`));
  } catch (cause) {
    throw new CodedError('BAD_FILE', `Cannot write ${file}: ${errorText(cause)}. Give another folder with --out`, { cause });
  }
  io.print(args.flag('json') ? jsonLine({ file, accessors: accessors.length }) : plain(`${file}: ${accessors.length} accessors`));
  return exit.done;
};

function collected(folder: string): Reference[] {
  if (!existsSync(folder)) throw new CodedError('NOT_FOUND', `There is no folder ${folder}`);
  const accessors = collectReference(folder);
  if (accessors.length === 0) throw new CodedError('NOT_FOUND', `There are no accessors in ${folder}: no file ends in .js or .ts`);
  return accessors;
}

export const describe: Action = async (args, io) => {
  const asked = args.words[0] as string;
  const reference = fileReference(asked) ?? classReference(asked);
  if (args.flag('json')) io.print(jsonLine(reference));
  else for (const line of described(reference, io.columns ?? 100)) io.print(plain(line));
  return exit.done;
};

function searched({ class: accessorClass, purpose, inputs, outputs, parameters }: Reference): string {
  return [accessorClass, purpose, ...[...inputs, ...outputs, ...parameters].map(({ name }) => name)].join('\n').toLowerCase();
}

function firstSentence(text: string): string {
  return /^.*?[^.]\.(?= [A-Z]|$)/.exec(text)?.[0].slice(0, -1) ?? text;
}

function classReference(asked: string): Reference {
  const library = libraryReference();
  const found = library.find((reference) => reference.class === asked.replace(/\.[jt]s$/, ''));
  if (found) return found;
  const retired = retirement(asked);
  if (retired !== undefined) throw new CodedError('NOT_FOUND', retired);
  const classes = library.map((reference) => reference.class);
  const near = nearClass(asked, classes);
  throw new CodedError(
    'NOT_FOUND',
    `There is no accessor '${asked}'${near === undefined ? '' : ` (did you mean ${near}?)`}. See: accessors list`,
  );
}

/** By the whole class, else by what follows its folder; capitals do not matter. */
function nearClass(asked: string, classes: readonly string[]): string | undefined {
  const parts = [(name: string) => name.toLowerCase(), (name: string) => name.slice(name.lastIndexOf('/') + 1).toLowerCase()];
  for (const part of parts) {
    const near = nearest(part(asked), classes.map(part));
    if (near !== undefined) return classes.find((name) => part(name) === near);
  }
  return undefined;
}

function described({ class: accessorClass, purpose, inputs, outputs, parameters, errors, example }: Reference, columns: number): string[] {
  const all = [...inputs, ...outputs, ...parameters];
  const nameWidth = Math.max(0, ...all.map(({ name }) => name.length));
  const factsWidth = Math.max(0, ...all.map((port) => facts(port).length));
  const row = (port: HeaderPort): string => `${port.name.padEnd(nameWidth)}  ${facts(port).padEnd(factsWidth)}  ${port.note}`.trimEnd();
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`.trimEnd())];
  return [
    accessorClass,
    '',
    ...wrapped(purpose, columns),
    ...section('Inputs', inputs.map(row)),
    ...section('Outputs', outputs.map(row)),
    ...section('Parameters', parameters.map(row)),
    ...section(
      'Errors',
      errors.flatMap((error) => wrapped(error, columns - 2)),
    ),
    ...section('Example', example?.split('\n') ?? []),
  ];
}

function facts({ type, value, spontaneous }: HeaderPort): string {
  return [type, ...(value === undefined ? [] : [`default ${JSON.stringify(value)}`]), ...(spontaneous ? ['spontaneous'] : [])].join(', ');
}

/** Lines of at most so many characters, broken between words. */
function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
