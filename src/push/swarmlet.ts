import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { CodedError, type Structure } from '../../hosts/common/index.ts';
import { packageRoot } from '../../hosts/node/index.ts';
import { withFiles } from './attached.ts';
import type { CarriedFile, Closure, SwarmletSource } from './closure.ts';
import type { CollectAnswer, CollectRequest } from './collect.ts';
import { pushErrors } from './errors.ts';
import { withPackages } from './packages.ts';

export interface CollectOptions {
  /** Folders searched for classes before the library. */
  readonly accessorPath?: readonly string[];
  /** Files that go along, for `getResource`: paths below the folder of the swarmlet. */
  readonly files?: readonly string[];
  /** How long `setup` of the whole swarmlet may take. */
  readonly setupMs?: number;
  readonly signal?: AbortSignal | undefined;
}

const heapMiB = 512;
const setupMsDefault = 5000; // that of the box

/**
 * The closure of a swarmlet, collected in a process of its own: `setup` may loop, fill memory or call `process.exit`, and
 * only the push fails. What it prints is not shown.
 * @throws CodedError SYNTAX, SETUP_FAILED, START_TIMEOUT, NOT_CARRIED, and those of `collectClosure`
 */
export async function swarmletFrom(source: SwarmletSource, options: CollectOptions = {}): Promise<Closure> {
  const { main, files, modules } = await collected(source, options);
  const carried = files.map(({ name, text, path }): [string, CarriedFile] => [name, { text, path }]);
  return withFiles(await withPackages({ main, files: new Map(carried), modules }), options.files ?? []);
}

/**
 * How a swarmlet is wired, found in the same way; nothing of it is initialized.
 * @throws as `swarmletFrom`
 */
export async function inspectSwarmlet(source: SwarmletSource, options: CollectOptions = {}): Promise<Structure> {
  return (await collected(source, options, '')).structure;
}

type Collected = Extract<CollectAnswer, { kind: 'closure' }>;

/** @param after  ends the error: what did not happen therefore */
async function collected(source: SwarmletSource, options: CollectOptions, after?: string): Promise<Collected> {
  const setupMs = options.setupMs ?? setupMsDefault;
  const main = source.kind === 'file' ? source.name : source.main;
  const ended = await inProcess({ source, accessorPath: options.accessorPath ?? [] }, setupMs, options.signal);
  switch (ended.kind) {
    case 'answered': {
      const answer = JSON.parse(ended.answer) as CollectAnswer;
      if (answer.kind === 'closure') return answer;
      if (answer.code === 'SETUP_FAILED') throw pushErrors.SETUP_FAILED(main, answer.message, after);
      throw new CodedError(answer.code, answer.message);
    }
    case 'late':
      throw pushErrors.START_TIMEOUT(main, setupMs, after);
    case 'exited':
      throw pushErrors.SETUP_FAILED(main, ended.why, after);
  }
}

type Ended =
  | { readonly kind: 'answered'; readonly answer: string }
  | { readonly kind: 'late' }
  | { readonly kind: 'exited'; readonly why: string };

function inProcess(request: CollectRequest, setupMs: number, signal: AbortSignal | undefined): Promise<Ended> {
  const child = spawn(process.execPath, [`--max-old-space-size=${heapMiB}`, join(packageRoot, 'dist/collect.cjs')], {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
  });
  const answer = textOf(child.stdio[3] as Readable);
  const complaint = textOf(child.stderr as Readable);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, setupMs);
  const abort = (): boolean => child.kill('SIGKILL');
  signal?.addEventListener('abort', abort);
  child.stdin?.on('error', () => {}); // it ended before it read all; its end says why
  child.stdin?.end(JSON.stringify(request));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, by) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      if (signal?.aborted) reject(signal.reason);
      else if (late) resolve({ kind: 'late' });
      else if (answer.text !== '') resolve({ kind: 'answered', answer: answer.text });
      else resolve({ kind: 'exited', why: whyItEnded(code, by, complaint.text) });
    });
  });
}

function textOf(stream: Readable): { text: string } {
  const collected = { text: '' };
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    collected.text += chunk;
  });
  return collected;
}

function whyItEnded(code: number | null, signal: NodeJS.Signals | null, complaint: string): string {
  if (complaint.includes('heap out of memory')) return `it took more than ${heapMiB} MiB of memory`;
  const error = /^(?:\w*Error): .*$/m.exec(complaint)?.[0];
  return error ?? (code === null ? `it was ended by ${signal}` : `it called process.exit(${code})`);
}
