import type { BoxConnection, LogEvent, LogLine } from '../client/index.ts';
import type { Action } from './command.ts';
import { durationMs } from './duration.ts';
import { askEachBox } from './each-box.ts';
import { usageError } from './exit.ts';
import { followEachBox } from './follow.ts';
import { jsonLine, plain, timeOfDay } from './text.ts';

export const logs: Action = (args, io) => {
  const swarmlet = args.words[0] as string;
  const from = since(args.text('since'), Date.now());
  if (!args.flag('follow')) {
    return askEachBox(args, io, (box) => box.logs(swarmlet, from), {
      json: (lines) => lines,
      lines: (answers, several) => answers.flatMap(({ target, value }) => value.map((line) => shown(line, several ? `${target}: ` : ''))),
    });
  }
  const json = args.flag('json');
  return followEachBox(args, io, (box, label) =>
    follow(box, swarmlet, from, (line) => io.print(json ? jsonLine(line) : shown(line, label))),
  );
};

/** Prints the lines kept, then those that come. */
async function follow(box: BoxConnection, swarmlet: string, from: { since?: string }, print: (line: LogLine) => void): Promise<void> {
  const early: LogEvent[] = [];
  let take = (line: LogEvent): unknown => early.push(line); // one may come before the lines that were kept are printed
  box.on('log', (line) => {
    if (line.swarmlet === swarmlet) take(line);
  });
  const kept = await box.logs(swarmlet, { ...from, follow: true });
  for (const line of [...kept, ...early]) print(line);
  take = print;
}

function shown({ at, level, line }: LogLine, label: string): string {
  return `${plain(label)}${timeOfDay(at)} ${level === 'error' ? 'error ' : ''}${plain(line)}`;
}

/** `10m` is a time ago. */
function since(text: string | undefined, now: number): { since?: string } {
  if (text === undefined) return {};
  if (/^[\d.]+(?:ms|s|m|h|d)$/.test(text)) return { since: new Date(now - durationMs('--since', text)).toISOString() };
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw usageError(`--since takes a time such as 2026-11-22T18:44:29Z, or 10m; got '${text}'`);
  return { since: new Date(at).toISOString() };
}
