import { CodedError } from '../../hosts/common/index.ts';
import { KnownBoxes } from '../client/index.ts';
import { type Box, hasLabels, lookUp, selectorOf } from '../discovery/index.ts';
import type { Action } from './command.ts';
import { exit } from './exit.ts';
import { certificateOf, untilTimeout } from './session.ts';
import { age, jsonLine, plain, table } from './text.ts';

const headings = ['NAME', 'ADDRESS', 'SEEN', 'VERSION', 'LABELS', 'ID', 'SOURCE'] as const;

export const boxes: Action = async (args, io) => {
  const wanted = Object.assign({}, ...args.texts('label').map(selectorOf)) as Readonly<Record<string, string>>;
  const warn = (message: string): void => io.tell(plain(`accessors: ${message}`));
  const found = await lookUp({ env: io.env, signal: untilTimeout(args, io.signal), ca: certificateOf(args.text('ca')), warn });
  const listed = found.filter((box) => hasLabels(box, wanted));
  if (args.flag('json')) io.print(jsonLine(listed.map(asJson)));
  else if (listed.length === 0) for (const line of emptyLines(found.length)) io.print(line);
  else for (const line of table(headings, listed.map(row), io.columns)) io.print(line);
  return exit.done;
};

function row({ id, name, ambiguous, urls, labels, version, sources, lastSeen, problem }: Box): string[] {
  const seen = lastSeen === undefined ? undefined : `${age(new Date(lastSeen).toISOString(), Date.now())} ago`;
  return [
    name === undefined ? '-' : `${name}${ambiguous ? ' (ambiguous)' : ''}`,
    urls[0] ?? '',
    problem === undefined ? (seen ?? '-') : `not reached${seen ? `, ${seen}` : ''}`,
    version ?? '-',
    Object.entries(labels)
      .map(([label, value]) => `${label}=${value}`)
      .join(',') || '-',
    id ?? '-',
    sources.join(', '),
  ];
}

function asJson({ lastSeen, problem, ...box }: Box): object {
  return { ...box, lastSeen: lastSeen === undefined ? null : new Date(lastSeen).toISOString(), problem: problem ?? null };
}

function emptyLines(others: number): string[] {
  if (others > 0) return [`None of the ${others} boxes that were found has these labels. See all: accessors boxes`];
  return [
    'No box was found. Is one running on this network? Start one: accessors box',
    'Where multicast does not reach, give its address (--to HOST:PORT), or name it in the settings: see README, Finding boxes.',
  ];
}

export const forget: Action = async (args, io) => {
  const known = KnownBoxes.ofUser(io.env);
  const name = args.words[0] as string;
  const forgotten = known.forget(name);
  if (forgotten.length === 0) throw new CodedError('NOT_FOUND', `${known.file} has no box '${name}'`);
  if (args.flag('json')) io.print(jsonLine({ forgotten }));
  else for (const address of forgotten) io.print(`Forgot ${plain(address)}: the next box there is taken as new.`);
  return exit.done;
};
