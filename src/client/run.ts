import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** How a program is started; never by a shell. */
export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** True: it reads from the controlling terminal. False: it has none, so that it cannot wait for an answer. */
  readonly terminal: boolean;
  /** Gets what it says on standard error while it runs, for a person who is to touch or type something. */
  readonly onSaid?: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface Ran {
  readonly status: number | null;
  readonly out: Buffer;
  readonly said: string;
}

/** Runs a program to its end. Rejects when it cannot be started, or when `signal` aborts. */
export function run(program: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  const terminal = options.terminal ? openSync('/dev/tty', 'r') : undefined;
  return new Promise<Ran>((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: [terminal ?? 'ignore', 'pipe', 'pipe'],
      detached: !options.terminal, // a session of its own has no controlling terminal
      ...(options.env && { env: options.env }),
      ...(options.signal && { signal: options.signal }),
    });
    const out: Buffer[] = [];
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      options.onSaid?.(text);
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, out: Buffer.concat(out), said: said.trim() }));
  }).finally(() => {
    if (terminal !== undefined) closeSync(terminal);
  });
}
