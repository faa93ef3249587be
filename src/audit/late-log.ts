import type { Log, LogLevel } from './log.ts';

type Line = readonly unknown[];

/**
 * Writes what merely happened behind the turn of the event loop in which it did: a line takes as long as much of what it tells, and
 * nothing waits for it. Warnings and errors are written at once, behind all that was told before them.
 */
export class LateLog implements Log {
  readonly #log: Log;
  #waiting: Line[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  info(...line: Line): void {
    if (this.#waiting.length === 0) setImmediate(() => this.flush());
    this.#waiting.push(line);
  }

  warn(...line: Line): void {
    this.flush();
    write(this.#log, 'warn', line);
  }

  error(...line: Line): void {
    this.flush();
    write(this.#log, 'error', line);
  }

  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const line of waiting) write(this.#log, 'info', line);
  }
}

function write(log: Log, level: LogLevel, line: Line): void {
  log[level](...(line as [object, string]));
}
