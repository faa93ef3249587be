import { createRequire } from 'node:module';
import type { DestinationStream, Logger } from 'pino';

export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;

/** Lines of JSON on standard error, in the order of the calls; what is left is written when the process ends. */
export function openLog(destination?: DestinationStream): Log {
  const pino = createRequire(import.meta.url)('pino') as typeof import('pino');
  // Written in the background: a slow terminal or pipe must not hold up the box.
  const to = destination ?? pino.destination({ dest: 2, sync: false });
  return pino.pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } }, to);
}

export const silentLog: Log = Object.freeze({ info: () => {}, warn: () => {}, error: () => {} });
