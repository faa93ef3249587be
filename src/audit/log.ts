import { createRequire } from 'node:module';
import type { DestinationStream, Logger } from 'pino';
import { plain } from '../plain.ts';
import { readable } from './readable.ts';
import { StandardError } from './standard-error.ts';

export type LogLevel = 'info' | 'warn' | 'error';
export interface Log extends Pick<Logger, LogLevel> {
  /** Of one that writes in the background: resolves when all that was told is written. To be waited for before the process ends. */
  written?(): Promise<void>;
}

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

/** A log of one line for each call, in their order. */
export function openLog({ level = 'info', format = 'auto', destination, terminal, also }: LogOptions = {}): Log {
  const { pino, stdTimeFunctions } = createRequire(import.meta.url)('pino') as typeof import('pino');
  const standardError = destination ? undefined : new StandardError((lines) => log.warn({ event: 'lines lost', lines }));
  const to = (destination ?? standardError) as DestinationStream;
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
  const log = pino({ base: null, level, timestamp: stdTimeFunctions.isoTime, formatters }, both ?? own);
  return Object.assign(log, { written: async () => standardError?.written() });
}

export const silentLog: Log = Object.freeze({ info: () => {}, warn: () => {}, error: () => {} });
