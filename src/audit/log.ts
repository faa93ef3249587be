import { createRequire } from 'node:module';
import type { DestinationStream, Logger } from 'pino';

export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;

/**
 * Lines of JSON on standard error, in the order of the calls; what is left is written when the process ends.
 * @param also  gets every line as well
 */
export function openLog(destination?: DestinationStream, also?: DestinationStream): Log {
  const pino = createRequire(import.meta.url)('pino') as typeof import('pino');
  // Written in the background: a slow terminal or pipe must not hold up the box.
  const to = destination ?? pino.destination({ dest: 2, sync: false });
  const both: DestinationStream | undefined = also && {
    write: (line) => {
      to.write(line);
      also.write(line);
    },
  };
  return pino.pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } }, both ?? to);
}

export const silentLog: Log = Object.freeze({ info: () => {}, warn: () => {}, error: () => {} });
