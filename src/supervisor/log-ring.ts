import { Fifo } from '../../hosts/common/index.ts';

/** One line that a swarmlet printed. */
export interface LogLine {
  readonly level: 'info' | 'error';
  readonly line: string;
  /** RFC 3339, UTC. */
  readonly at: string;
}

/** The last lines of one swarmlet, bounded in bytes: the oldest go first. */
export class LogRing {
  readonly #limit: number;
  readonly #lines = new Fifo<LogLine>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  add(line: LogLine): void {
    this.#lines.push(line);
    this.#bytes += weight(line);
    while (this.#bytes > this.#limit && this.#lines.size > 1) this.#bytes -= weight(this.#lines.shift() as LogLine);
  }

  /** @param since  Unix milliseconds; lines of that moment are included */
  lines(since: number): LogLine[] {
    return this.#lines.toArray().filter((line) => Date.parse(line.at) >= since);
  }
}

/** What a line costs: its text, and about as much again for the record around an empty one. */
function weight(line: LogLine): number {
  return Buffer.byteLength(line.line) + 100;
}
