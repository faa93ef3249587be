import { join } from 'node:path';
import type { Io } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';

export interface Commanded {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A user of the command, with a home folder of their own. */
export class Person {
  readonly home: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(home: string, env: NodeJS.ProcessEnv = {}) {
    this.home = home;
    this.#env = env;
  }

  get env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: this.home,
      XDG_CONFIG_HOME: join(this.home, 'config'),
      XDG_STATE_HOME: join(this.home, 'state'),
      NO_COLOR: '1',
      ...this.#env,
    };
  }

  /** Runs a command line in this process, as in a pipe; `attended` as before a person, on a terminal of 100 columns. */
  async type(
    argv: readonly string[],
    given: {
      readonly signal?: AbortSignal;
      readonly attended?: boolean;
      readonly columns?: number;
      onLine?(line: string): unknown;
      onTold?(line: string): unknown;
    } = {},
  ): Promise<Commanded> {
    const out: string[] = [];
    const err: string[] = [];
    const io: Io = {
      env: this.env,
      signal: given.signal ?? new AbortController().signal,
      columns: given.attended ? (given.columns ?? 100) : undefined,
      rows: given.attended ? 30 : undefined,
      attended: given.attended ?? false,
      print: (line) => {
        out.push(`${line}\n`);
        given.onLine?.(line);
      },
      tell: (line) => {
        err.push(`${line}\n`);
        given.onTold?.(line);
      },
    };
    const code = await main(argv, io);
    return { code, out: out.join(''), err: err.join('') };
  }
}
