import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { CodedError } from '../../hosts/common/index.ts';
import type { Action } from './command.ts';
import { exit, usageError } from './exit.ts';
import { accessorSource, type Language, testSource } from './new-sources.ts';
import { jsonLine, plain } from './text.ts';

/** Writes an accessor and a swarmlet that tests it; never over a file that is there. */
export const create: Action = async (args, io) => {
  const given = args.words[0] as string;
  const language: Language = args.flag('ts') || given.endsWith('.ts') ? 'ts' : 'js';
  const path = given.replace(/\.[jt]s$/, '');
  const name = basename(path);
  if (!/^[A-Za-z]\w*$/.test(name)) throw usageError(`new takes a name of letters and digits, such as Lamp or lights/Lamp; got '${given}'`);
  const files = [`${path}.${language}`, `${path}Test.${language}`] as const;
  // Either ending: a host would find the other one first.
  const there = ['js', 'ts'].flatMap((ending) => [`${path}.${ending}`, `${path}Test.${ending}`]).find((file) => existsSync(file));
  if (there !== undefined) throw new CodedError('EXISTS', `${there} is there already. Choose another name, or remove it first`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(files[0], accessorSource(name, language), { flag: 'wx' });
  writeFileSync(files[1], testSource(name, language), { flag: 'wx' });
  if (args.flag('json')) io.print(jsonLine({ files }));
  else for (const line of [`Made ${files.join(' and ')}. Next:`, `  accessors test ${files[1]}`]) io.print(plain(line));
  return exit.done;
};
