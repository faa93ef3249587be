import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AccessorApi, CodedError, errorStack, SimulatedClock } from '../common/index.ts';
import { compile } from './compile.ts';
import type { NodeHost } from './node-host.ts';
import { packageRoot } from './paths.ts';
import { hostScope } from './scope.ts';
import { showSyntaxProblem, syntaxProblem } from './syntax-error.ts';

const usage = `Usage: node invoke.js [options] [class or file ...]

Instantiates and initializes each accessor, from left to right, and runs until all have wrapped up.

  -e, -echo            print the arguments
  -h, -help            print this text
  -j, -js FILE         evaluate a JavaScript file in the host
  -k, -keepalive       keep running without accessors
  -t, -timeout MS      wrap everything up after that time
  -v, -version         print the version

Each option may be written with one dash or two. Example: node invoke.js -timeout 6000 test/auto/RampJSTest`;

type Option = 'echo' | 'help' | 'js' | 'keepalive' | 'timeout' | 'version';
const options: readonly Option[] = ['echo', 'help', 'js', 'keepalive', 'timeout', 'version'];

/** The option that an argument is, in any of its four spellings. */
function optionOf(argument: string): Option | undefined {
  const name = /^--?(\w+)$/.exec(argument)?.[1];
  return options.find((option) => name === option || name === option[0]);
}

/**
 * The command line of the classic host (spec section 21): arguments are processed from left to right, each at once, and
 * the process ends with status 0 when all accessors of the line have wrapped up, with 1 after an error nobody caught or a
 * `wrapup` that threw.
 */
export class CommandLine {
  readonly #node: NodeHost;
  /** Accessors of the command line that have not wrapped up. */
  readonly #running = new Set<AccessorApi>();
  #accessors = 0;
  #keepAlive = false;
  #timeoutMs: number | undefined;
  #wrapupFailed = false;
  #ending = false;

  constructor(node: NodeHost) {
    this.#node = node;
  }

  /** @param args  without program and script */
  run(args: readonly string[]): void {
    if (args.length === 0) {
      console.error(usage);
      return;
    }
    this.#watch();
    try {
      if (!this.#process(args)) return;
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#goOn();
  }

  /** True if the host is to go on running. */
  #process(args: readonly string[]): boolean {
    for (let i = 0; i < args.length; i++) {
      const argument = args[i] as string;
      const option = optionOf(argument);
      switch (option) {
        case 'help':
          console.log(usage);
          return this.#endNow();
        case 'version':
          console.log(`accessors ${version()}`);
          return this.#endNow();
        case 'echo':
          console.log(args.join(' '));
          break;
        case 'keepalive':
          this.#keepAlive = true;
          break;
        case 'js':
        case 'timeout': {
          const value = args[++i];
          if (value === undefined) {
            console.error(`${argument} needs a value: ${option === 'js' ? 'a JavaScript file' : 'milliseconds'}.`);
            return this.#endNow();
          }
          if (option === 'js') this.#evaluate(value);
          else this.#timeout(argument, value);
          break;
        }
        default:
          this.#start(argument);
      }
    }
    return true;
  }

  #start(accessorClass: string): void {
    this.#accessors++;
    const accessor = this.#node.instantiate(this.#node.uniqueName(accessorClass), accessorClass);
    const { setup, initialize, fire, wrapup } = accessor.exports;
    if (!setup && !initialize && !fire && !wrapup) {
      const file = accessor.scope.source.file ?? accessorClass;
      throw new CodedError('NO_ACCESSOR', `${file} is no accessor: it exports none of setup, initialize, fire and wrapup.`);
    }
    this.#running.add(accessor);
    accessor.initialize();
  }

  #evaluate(file: string): void {
    const scope = hostScope(this.#node);
    try {
      const source = { code: readFileSync(file, 'utf8'), file, from: undefined };
      compile(source, Object.keys(scope))(...Object.values(scope));
    } catch (error) {
      console.error(`Error in ${file}: ${show(error)}`);
      throw new AlreadyReported(error);
    }
  }

  #timeout(option: string, value: string): void {
    let ms: unknown;
    try {
      ms = JSON.parse(value);
    } catch {
      ms = undefined; // told below, with what is no number
    }
    if (typeof ms !== 'number' || ms < 0) throw new CodedError('BAD_OPTION', `${option} should be followed by milliseconds, got ${value}`);
    this.#timeoutMs = ms;
    if (!this.#node.host.clock.simulated) setTimeout(() => this.#wrapUpAndEnd(0), ms);
  }

  #goOn(): void {
    const { clock } = this.#node.host;
    if (clock instanceof SimulatedClock) {
      const until = this.#timeoutMs ?? Infinity;
      clock.run({ until }).then(
        () => this.#wrapUpAndEnd(0),
        (error) => this.#fail(error),
      );
    } else if (this.#accessors === 0 && !this.#keepAlive) {
      if (this.#timeoutMs === undefined) this.#wrapUpAndEnd(0);
    } else if (!this.#ending) {
      setInterval(() => {}, 2 ** 30); // a host without timers and sockets stays as well
    }
  }

  #endNow(): false {
    this.#wrapUpAndEnd(0);
    return false;
  }

  // ------------------------------------------------------------------------------------- how it ends

  #watch(): void {
    const { events } = this.#node.host;
    events.on('wrappedUp', (accessor, errors) => {
      if (errors.length > 0) this.#wrapupFailed = true;
      if (!this.#running.delete(accessor) || this.#running.size > 0 || this.#ending) return;
      // Later: the others of this turn still get their events, and what the wrapup threw is reported first.
      setImmediate(() => {
        if (this.#running.size === 0 && !this.#ending) this.#end(0);
      });
    });
    process.on('uncaughtException', (error) => this.#fail(error));
    process.on('SIGINT', () => this.#interrupted(130));
    process.on('SIGTERM', () => this.#interrupted(143));
    process.on('SIGUSR1', () => console.error(new Error('SIGUSR1 received; the host is here').stack));
    process.on('exit', () => this.#wrapUp());
  }

  #fail(error: unknown): void {
    if (!(error instanceof AlreadyReported)) {
      const text = show(error);
      console.error(text);
      console.log(text); // the classic host's programs look for errors on standard output
    }
    this.#wrapUpAndEnd(1);
  }

  #wrapUpAndEnd(status: number): void {
    if (this.#ending) {
      process.exitCode ||= status;
      return;
    }
    this.#wrapUp();
    this.#end(status);
  }

  /** Whoever asks again does not want to wait for what still goes on. */
  #interrupted(status: number): void {
    if (this.#ending) process.exit(status);
    this.#wrapUpAndEnd(status);
  }

  #wrapUp(): void {
    this.#ending = true;
    try {
      this.#node.host.stopAllAccessors();
    } catch (error) {
      console.error(show(error));
      process.exitCode = 1;
    }
  }

  #end(status: number): void {
    this.#ending = true;
    this.#node.exit(status === 0 && this.#wrapupFailed ? 1 : status);
  }
}

/** An error whose message has been printed where it belongs. */
class AlreadyReported extends Error {
  constructor(cause: unknown) {
    super('already reported', { cause });
  }
}

/** One line for what its message explains; the stack for what happened inside accessor code. */
function show(error: unknown): string {
  const problem = syntaxProblem(error);
  if (problem) return showSyntaxProblem(problem);
  if (error instanceof CodedError || error instanceof SyntaxError) return error.message;
  return errorStack(error);
}

function version(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
}
