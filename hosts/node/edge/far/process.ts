import { EventEmitter } from 'node:events';
import type { Process, ProcessEvents, SpawnOptions } from '../edge.ts';
import { errorOf } from '../failure.ts';
import type { EdgeEvent } from '../wire.ts';
import { FarStream } from './stream.ts';
import type { Registry } from './wired.ts';

/** The standard input and output of a program; that both have ended is not the end of it. */
class Standard extends FarStream {
  readonly #tell: (event: EdgeEvent) => void;

  constructor(id: number, registry: Registry, tell: (event: EdgeEvent) => void) {
    super(id, registry, false);
    this.#tell = tell;
    this.allowHalfOpen = true;
  }

  override event(event: EdgeEvent): void {
    this.#tell(event);
    super.event(event.on === 'closed' ? { on: 'closed', id: event.id } : event);
  }
}

/** A program that the host runs. */
export class FarProcess extends EventEmitter<ProcessEvents> implements Process {
  readonly stdin: FarStream;
  readonly stdout: FarStream;
  readonly stderr: FarStream;
  readonly #id: number;
  readonly #registry: Registry;
  #ended = false;

  constructor(id: number, registry: Registry, { command, args }: SpawnOptions) {
    super();
    this.#id = id;
    this.#registry = registry;
    this.stdout = new Standard(id, registry, (event) => this.#event(event));
    this.stdin = this.stdout;
    this.stderr = new FarStream(id + 1, registry);
    registry.wire.tell({ do: 'spawn', id, command, args });
  }

  kill(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): void {
    if (!this.#ended) this.#registry.wire.tell({ do: 'kill', id: this.#id, signal });
  }

  #event(event: EdgeEvent): void {
    if (this.#ended) return;
    if (event.on === 'exited') this.#exited(event.code, event.signal);
    else if (event.on === 'closed' && event.error) {
      this.#ended = true;
      this.emit('error', errorOf(event.error));
    }
  }

  /** Told behind everything that it wrote. */
  #exited(code: number | null, signal: string | null): void {
    this.#ended = true;
    const reading = [this.stdout, this.stderr].filter((stream) => !stream.readableEnded && !stream.destroyed);
    let left = reading.length;
    const over = (): void => {
      if (left-- <= 0) this.emit('close', code, signal);
    };
    for (const stream of reading) {
      const once = (): void => {
        stream.off('end', once).off('close', once);
        over();
      };
      stream.on('end', once).on('close', once);
    }
    setImmediate(over);
  }
}
