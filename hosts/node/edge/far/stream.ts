import { Duplex } from 'node:stream';
import { errorOf } from '../failure.ts';
import { type EdgeEvent, pieceBytes, portionBytes, streamBytes, streamWindow } from '../wire.ts';
import type { Registry, Wired } from './wired.ts';

type Callback = (error?: Error | null) => void;

/**
 * A stream whose other end the host holds. What is written waits while a window of it is under way, and what arrives is
 * told as taken only when it was read: so a slow end stops the other one, and nothing fills up in between.
 */
export class FarStream extends Duplex implements Wired {
  readonly #id: number;
  readonly #registry: Registry;
  #credit = streamWindow;
  #waiting: { readonly data: Buffer; readonly done: Callback } | undefined;
  /** Bytes that arrived and were not told as taken. */
  #untold = 0;

  #ended = false;

  /** @param autoDestroy  false: it is known at the other end until that says that it is closed */
  constructor(id: number, registry: Registry, autoDestroy = true) {
    super({ allowHalfOpen: false, autoDestroy, readableHighWaterMark: pieceBytes, writableHighWaterMark: pieceBytes });
    this.#id = id;
    this.#registry = registry;
    registry.add(id, this);
  }

  event(event: EdgeEvent): void {
    switch (event.on) {
      case 'opened':
        this.emit('connect');
        return;
      case 'ended':
        this.#ended = true;
        this.push(null);
        return;
      case 'more':
        this.#credit += event.bytes;
        this.#send();
        return;
      case 'closed':
        // What came before the end is read, however late.
        if (this.#ended && !this.readableEnded && !event.error) this.once('end', () => this.destroy());
        else this.destroy(event.error && errorOf(event.error));
        return;
      default:
    }
  }

  arrived(data: Buffer): void {
    this.#untold += data.length;
    this.push(data);
    this.#tell();
  }

  override _read(): void {
    this.#tell();
  }

  override _write(data: Buffer, _encoding: string, done: Callback): void {
    this.#waiting = { data, done };
    this.#send();
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: Callback): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), '', done);
  }

  override _final(done: Callback): void {
    this.#registry.wire.tell({ do: 'end', id: this.#id });
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#registry.forget(this.#id);
    this.#registry.wire.tell({ do: 'close', id: this.#id });
    const waiting = this.#waiting;
    this.#waiting = undefined;
    done(error);
    waiting?.done(error ?? new Error('The stream was closed'));
  }

  #tell(): void {
    const taken = this.#untold - this.readableLength;
    if (taken < portionBytes || this.destroyed) return;
    this.#untold -= taken;
    this.#registry.wire.tell({ do: 'more', id: this.#id, bytes: taken });
  }

  #send(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    const { data, done } = waiting;
    let at = 0;
    while (at < data.length && this.#credit > 0) {
      const piece = data.subarray(at, at + Math.min(this.#credit, pieceBytes));
      this.#registry.wire.bytes(streamBytes(this.#id, piece));
      this.#credit -= piece.length;
      at += piece.length;
    }
    this.#waiting = at < data.length ? { data: data.subarray(at), done } : undefined;
    if (!this.#waiting) done();
  }
}
