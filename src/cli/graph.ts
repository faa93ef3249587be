import { writeFileSync } from 'node:fs';
import { CodedError, errorText, type Structure } from '../../hosts/common/index.ts';
import { graphOf, layOut, openTo, svgOf } from '../graph/index.ts';
import { inspectSwarmlet } from '../push/index.ts';
import type { Arguments } from './arguments.ts';
import type { Action } from './command.ts';
import { elkHere } from './elk.ts';
import { exit, usageError } from './exit.ts';
import { jsonLine } from './text.ts';

export const graph: Action = async (args, io) => {
  const [name = ''] = args.words;
  const depth = depthOf(args);
  const out = args.text('out');
  const structure = await inspectSwarmlet({ kind: 'file', name }, { signal: io.signal });
  if (args.flag('json')) {
    put(jsonLine(structure), out, io.print);
    return exit.done;
  }
  const graph = graphOf(structure);
  const drawing = await layOut(elkHere(), graph, openTo(graph, depth), false);
  put(svgOf(drawing, titleOf(name, structure)), out, io.print);
  if (structure.omitted > 0) io.tell(`${name} is larger than what is drawn: ${structure.omitted} accessors or connections are left out.`);
  return exit.done;
};

/** @throws USAGE */
function depthOf(args: Arguments): number {
  const given = args.text('depth');
  if (given === undefined) return Number.POSITIVE_INFINITY;
  if (!/^\d{1,4}$/.test(given)) throw usageError(`--depth takes a number of levels, 0 or more; got '${given}'`);
  return Number(given);
}

function titleOf(name: string, { nodes, edges }: Structure): string {
  const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
  return `${name}: ${counted(nodes.length, 'accessor')}, ${counted(edges.length, 'connection')}`;
}

function put(text: string, file: string | undefined, print: (line: string) => void): void {
  if (file === undefined || file === '-') {
    print(text.trimEnd());
    return;
  }
  try {
    writeFileSync(file, text.endsWith('\n') ? text : `${text}\n`);
  } catch (cause) {
    throw new CodedError('BAD_FILE', `Cannot write ${file}: ${errorText(cause)}. Give another file with --out.`, { cause });
  }
}
