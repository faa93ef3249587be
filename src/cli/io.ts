import { closeSync, openSync } from 'node:fs';

/** What a command may touch of the process it runs in. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Columns of the terminal that standard output is; undefined when it is none. */
  readonly columns: number | undefined;
  /** Its rows. */
  readonly rows: number | undefined;
  /** True if standard error is read by a person: progress and questions may go there. */
  readonly attended: boolean;
  /** Writes a line to standard output. */
  print(line: string): void;
  /** Writes a line to standard error. */
  tell(line: string): void;
}

export function processIo(signal: AbortSignal): Io {
  const { stdout, stderr, env } = process;
  return {
    env,
    signal,
    get columns() {
      return stdout.isTTY ? stdout.columns || 80 : undefined;
    },
    get rows() {
      return stdout.isTTY ? stdout.rows || 24 : undefined;
    },
    attended: stderr.isTTY && env.TERM !== 'dumb',
    print: (line) => stdout.write(`${line}\n`),
    tell: (line) => stderr.write(`${line}\n`),
  };
}

/** True if a program that we start can ask the person something: it does so on the controlling terminal. */
export function canAsk(io: Io): boolean {
  if (!io.attended && !process.stdin.isTTY) return false;
  try {
    closeSync(openSync('/dev/tty', 'r+'));
    return true;
  } catch {
    return false; // ENXIO, ENOENT: there is no controlling terminal
  }
}
