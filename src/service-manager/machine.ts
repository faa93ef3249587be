import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { CodedError } from '../../hosts/common/index.ts';
import type { Command } from './manager.ts';

/** What an installation touches. */
export interface Machine {
  readonly isRoot: boolean;
  /** undefined: there is none. */
  read(file: string): string | undefined;
  write(file: string, text: string): void;
  remove(file: string): void;
  /**
   * Runs a program to its end; gives what it prints on standard output.
   * @throws CodedError NO_SERVICE_MANAGER when there is no such program, COMMAND_FAILED when it ends with something else than 0
   */
  run(command: Command): Promise<string>;
}

/** Whoever waits for a service to be ready waits two minutes at most. */
const LIMIT_MS = 150_000;

export function thisMachine(env: NodeJS.ProcessEnv): Machine {
  return {
    isRoot: process.geteuid?.() === 0,
    read: (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined),
    write: (file, text) => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { mode: 0o644 });
    },
    remove: (file) => rmSync(file, { force: true }),
    run: async ([program, ...args]) => {
      try {
        return (await promisify(execFile)(program, args, { env, timeout: LIMIT_MS })).stdout;
      } catch (error) {
        const { code, stderr = '', stdout = '' } = error as NodeJS.ErrnoException & { readonly stderr?: string; readonly stdout?: string };
        if (code === 'ENOENT') throw new CodedError('NO_SERVICE_MANAGER', `There is no program ${program} here`, { cause: error });
        const said = `${stderr}\n${stdout}`.trim().split('\n').slice(0, 3).join(' ') || `it ended with ${code}`;
        throw new CodedError('COMMAND_FAILED', `${[program, ...args].join(' ')}: ${said}`, { cause: error });
      }
    },
  };
}
