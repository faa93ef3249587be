import { EventEmitter } from 'node:events';
import { Fifo } from '../../../common/index.ts';
import type { DatagramEvents, DatagramOptions, Datagrams, Peer } from '../edge.ts';
import { errorOf } from '../failure.ts';
import { datagramBytes, type EdgeEvent, pieceBytes, portionBytes, streamWindow } from '../wire.ts';
import type { Registry, Wired } from './wired.ts';

type Done = (error: Error | null) => void;

interface Waiting {
  readonly data: Uint8Array;
  readonly to: Peer;
  readonly done: Done;
}

/** Bytes that may wait for the host to take them; a datagram beyond is not sent, as the system does it. */
const MAX_WAITING = 2 ** 20;

/** A datagram socket that the host holds. */
export class FarDatagrams extends EventEmitter<DatagramEvents> implements Datagrams, Wired {
  readonly #id: number;
  readonly #registry: Registry;
  readonly #waiting = new Fifo<Waiting>();
  readonly #sent = new Fifo<{ readonly bytes: number; readonly done: Done }>();
  #waitingBytes = 0;
  #underWay = 0;
  #untold = 0;
  #open = true;

  constructor(id: number, registry: Registry, options: DatagramOptions) {
    super();
    this.#id = id;
    this.#registry = registry;
    registry.add(id, this);
    registry.wire.tell({ do: 'datagrams', id, ...options });
  }

  event(event: EdgeEvent): void {
    switch (event.on) {
      case 'opened':
        if (event.at) this.emit('listening', event.at);
        return;
      case 'sent':
        for (let i = 0; i < event.count; i++) this.#left(null);
        if (event.error) this.#left(errorOf(event.error));
        this.#send();
        return;
      case 'closed':
        this.close();
        if (event.error) this.emit('error', errorOf(event.error));
        return;
      default:
    }
  }

  arrived(data: Buffer, from: Peer): void {
    this.#untold += data.length + 1;
    this.emit('message', data, from);
    if (this.#untold < portionBytes || !this.#open) return;
    this.#registry.wire.tell({ do: 'more', id: this.#id, bytes: this.#untold });
    this.#untold = 0;
  }

  send(data: Uint8Array, to: Peer, done: Done): void {
    if (!this.#open) return;
    const refusal = problemOf(data, to) ?? (this.#waitingBytes > MAX_WAITING ? 'too many datagrams wait to be sent' : undefined);
    if (refusal) {
      process.nextTick(done, new Error(refusal));
      return;
    }
    this.#waiting.push({ data, to, done });
    this.#waitingBytes += data.length + 1;
    this.#send();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#registry.forget(this.#id);
    this.#registry.wire.tell({ do: 'close', id: this.#id });
    process.nextTick(() => this.emit('close'));
  }

  #send(): void {
    while (this.#waiting.size > 0 && this.#underWay < streamWindow) {
      const { data, to, done } = this.#waiting.shift();
      this.#waitingBytes -= data.length + 1;
      this.#underWay += data.length + 1;
      this.#sent.push({ bytes: data.length + 1, done });
      this.#registry.wire.bytes(datagramBytes(this.#id, to, data));
    }
  }

  #left(error: Error | null): void {
    if (this.#sent.size === 0) return;
    const { bytes, done } = this.#sent.shift();
    this.#underWay -= bytes;
    done(error);
  }
}

/** What the wire could not carry. */
function problemOf(data: Uint8Array, { port }: Peer): string | undefined {
  if (!Number.isInteger(port) || port < 1 || port > 65535) return `Port should be from 1 to 65535, got ${port}`;
  return data.length > pieceBytes - 1 ? `A datagram of ${data.length} bytes is too long` : undefined;
}
