import { createRequire } from 'node:module';
import type { DestinationStream, Logger } from 'pino';
import { plain } from '../plain.ts';
import { readable } from './readable.ts';

export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;
export type LogLevel = keyof Log;
/** `auto`: text on a terminal, else JSON. */
export type LogFormat = 'auto' | 'json' | 'text';

export interface LogOptions {
  /** What is less important is not told. */
  readonly level?: LogLevel;
  readonly format?: LogFormat;
  /** Where lines go instead of standard error, and whether it is a terminal that shows colours. */
  readonly destination?: DestinationStream;
  readonly terminal?: boolean;
  /** Gets every line as well, as JSON. */
  readonly also?: DestinationStream;
}

/** A log of one line for each call, in their order; what is left is written when the process ends. */
export function openLog({ level = 'info', format = 'auto', destination, terminal, also }: LogOptions = {}): Log {
  const pino = createRequire(import.meta.url)('pino') as typeof import('pino');
  // Written in the background: a slow terminal or pipe must not hold up the box.
  const to = destination ?? pino.destination({ dest: 2, sync: false });
  const isTerminal = terminal ?? (destination === undefined && process.stderr.isTTY === true);
  const asText = format === 'text' || (format === 'auto' && isTerminal);
  const inColour = isTerminal && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  // pino lets line ends of Unicode and C1 controls through.
  const own: DestinationStream = { write: (line) => to.write(asText ? readable(line, inColour) : `${plain(line.trimEnd())}\n`) };
  const both: DestinationStream | undefined = also && {
    write: (line) => {
      own.write(line);
      also.write(line);
    },
  };
  const formatters = { level: (label: string) => ({ level: label }) };
  return pino.pino({ base: null, level, timestamp: pino.stdTimeFunctions.isoTime, formatters }, both ?? own);
}

export const silentLog: Log = Object.freeze({ info: () => {}, warn: () => {}, error: () => {} });
