import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError, errorStack, errorText, type Structure } from '../../hosts/common/index.ts';
import { packageRoot, SourcePath, showSyntaxProblem, syntaxProblem } from '../../hosts/node/index.ts';
import { collectClosure, type Inspected, type SwarmletSource } from './closure.ts';

// Runs in a process of its own (see `swarmlet.ts`): standard input is a request, descriptor 3 gets the answer.

export interface CollectRequest {
  readonly source: SwarmletSource;
  /** Folders searched before the library. */
  readonly accessorPath: readonly string[];
}

export type CollectAnswer =
  | {
      readonly kind: 'closure';
      readonly main: string;
      readonly modules: readonly string[];
      readonly files: readonly CollectedFile[];
      readonly structure: Structure;
    }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

export interface CollectedFile {
  readonly name: string;
  readonly text: string;
  readonly path: string | undefined;
}

const answerDescriptor = 3;

function collect({ source, accessorPath }: CollectRequest): CollectAnswer {
  const path = new SourcePath([...accessorPath, join(packageRoot, 'dist/accessors')]);
  try {
    return asAnswer(collectClosure(source, path));
  } catch (error) {
    return refusal(error);
  }
}

function asAnswer({ main, files, modules, structure }: Inspected): CollectAnswer {
  const carried = [...files].map(([name, { text, path }]) => ({ name, text, path }));
  return { kind: 'closure', main, modules, files: carried, structure };
}

function refusal(error: unknown): CollectAnswer {
  const problem = syntaxProblem(error);
  if (problem) return { kind: 'refused', code: 'SYNTAX', message: showSyntaxProblem(problem) };
  if (error instanceof SyntaxError) return { kind: 'refused', code: 'SYNTAX', message: error.message };
  if (error instanceof CodedError) return { kind: 'refused', code: error.code, message: error.message };
  return { kind: 'refused', code: 'SETUP_FAILED', message: `${errorText(error)}${place(error)}` };
}

/** ` (at FILE:LINE:COLUMN)` of the innermost frame in accessor source, which is what Node itself did not bring. */
function place(error: unknown): string {
  const frames = errorStack(error).split('\n').slice(1);
  const frame = frames.find((line) => /:\d+:\d+\)?$/.test(line) && !line.includes('node:') && !line.includes(import.meta.dirname));
  const at = frame && /\(?([^\s(][^(]*:\d+:\d+)\)?$/.exec(frame.replace(/^\s*at /, ''))?.[1];
  return at ? ` (at ${at})` : '';
}

const answer = JSON.stringify(collect(JSON.parse(readFileSync(0, 'utf8')) as CollectRequest));
for (let rest = Buffer.from(answer); rest.length > 0; ) rest = rest.subarray(writeSync(answerDescriptor, rest));
process.exit(0); // whatever setup has started
