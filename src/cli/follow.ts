import type { BoxConnection } from '../client/index.ts';
import type { Arguments } from './arguments.ts';
import { type ExitCode, exit } from './exit.ts';
import type { Io } from './io.ts';
import { Session } from './session.ts';

/**
 * Begins something at every box that was named, and lets it go on until Ctrl-C, or until a connection is lost.
 * @param begin  gets what to put in front of lines, empty with one box
 */
export async function followEachBox(
  args: Arguments,
  io: Io,
  begin: (connection: BoxConnection, label: string) => Promise<void>,
): Promise<ExitCode> {
  const session = new Session(args, io);
  const open: BoxConnection[] = [];
  try {
    const targets = await session.targets();
    for (const target of targets) {
      const connection = await session.connect(target);
      open.push(connection);
      await begin(connection, targets.length > 1 ? `${target.name}: ` : '');
    }
    await firstEnd(open, session.signal);
    return exit.done;
  } catch (error) {
    if (error === io.signal.reason) return exit.interrupted;
    throw error;
  } finally {
    for (const connection of open) connection.close();
  }
}

function firstEnd(connections: readonly BoxConnection[], signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    for (const connection of connections) {
      if (connection.ended) reject(connection.ended);
      connection.on('closed', reject);
    }
  });
}
