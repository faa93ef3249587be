import { failureOf } from '../failure.ts';
import type { PlainProcess } from '../plain-edge.ts';
import { Shuttle } from './shuttle.ts';
import type { Yard } from './yard.ts';

/** A program that runs for a swarmlet, with its standard input and output; its standard error is a shuttle of its own. */
export class Program extends Shuttle {
  readonly #process: PlainProcess;
  #over = false;
  #silent = false;

  constructor(id: number, yard: Yard, started: PlainProcess) {
    super(id, yard, started.stdout, started.stdin);
    this.#process = started;
    started.on('error', (error) => {
      this.#ended(() => yard.tell({ on: 'closed', id, error: failureOf(error) }));
    });
    started.on('close', (code, signal) => {
      this.#ended(() => {
        yard.tell({ on: 'exited', id, code, signal });
        if (this.#silent) super.closed();
      });
    });
  }

  get pid(): number | undefined {
    return this.#over ? undefined : this.#process.pid;
  }

  #ended(tell: () => void): void {
    if (this.#over) return;
    this.#over = true;
    tell();
  }

  /** How it ended is told before. */
  protected override closed(): void {
    this.#silent = true;
    if (this.#over) super.closed();
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (!this.#over) this.#process.kill(signal);
  }

  /** It had its time to end by itself while the swarmlet wrapped up. */
  override giveUp(): void {
    super.giveUp(false);
    this.kill('SIGKILL');
  }
}
