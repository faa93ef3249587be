import { spawn } from 'node:child_process';

/** How a program is started; never by a shell. */
export interface RunOptions {
  readonly input?: Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
  /** False: without a controlling terminal, so that it cannot wait for an answer. */
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
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: 'pipe',
      detached: !options.terminal, // a session of its own has no controlling terminal
      ...(options.env && { env: options.env }),
      ...(options.signal && { signal: options.signal }),
    });
    const out: Buffer[] = [];
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      options.onSaid?.(text);
    });
    child.stdin.on('error', () => {}); // it ended without reading; its status says why
    child.stdin.end(options.input ?? '');
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, out: Buffer.concat(out), said: said.trim() }));
  });
}
