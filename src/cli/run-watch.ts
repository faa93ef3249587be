import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { swarmletFrom } from '../push/index.ts';
import { type ExitCode, exit } from './exit.ts';
import { FileWatch } from './file-watch.ts';

/** Runs the same command line in a process of its own, anew at every save of a file that belongs to it, until it is told to end. */
export async function runAtEverySave(argv: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  const files = new FileWatch();
  const terminated = new AbortController();
  process.once('SIGTERM', () => terminated.abort());
  const over = AbortSignal.any([signal, terminated.signal]);
  for (;;) {
    const child = spawn(process.execPath, [process.argv[1] as string, 'run', ...argv], { stdio: 'inherit' });
    files.follow(await belongingTo(argv));
    const name = await files.next(over).catch(() => undefined);
    await end(child);
    if (name === undefined) {
      files.close();
      return exit.interrupted;
    }
    console.error(`${name} was saved; starting again`);
  }
}

/** The files of all classes of the command line; of one that does not work yet, what is known is its own file. */
async function belongingTo(argv: readonly string[]): Promise<string[]> {
  const classes = argv.filter((word) => !word.startsWith('-') && !/^\d+$/.test(word));
  const closures = await Promise.all(
    classes.map((name) =>
      swarmletFrom({ kind: 'file', name }).then(
        ({ files }) => [...files.values()].flatMap(({ path }) => path ?? []),
        () => [name],
      ),
    ),
  );
  return closures.flat();
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
