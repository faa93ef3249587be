import type { Status } from '../client/index.ts';
import type { Action } from './command.ts';
import { askEachBox } from './each-box.ts';
import { plain } from './text.ts';

export const status: Action = (args, io) =>
  askEachBox(args, io, (box) => box.status(args.words[0] as string), {
    json: (value) => value,
    lines: (answers, several) => answers.flatMap(({ target, value }) => [...(several ? [`${target}:`] : []), ...fields(value)]),
  });

/** A line for each field that says something, those of objects as `name value, name value`. */
function fields(status: Status): string[] {
  const shown = Object.entries(status).flatMap(([name, value]): [string, string][] => {
    if (value === null || value === undefined || value === '') return [];
    return [[name, typeof value === 'object' ? members(value) : plain(value)]];
  });
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, text]) => `${plain(name).padEnd(width)}  ${text}`);
}

function members(value: object): string {
  return Object.entries(value)
    .map(([name, inner]) => plain(`${name} ${typeof inner === 'object' ? JSON.stringify(inner) : inner}`))
    .join(', ');
}
