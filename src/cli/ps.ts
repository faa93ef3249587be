import type { Status } from '../client/index.ts';
import type { Action } from './command.ts';
import { askEachBox } from './each-box.ts';
import { stateStyle } from './style.ts';
import { age, table } from './text.ts';

const headings = ['NAME', 'VERSION', 'STATE', 'SINCE', 'MEMORY', 'CPU', 'BY', 'REASON'] as const;

export const ps: Action = (args, io) =>
  askEachBox(args, io, (box) => box.list(), {
    json: (swarmlets) => swarmlets,
    lines: (answers, several) => {
      const now = Date.now();
      const rows = answers.flatMap(({ target, value }) => value.map((status) => [...(several ? [target] : []), ...row(status, now)]));
      if (rows.length === 0) return ['Nothing runs there. Push something: accessors push FILE'];
      return table(several ? ['BOX', ...headings] : headings, rows, io.columns, stateStyle(io));
    },
  });

function row({ swarmlet, version, state, since, usage, principal, reason }: Status, now: number): string[] {
  const memory = usage?.memoryMiB;
  const cpu = usage?.cpuPercent;
  return [
    swarmlet,
    version ?? '-',
    state,
    age(since ?? undefined, now),
    typeof memory === 'number' ? `${memory.toFixed(1)} MiB` : '-',
    typeof cpu === 'number' ? `${cpu.toFixed(0)}%` : '-',
    principal ?? '-',
    reason ?? '',
  ];
}
