import type { Interface } from 'node:readline';
import { createContext, runInContext } from 'node:vm';
import { errorText } from '../common/index.ts';
import type { NodeHost } from './node-host.ts';
import { hostScope } from './scope.ts';

const completions = ['exit', 'getTopLevelAccessors()', 'help', 'instantiate(', 'provideInput(', 'setParameter(', 'quit'];

const help = `Each line is a JavaScript expression or statement; its value is printed. Variables declared with var are kept.

Commands: help, exit, quit.
Host: instantiate(name, class), instantiateTopLevel(name, class), instantiateInterface(name, class), getAccessorCode(class),
  getTopLevelAccessors(), stopAllAccessors(), uniqueName(seed), require(module).
Methods of an accessor: initialize(), provideInput(name, value), react(), latestOutput(name), get(name), getParameter(name),
  setParameter(name, value), send(name, value), fire(), stop(), stopAt(ms), wrapup(), startMonitoring(), getMonitoring(),
  on(event, listener).
Fields: accessorName, accessorClass, inputList, outputList, parameterList, containedAccessors, container, initialized.
Events: initializeStart, initializeEnd, reactStart, reactEnd, output(name, value), wrapupStart, wrapupEnd.

Example: var a = instantiate('gain', 'test/TestGain'); a.initialize(); a.provideInput('input', 21); a.react(); a.latestOutput('scaled')`;

/** The interactive host (spec section 22). */
export class Shell {
  readonly #node: NodeHost;
  readonly #context: object;
  #lines: Interface | undefined;
  #confirming = false;
  #exiting = false;

  constructor(node: NodeHost) {
    this.#node = node;
    this.#context = createContext(contextObject(node));
  }

  /** Reads lines from standard input until `exit`, `quit` or its end. A second call only says that it runs. */
  start(): this {
    if (this.#lines) {
      console.log('The shell is already running.');
      return this;
    }
    console.log("Welcome to the accessor shell. Type 'help' for help, 'exit' to end.");
    // Loaded here: who runs a file does not wait for it.
    const { createInterface } = process.getBuiltinModule('node:readline');
    const lines = createInterface({
      input: process.stdin,
      output: process.stdout,
      prompt: 'nsh> ',
      completer: (line: string) => {
        const hits = completions.filter((c) => c.startsWith(line));
        return [hits.length > 0 ? hits : completions, line];
      },
    });
    this.#lines = lines;
    lines.on('line', (line) => {
      if (this.#confirming) {
        this.#confirming = false;
        if (/^\s*y(es)?\s*$/i.test(line)) return this.#exit();
      } else {
        this.evaluate(line);
      }
      if (!this.#exiting) lines.prompt();
    });
    lines.on('SIGINT', () => {
      this.#confirming = true;
      lines.question('Exit? (y or n) ', (answer) => lines.emit('line', answer));
    });
    lines.on('close', () => this.#exit());
    lines.prompt();
    return this;
  }

  /** Does what a line says, and prints its value or its error. */
  evaluate(text: string): void {
    const line = text.trim().replace(/;+\s*$/, '');
    if (line === '') return;
    switch (line.toLowerCase()) {
      case 'exit':
      case 'quit':
        this.#exit();
        return;
      case 'help':
        console.log(help);
        return;
    }
    try {
      console.log(runInContext(line, this.#context, { filename: 'line' }));
    } catch (error) {
      console.log(error instanceof Error || isForeignError(error) ? String(error) : errorText(error));
    }
  }

  #exit(): void {
    if (this.#exiting) return;
    this.#exiting = true;
    console.log('exit');
    this.#node.stopAllAccessors();
    this.#node.exit(0);
  }
}

/** The globals of the platform and the functions of the host; `var` in a line adds to it, and to no global. */
function contextObject(node: NodeHost): object {
  const context: Record<string, unknown> = {};
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
    if (name !== 'globalThis' && name !== 'global' && descriptor) Object.defineProperty(context, name, descriptor);
  }
  return Object.assign(context, hostScope(node));
}

/** An error made inside the context is no instance of this realm's Error. */
function isForeignError(error: unknown): boolean {
  return Object.prototype.toString.call(error) === '[object Error]';
}
