import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Shell {
  on(event: 'message' | 'exit' | 'error', listener: (value: unknown) => void): void;
  start(): void;
  write(text: unknown): void;
  wrapup(): void;
}
const { Shell } = require('shell/shell') as { Shell: new (options: object) => Shell };

let shell: Shell | undefined;

/** Runs a command from initialization to wrapup, if it does not end before. No shell sees it: quotes hold words together,
 *  and what only a shell does is refused. What it writes as error is reported.
 *  @input stdin    string; for its standard input
 *  @input command  string, default "ls"; program and arguments
 *  @output stdout  string; what it writes
 *  @error initialize throws if the command asks for what only a shell does; a program that is missing, fails or writes errors is reported
 *  @example
 *  const exec = this.instantiate('exec', 'utilities/Exec');
 *  exec.setDefault('command', 'cat');
 *  this.connect(source, 'output', exec, 'stdin');
 *  this.connect(exec, 'stdout', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('stdin', { type: 'string' });
  this.input('command', { value: 'ls', type: 'string' });
  this.output('stdout', { type: 'string' });
}

export function initialize(this: AccessorContext): void {
  const started = new Shell({ cmd: this.get('command') });
  shell = started;
  started.on('message', (text) => this.send('stdout', text));
  started.on('error', (text) => this.error(text));
  started.on('exit', (code) => {
    if (code !== 0) this.error(`The command ended with ${code}.`);
  });
  this.addInputHandler('stdin', () => started.write(this.get('stdin')));
  started.start();
}

export function wrapup(this: AccessorContext): void {
  shell?.wrapup();
  shell = undefined;
}
