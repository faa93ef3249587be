import { setTimeout as pause } from 'node:timers/promises';
import { errorText } from '../../hosts/common/index.ts';
import type { BoxConnection, LogEvent, LogLine, StateChange } from '../client/index.ts';
import type { Target } from '../discovery/index.ts';
import { atRest } from './at-rest.ts';
import { exit, exitCodeOf } from './exit.ts';
import type { Session } from './session.ts';

const firstPauseMs = 500;
const longestPauseMs = 15_000;

/** Told of what one box says of a swarmlet. */
export interface LogReader {
  line(line: LogLine): void;
  state(change: StateChange): void;
  /** It does not run at the moment. */
  rests(rest: string): void;
  /** What a person should know. */
  told(message: string): void;
}

/** What a swarmlet prints on one box: a connection that is lost is made anew, and no line is left out or comes twice. */
export class LogSource {
  readonly target: Target;
  readonly #session: Session;
  readonly #swarmlet: string;
  readonly #reader: LogReader;
  #connection: BoxConnection | undefined;
  #since: string | undefined;
  /** Of lines that came with that very time. */
  #seen = 0;

  /** @param since  RFC 3339; undefined: from the first line that is kept */
  constructor(target: Target, session: Session, swarmlet: string, since: string | undefined, reader: LogReader) {
    this.target = target;
    this.#session = session;
    this.#swarmlet = swarmlet;
    this.#since = since;
    this.#reader = reader;
  }

  /**
   * Reads the lines kept, and begins to follow.
   * @throws CodedError
   */
  async open(): Promise<void> {
    const connection = await (this.#connection?.again() ?? this.#session.connect(this.target));
    const early: LogEvent[] = [];
    let take = (line: LogEvent): void => void early.push(line); // one may come before the lines that were kept are told
    connection.on('log', (line) => {
      if (line.swarmlet === this.#swarmlet) take(line);
    });
    connection.on('state', (change) => {
      if (change.swarmlet === this.#swarmlet) this.#reader.state(change);
    });
    connection.on('dropped', (count) => this.#reader.told(`${count} lines were left out: this reads too slowly`));
    try {
      await connection.subscribe(this.#swarmlet, { states: true });
      const kept = await connection.logs(this.#swarmlet, { ...(this.#since !== undefined && { since: this.#since }), follow: true });
      let known = this.#seen; // at the time from which on was asked they came before
      for (const line of kept) {
        if (known > 0 && line.at === this.#since) known--;
        else this.#take(line);
      }
      for (const { swarmlet: _, ...line } of early) this.#take(line as LogLine);
      take = ({ swarmlet: _, ...line }) => this.#take(line as LogLine);
      this.#connection = connection;
      const rest = atRest(await connection.status(this.#swarmlet).catch(() => undefined)); // its lines are there
      if (rest) this.#reader.rests(rest);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  #take(line: LogLine): void {
    this.#seen = line.at === this.#since ? this.#seen + 1 : 1;
    this.#since = line.at;
    this.#reader.line(line);
  }

  /**
   * Goes on for ever, whatever happens to the connection.
   * @param isOpen  it has been opened before
   * @throws CodedError when the box refuses
   */
  async follow(isOpen: boolean): Promise<never> {
    if (isOpen) await this.#lost();
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      try {
        await this.open();
        this.#reader.told('connected again');
        await this.#lost();
        pauseMs = firstPauseMs / 2;
      } catch (error) {
        if (exitCodeOf(error) !== exit.notReached || this.#session.signal.aborted) throw error;
        await pause(pauseMs, undefined, { signal: this.#session.signal });
      }
    }
  }

  async #lost(): Promise<void> {
    const connection = this.#connection;
    const { signal } = this.#session;
    const error = await new Promise<Error>((resolve, reject) => {
      if (signal.aborted) reject(signal.reason);
      if (connection?.ended) resolve(connection.ended);
      connection?.on('closed', resolve);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    this.#reader.told(`${errorText(error).replace(/ Look at what it did.*/, '')} It is tried again until Ctrl-C`);
  }

  close(): void {
    this.#connection?.close();
  }
}
