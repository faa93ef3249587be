import type { DatagramOptions, Datagrams, Peer } from '../edge.ts';
import { failureOf } from '../failure.ts';
import { datagramBytes, streamWindow } from '../wire.ts';
import type { Berth } from './harbour.ts';
import type { Permit } from './permit.ts';
import type { World } from './world.ts';
import { EdgeError, type Held, type Yard } from './yard.ts';

/** Those whom a socket may answer, because they wrote to it. */
const CORRESPONDENTS = 1024;

/** A datagram socket. What the swarmlet does not take in time is dropped, as the system drops it. */
export class Mail implements Held {
  readonly #id: number;
  readonly #yard: Yard;
  readonly #permit: Permit;
  readonly #socket: Partial<Berth> & Pick<Datagrams, 'send' | 'close'>;
  readonly #correspondents = new Set<string>();
  #credit = streamWindow;
  #underWay = 0;
  #sent = 0;
  #closed = false;

  constructor(id: number, yard: Yard, permit: Permit, { edge, harbour }: World, swarmlet: string, options: DatagramOptions) {
    this.#id = id;
    this.#yard = yard;
    this.#permit = permit;
    const crew = {
      owner: yard,
      listening: (at: Peer) => yard.tell({ on: 'opened', id, at }),
      arrived: (data: Buffer, from: Peer) => this.#arrived(data, from),
      leaves: () => [],
      failed: (error: Error) => this.#failed(error),
    };
    const { bind } = options;
    if (bind) this.#socket = harbour.receive(swarmlet, { ...options, bind }, crew);
    else this.#socket = edge.datagrams(options).on('listening', crew.listening).on('message', crew.arrived).on('error', crew.failed);
  }

  #failed(error: Error): void {
    if (this.#closed) return;
    this.giveUp();
    this.#yard.tell({ on: 'closed', id: this.#id, error: failureOf(error) });
  }

  #arrived(data: Buffer, from: Peer): void {
    if (this.#closed || this.#credit <= 0 || !this.#yard.mayRead) return;
    this.#credit -= data.length + 1;
    const name = nameOf(from);
    this.#correspondents.delete(name);
    this.#correspondents.add(name);
    if (this.#correspondents.size > CORRESPONDENTS) this.#correspondents.delete(this.#correspondents.values().next().value as string);
    this.#yard.bytes(datagramBytes(this.#id, from, data));
  }

  more(bytes: number): void {
    if (this.#credit + bytes > streamWindow) throw new EdgeError('more was taken than came');
    this.#credit += bytes;
  }

  datagram(data: Buffer, to: Peer): void {
    // The last one may be larger than what was left.
    if (this.#underWay >= streamWindow) throw new EdgeError('more was sent than was allowed');
    const bytes = data.length + 1;
    this.#underWay += bytes;
    const refusal = this.#correspondents.has(nameOf(to)) ? undefined : this.#permit.send(to.host, to.port);
    const done = (error: Error | null): void => this.#left(bytes, error);
    if (this.#closed) done(null);
    else if (refusal) process.nextTick(done, refusal);
    else this.#socket.send(data, to, done);
  }

  #left(bytes: number, error: Error | null): void {
    this.#underWay -= bytes;
    if (this.#closed) return;
    if (error) {
      this.#yard.tell({ on: 'sent', id: this.#id, count: this.#sent, error: failureOf(error) });
      this.#sent = 0;
    } else if (this.#sent++ === 0) setImmediate(() => this.flow());
  }

  /** Those that left in one turn are told together. */
  flow(): void {
    if (this.#closed || this.#sent === 0 || !this.#yard.mayGrant) return;
    this.#yard.tell({ on: 'sent', id: this.#id, count: this.#sent });
    this.#sent = 0;
  }

  running(): void {
    this.#socket.run?.();
  }

  close(): void {
    this.giveUp();
    this.#yard.forget(this.#id);
  }

  giveUp(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}

function nameOf({ host, port }: Peer): string {
  return `${host} ${port}`;
}
