import { EventEmitter } from 'node:events';
import type { Listener, ListenerEvents, ListenOptions } from '../edge.ts';
import { errorOf } from '../failure.ts';
import type { EdgeEvent } from '../wire.ts';
import { FarStream } from './stream.ts';
import type { Registry, Wired } from './wired.ts';

/** A port at which the host listens for this swarmlet. */
export class FarListener extends EventEmitter<ListenerEvents> implements Listener, Wired {
  readonly #id: number;
  readonly #registry: Registry;
  #open = true;

  constructor(id: number, registry: Registry, options: ListenOptions) {
    super();
    this.#id = id;
    this.#registry = registry;
    registry.add(id, this);
    registry.wire.tell({ do: 'listen', id, ...options });
  }

  event(event: EdgeEvent): void {
    if (event.on === 'opened' && event.at) this.emit('listening', event.at);
    else if (event.on === 'closed') {
      this.close();
      if (event.error) this.emit('error', errorOf(event.error));
    } else if (event.on === 'accepted') {
      const stream = new FarStream(event.stream, this.#registry);
      if (!this.emit('connection', stream, event.from)) stream.destroy();
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#registry.forget(this.#id);
    this.#registry.wire.tell({ do: 'close', id: this.#id });
    process.nextTick(() => this.emit('close'));
  }
}
