import { errorText } from '../../hosts/common/index.ts';
import type { LogLine, StateChange, Status } from '../client/index.ts';
import type { Arguments } from './arguments.ts';
import { atRest } from './at-rest.ts';
import type { Action } from './command.ts';
import { durationMs } from './duration.ts';
import { askEachBox } from './each-box.ts';
import { type ExitCode, exit, exitCodeOf, usageError } from './exit.ts';
import type { Io } from './io.ts';
import { LogMerge } from './log-merge.ts';
import { LogSource } from './log-source.ts';
import { Session } from './session.ts';
import { boxColours, type Colour, type Paint, painterOf } from './style.ts';
import { jsonLine, plain, timeOfDay } from './text.ts';

/** How long a line waits for an older one of another box. */
const mergeMs = 300;

export const logs: Action = (args, io) => {
  const swarmlet = args.words[0] as string;
  const since = sinceOf(args.text('since'), Date.now());
  return args.flag('follow') ? follow(args, io, swarmlet, since) : show(args, io, swarmlet, since);
};

interface Kept {
  readonly lines: readonly LogLine[];
  /** Undefined: the box does not tell. */
  readonly status: Status | undefined;
}

function show(args: Arguments, io: Io, swarmlet: string, since: string | undefined): Promise<ExitCode> {
  const paint = painterOf(io);
  return askEachBox<Kept>(
    args,
    io,
    async (box) => ({
      lines: await box.logs(swarmlet, since === undefined ? {} : { since }),
      status: await box.status(swarmlet).catch(() => undefined),
    }),
    {
      json: ({ lines }) => lines,
      lines: (answers, several) => {
        const all = answers.flatMap(({ target, value }, i) =>
          value.lines.map((line) => ({ ...line, label: several ? labelOf(target, i, paint) : '' })),
        );
        for (const { target, value } of answers) {
          const rest = atRest(value.status);
          if (rest) io.tell(`${several ? `${plain(target)}: ` : ''}${rest}`);
        }
        return (several ? all.sort((a, b) => Date.parse(a.at) - Date.parse(b.at)) : all).map((line) => shown(line, line.label, paint));
      },
    },
  );
}

/** A line and where it comes from. */
type Told = LogLine & { readonly box: string; readonly label: string };

/** Goes on until Ctrl-C, or until no box is left that would tell. */
async function follow(args: Arguments, io: Io, swarmlet: string, since: string | undefined): Promise<ExitCode> {
  const session = new Session(args, io);
  const paint = painterOf(io);
  const json = args.flag('json');
  const sources: LogSource[] = [];
  let merge: LogMerge<Told> | undefined;
  try {
    const targets = await session.targets();
    const several = targets.length > 1;
    const lines = new LogMerge<Told>(several ? mergeMs : 0, ({ box, label, ...line }) =>
      io.print(json ? jsonLine(several ? { box, ...line } : line) : shown(line, label, paint)),
    );
    merge = lines;
    for (const [i, target] of targets.entries()) {
      const label = several ? labelOf(target.name, i, paint) : '';
      const name = several ? `${target.name}: ` : '';
      const reader = {
        line: (line: LogLine) => lines.add({ ...line, box: target.name, label }),
        state: ({ from, to, reason, at }: StateChange) => {
          if (!json) io.tell(plain(`${name}${timeOfDay(at)} ${swarmlet}: ${from ?? 'new'} -> ${to}${reason ? ` (${reason})` : ''}`));
        },
        rests: (rest: string) => {
          if (!json) io.tell(plain(`${name}${rest}; what it prints later is shown here, until Ctrl-C`));
        },
        told: (message: string) => io.tell(plain(`accessors: ${name}${message}`)),
      };
      sources.push(new LogSource(target, session, swarmlet, since, reader));
    }
    const refused = (name: string, error: unknown): void => {
      if (!session.signal.aborted) io.tell(plain(`accessors: ${name}: ${errorText(error)}`));
    };
    return await followAll(sources, refused);
  } catch (error) {
    if (error === io.signal.reason || io.signal.aborted) return exit.interrupted;
    throw session.signal.aborted ? session.signal.reason : error;
  } finally {
    merge?.flush();
    for (const source of sources) source.close();
  }
}

/**
 * With one box whatever keeps it from being read is an error; of several those that are not there may come.
 * @throws what the first of them said when none is left
 */
async function followAll(sources: readonly LogSource[], refused: (name: string, error: unknown) => void): Promise<never> {
  const several = sources.length > 1;
  const endOf = async (source: LogSource): Promise<unknown> => {
    let isOpen = false;
    try {
      await source.open();
      isOpen = true;
    } catch (error) {
      if (!several || exitCodeOf(error) !== exit.notReached) throw error;
      refused(source.target.name, error);
    }
    return source.follow(isOpen);
  };
  const ends = sources.map((source) =>
    endOf(source).catch((error) => {
      if (several) refused(source.target.name, error);
      return error;
    }),
  );
  throw (await Promise.all(ends))[0];
}

function labelOf(box: string, index: number, paint: Paint): string {
  return paint(boxColours[index % boxColours.length] as Colour, `${plain(box)}: `);
}

function shown({ at, level, line }: LogLine, label: string, paint: Paint): string {
  const text = level === 'error' ? paint('red', `error ${plain(line)}`) : plain(line);
  return `${label}${paint('grey', timeOfDay(at))} ${text}`;
}

/** `10m` is a time ago. */
function sinceOf(text: string | undefined, now: number): string | undefined {
  if (text === undefined) return undefined;
  if (/^[\d.]+(?:ms|s|m|h|d)$/.test(text)) return new Date(now - durationMs('--since', text)).toISOString();
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw usageError(`--since takes a time such as 2026-11-22T18:44:29Z, or 10m; got '${text}'`);
  return new Date(at).toISOString();
}
