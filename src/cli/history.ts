import type { HistoryEntry } from '../client/index.ts';
import type { Action } from './command.ts';
import { askEachBox } from './each-box.ts';
import { stateStyle } from './style.ts';
import { age, table } from './text.ts';

const headings = ['VERSION', 'STATE', 'PUSHED', 'BY', 'DIGEST', 'REASON', 'CHANGES'] as const;

export const history: Action = (args, io) =>
  askEachBox(args, io, (box) => box.history(args.words[0] as string), {
    json: (versions) => versions,
    lines: (answers, several) => {
      const now = Date.now();
      const rows = answers.flatMap(({ target, value }) => value.map((entry) => [...(several ? [target] : []), ...row(entry, now)]));
      return table(several ? ['BOX', ...headings] : headings, rows, io.columns, stateStyle(io));
    },
  });

function row({ version, state, receivedAt, principal, digest, reason, changes }: HistoryEntry, now: number): string[] {
  return [
    version,
    state,
    receivedAt ? `${age(receivedAt, now)} ago` : '-',
    principal ?? '-',
    digest.slice(0, 19),
    reason ?? '',
    changesText(changes),
  ];
}

/** `+A.js ~B.js -C.js`: files that a version added, changed and removed. */
export function changesText(changes: HistoryEntry['changes']): string {
  const { added = [], changed = [], removed = [] } = changes ?? {};
  return [...added.map((name) => `+${name}`), ...changed.map((name) => `~${name}`), ...removed.map((name) => `-${name}`)].join(' ');
}
