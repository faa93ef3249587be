import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ListenOptions, Peer } from '../edge.ts';
import { failureOf } from '../failure.ts';
import type { Berth, Harbour } from './harbour.ts';
import { Shuttle } from './shuttle.ts';
import type { Held, Yard } from './yard.ts';

/** Connections that may wait for the swarmlet's rate; more are closed. */
const BACKLOG = 128;

interface Caller {
  readonly stream: Duplex;
  readonly from: Peer;
}

/** A port that the host listens at for a swarmlet. */
export class Dock implements Held {
  readonly #id: number;
  readonly #yard: Yard;
  readonly #berth: Berth;
  readonly #options: ListenOptions;
  /** They came while the swarmlet's rate was spent. */
  #waiting: Caller[] = [];
  /** Connections that the swarmlet has. */
  readonly #given = new Map<Shuttle, Caller>();
  #closed = false;

  constructor(id: number, yard: Yard, harbour: Harbour, swarmlet: string, options: ListenOptions) {
    this.#id = id;
    this.#yard = yard;
    this.#options = options;
    this.#berth = harbour.listen(swarmlet, options, {
      owner: yard,
      listening: (at) => yard.tell({ on: 'opened', id, at }),
      arrived: (stream, from) => this.#connected({ stream, from }),
      leaves: () => this.#untouched().map(({ stream, from }) => [stream, from]),
      failed: (error) => {
        if (this.#closed) return;
        this.giveUp();
        yard.tell({ on: 'closed', id, error: failureOf(error) });
      },
    });
  }

  #connected(caller: Caller): void {
    const yard = this.#yard;
    const { stream, from } = caller;
    if (stream.destroyed) return; // it hung up while it waited
    if (!yard.mayGrant) {
      if (this.#waiting.length >= BACKLOG) stream.destroy();
      else this.#waiting.push(caller);
      return;
    }
    const { noDelay, keepAlive } = this.#options; // of this version, whichever opened the port
    (stream as Socket).setNoDelay(noDelay === true).setKeepAlive(keepAlive === true);
    const id = yard.take((made) => {
      yard.tell({ on: 'accepted', id: this.#id, stream: made, from }); // before its first bytes
      const shuttle = new Shuttle(made, yard, stream, stream);
      this.#given.set(shuttle, caller);
      stream.once('close', () => this.#given.delete(shuttle));
      return shuttle;
    });
    if (id === undefined) stream.destroy(); // too many are open
  }

  /** Connections of which no byte has moved, whoever they were for: somebody else can serve them as well. */
  #untouched(): Caller[] {
    const released = [...this.#given].filter(([shuttle]) => shuttle.release());
    for (const [shuttle] of released) this.#given.delete(shuttle);
    return [...released.map(([, caller]) => caller), ...this.#waiting.splice(0)];
  }

  flow(): void {
    for (const caller of this.#waiting.splice(0)) this.#connected(caller);
  }

  running(): void {
    this.#berth.run();
  }

  close(): void {
    this.giveUp();
    this.#yard.forget(this.#id);
  }

  giveUp(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#berth.close();
    for (const { stream } of this.#waiting) stream.destroy();
  }
}
