import { errorText } from '../../hosts/common/index.ts';
import type { BoxConnection } from '../client/index.ts';
import type { Target } from '../discovery/index.ts';
import type { Arguments } from './arguments.ts';
import { errorJson } from './error-line.ts';
import { type ExitCode, exit, exitCodeOf } from './exit.ts';
import type { Io } from './io.ts';
import { Session } from './session.ts';
import { jsonLine, plain } from './text.ts';

/** What one box answered. */
export interface Answer<T> {
  readonly target: string;
  readonly value: T;
}

export type Outcome<T> =
  | { readonly kind: 'done'; readonly target: string; readonly value: T }
  | { readonly kind: 'failed'; readonly target: string; readonly error: unknown };

/** How the answers are shown. */
export interface Presentation<T> {
  json(value: T): unknown;
  /** @param several  whether lines should say of which box they are */
  lines(answers: readonly Answer<T>[], several: boolean): readonly string[];
}

/** Asks every box that was named, side by side, and shows what they answer; the code is that of the first that failed. */
export async function askEachBox<T>(
  args: Arguments,
  io: Io,
  ask: (connection: BoxConnection) => Promise<T>,
  presentation: Presentation<T>,
): Promise<ExitCode> {
  const session = new Session(args, io);
  const outcomes = await Promise.all((await session.targets()).map((target) => outcomeAt(session, target, ask)));
  return showOutcomes(outcomes, args, io, presentation);
}

async function outcomeAt<T>(session: Session, target: Target, ask: (connection: BoxConnection) => Promise<T>): Promise<Outcome<T>> {
  try {
    const connection = await session.connect(target);
    try {
      return { kind: 'done', target: target.name, value: await ask(connection) };
    } finally {
      connection.close();
    }
  } catch (error) {
    return { kind: 'failed', target: target.name, error };
  }
}

export function showOutcomes<T>(outcomes: readonly Outcome<T>[], args: Arguments, io: Io, presentation: Presentation<T>): ExitCode {
  const [only] = outcomes;
  const several = outcomes.length > 1;
  if (!several && only?.kind === 'failed') throw only.error;
  const failed = outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [outcome] : []));
  const done = outcomes.flatMap((outcome) => (outcome.kind === 'done' ? [outcome] : []));
  if (args.flag('json')) {
    const all = outcomes.map((outcome) => asJson(outcome, presentation));
    io.print(jsonLine(several ? all : done.map(({ value }) => presentation.json(value))[0]));
  } else if (done.length > 0) {
    for (const line of presentation.lines(done, several)) io.print(line);
  }
  for (const { target, error } of failed) io.tell(`accessors: ${plain(`${target}: ${errorText(error)}`)}`);
  return failed[0] ? exitCodeOf(failed[0].error) : exit.done;
}

function asJson<T>(outcome: Outcome<T>, { json }: Presentation<T>): object {
  const { target } = outcome;
  return outcome.kind === 'done' ? { box: target, result: json(outcome.value) } : { box: target, error: errorJson(outcome.error) };
}
