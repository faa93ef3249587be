import { CodedError } from '../../hosts/common/index.ts';
import type { BoxConnection, Change, HistoryEntry, Status } from '../client/index.ts';
import type { Arguments } from './arguments.ts';
import type { Action } from './command.ts';
import { askEachBox, type Presentation } from './each-box.ts';
import { type ExitCode, exit, usageError } from './exit.ts';
import type { Io } from './io.ts';
import { Session } from './session.ts';
import { keepSigned } from './signed-file.ts';
import { jsonOrText } from './values.ts';

const after: Presentation<Status> = {
  json: (status) => status,
  lines: (answers, several) =>
    answers.map(({ target, value: { swarmlet, version, state } }) => {
      const what = version ? `${swarmlet} ${version}` : swarmlet;
      return `${several ? `${target}: ` : ''}${what} ${state}`;
    }),
};

export const stop: Action = (args, io) => changed(args, io, () => ({ action: 'undeploy', swarmlet: args.words[0] as string }));

export const restart: Action = (args, io) => changed(args, io, () => ({ action: 'restart', swarmlet: args.words[0] as string }));

export const send: Action = (args, io) => {
  const [swarmlet, port, value] = args.words as [string, string, string];
  return askEachBox(args, io, (box) => box.input(swarmlet, port, jsonOrText(value)), after);
};

export const rollback: Action = (args, io) => {
  const [swarmlet, wanted] = args.words as [string, string | undefined];
  return changed(args, io, async (box) => ({ action: 'rollback', swarmlet, to: await earlier(box, swarmlet, wanted) }));
};

/** Carries a change out, or with `--out` signs it and leaves it to others to sign it too. */
async function changed(args: Arguments, io: Io, wanted: (box: BoxConnection) => Change | Promise<Change>): Promise<ExitCode> {
  const out = args.text('out');
  if (out === undefined) return askEachBox(args, io, async (box) => box.change(await wanted(box)), after);
  const session = new Session(args, io);
  const [target, another] = await session.targets();
  if (!target || another) throw usageError('--out takes one box: a change is for one, since each has sequences of its own');
  const box = await session.connect(target);
  try {
    keepSigned(out, await box.prepare(await wanted(box)), args, io);
    return exit.done;
  } finally {
    box.close();
  }
}

/** The digest that is meant: a version, the beginning of a digest, or else the version before the present one. */
async function earlier(box: BoxConnection, swarmlet: string, wanted: string | undefined): Promise<string> {
  const [versions, { digest }] = await Promise.all([box.history(swarmlet), box.status(swarmlet)]);
  const names = (entry: HistoryEntry): boolean =>
    wanted === undefined
      ? entry.digest !== digest && entry.state !== 'failed'
      : entry.version === wanted ||
        entry.digest === wanted ||
        (/^(?:sha256:)?[0-9a-f]{6,}$/.test(wanted) && entry.digest.startsWith(`sha256:${wanted.replace('sha256:', '')}`));
  const found = versions.find(names);
  if (found) return found.digest;
  const kept = versions.map(({ version }) => version).join(', ') || 'none';
  throw new CodedError(
    'NOT_FOUND',
    `${swarmlet} has no ${wanted === undefined ? 'earlier version' : `version ${wanted}`} on this box; it has: ${kept}`,
  );
}
