import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { notificationText } from './rpc.ts';

const nothing = Buffer.alloc(0);

/**
 * What a connection sends, bounded: for a slow reader notifications are dropped and counted and no further call of it is
 * read; a reader that takes nothing at all is closed. What is sent first in a turn of the event loop leaves at once, and all that
 * follows in that turn in one write: a call of the system for each of many outputs would cost more than all the rest of their way.
 */
export class Outbox {
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #limit: number;
  readonly #stalledMs: number;
  #dropped = 0;
  #stall: NodeJS.Timeout | undefined;
  /** Reasons not to read. */
  #holds = 0;
  #corked = false;
  /** Something was sent in this turn. */
  #begun = false;
  readonly #turn = (): void => {
    this.#begun = false;
    this.#uncork();
  };

  constructor(ws: WebSocket, socket: Socket, limits: { readonly bufferedBytes: number; readonly stalledMs: number }) {
    this.#ws = ws;
    this.#socket = socket;
    this.#limit = limits.bufferedBytes;
    this.#stalledMs = limits.stalledMs;
    socket.once('close', () => clearTimeout(this.#stall));
  }

  get full(): boolean {
    return this.#ws.bufferedAmount >= this.#limit;
  }

  /** Nothing more is read from the caller until as many `letRead`; what has arrived already still comes. */
  holdReading(): void {
    this.#holds++;
    this.#ws.pause();
  }

  letRead(): void {
    this.#holds--;
    if (!this.#stall && this.#holds === 0) this.#ws.resume();
  }

  /** An answer: always sent. */
  reply(text: string): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#send(text);
    this.#watch();
  }

  notify(text: string): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (this.#corked && this.#ws.bufferedAmount + text.length > this.#limit) this.#uncork(); // as much as the system takes now
    const buffered = this.#ws.bufferedAmount;
    if (this.#dropped > 0 || (buffered > 0 && buffered + text.length > this.#limit)) {
      this.#dropped++; // also what would fit again: first the reader has to learn that something is missing
      this.#watch();
      return;
    }
    this.#send(text);
  }

  #send(text: string): void {
    if (!this.#begun) {
      this.#begun = true;
      setImmediate(this.#turn);
    } else if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
    }
    this.#ws.send(text);
  }

  #uncork(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  }

  #watch(): void {
    if ((!this.full && this.#dropped === 0) || this.#stall) return;
    this.#ws.pause();
    // Not by 'drain', which only comes after a queue above the socket's own mark: that differs between versions of Node.
    this.#socket.write(nothing, (error) => {
      if (!error) this.#drained();
    });
    this.#stallAfter(this.#socket.bytesWritten - this.#socket.writableLength);
  }

  /** @param written  bytes that the system had taken */
  #stallAfter(written: number): void {
    this.#stall = setTimeout(() => {
      const now = this.#socket.bytesWritten - this.#socket.writableLength;
      if (now === written) this.#ws.terminate();
      else this.#stallAfter(now);
    }, this.#stalledMs);
  }

  /** All that was queued when it began to watch has left. */
  #drained(): void {
    clearTimeout(this.#stall);
    this.#stall = undefined;
    if (this.#dropped > 0) {
      const count = this.#dropped;
      this.#dropped = 0;
      this.reply(notificationText('dropped', { count }));
    }
    if (this.#ws.isPaused && this.#holds === 0) this.#ws.resume();
  }
}
