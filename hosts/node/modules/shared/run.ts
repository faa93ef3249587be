import type { EdgeScope } from '../../edge/index.ts';

/**
 * Runs a program to its end.
 * @param limitMs  after that it is killed, and what it wrote so far counts
 * @param input    for its standard input
 * @throws Error that says that the program is missing
 */
export function run(
  edge: EdgeScope,
  command: string,
  args: readonly string[],
  limitMs: number,
  input: Uint8Array = new Uint8Array(),
): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve, reject) => {
    const started = edge.spawn({ command, args });
    const parts: Buffer[] = [];
    const timer = setTimeout(() => started.kill('SIGKILL'), limitMs);
    started.stdout.on('data', (part: Buffer) => parts.push(part));
    started.stderr.resume();
    started.stdin.on('error', () => {}); // it may end without reading
    started.stdin.end(input);
    started.on('error', (error) => {
      clearTimeout(timer);
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      reject(missing ? new Error(`The program ${command} is not installed on this machine`) : error);
    });
    started.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout: Buffer.concat(parts).toString() });
    });
  });
}
