import { EventEmitter } from 'node:events';
import type { EdgeScope, Process } from '../edge/index.ts';
import { problem } from './shared/index.ts';
import { split } from './shell/split.ts';

interface Options {
  /** A command with its arguments: a text, which no shell sees, or an array of them. */
  readonly cmd: unknown;
}

export function create(edge: EdgeScope): unknown {
  return {
    Shell: class extends Shell {
      constructor(options: Options) {
        super(edge, options);
      }
    },
  };
}

/** A program with its standard streams. Emits `message` with text it wrote, `exit` with its code, and `error` with a text. */
class Shell extends EventEmitter {
  readonly #edge: EdgeScope;
  readonly #command: unknown;
  #process: Process | undefined;
  #closed: (() => unknown) | undefined;

  constructor(edge: EdgeScope, { cmd }: Options) {
    super();
    this.#edge = edge;
    this.#command = cmd;
  }

  /** @throws Error if the text asks for something that only a shell does */
  start(): void {
    if (this.#process) return;
    const [command = '', ...args] = Array.isArray(this.#command) ? this.#command.map(String) : split(String(this.#command ?? ''));
    if (command === '') throw new Error('There is no command to run');
    const started = this.#edge.spawn({ command, args });
    this.#process = started;
    this.#closed = this.#edge.own({
      close: () => {
        this.removeAllListeners();
        this.wrapup();
      },
    });
    const read = (stream: Process['stdout'], give: (text: string) => void): void => {
      stream.setEncoding('utf8').on('data', (text: string) => {
        if (this.#process !== started) return;
        give(text);
        stream.pause();
        this.#edge.afterReactions(() => stream.resume());
      });
    };
    read(started.stdout, (text) => this.emit('message', text));
    read(started.stderr, (text) => this.emit('error', text));
    started.stdin.on('error', () => {}); // it may end without reading; `exit` tells
    started.on('error', (error) => this.#ended(started, () => this.emit('error', `Cannot run ${command}: ${problem(error)}`)));
    started.on('close', (code, signal) => this.#ended(started, () => this.emit('exit', code ?? signal)));
  }

  /** Writes to its standard input. */
  write(data: unknown): void {
    if (this.#process) this.#process.stdin.write(data instanceof Uint8Array ? data : String(data));
    else this.emit('error', 'The command is not running. Text dropped.');
  }

  /** Ends the program, and first its input, so that one that ends by itself then does. */
  wrapup(): void {
    const started = this.#process;
    if (!started) return;
    this.#process = undefined;
    this.#closed?.();
    started.stdin.end();
    started.kill();
  }

  #ended(started: Process, tell: () => void): void {
    if (this.#process !== started) return;
    this.#process = undefined;
    this.#closed?.();
    tell();
  }
}
