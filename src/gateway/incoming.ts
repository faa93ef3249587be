import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** Header and mask of a control frame from a client (RFC 6455 5.2, 5.5). */
const CONTROL_OVERHEAD = 6;

/**
 * The message that is under way on a connection: how much of it has come, and since when. Control frames may come in its
 * middle and are none of it, so that no ping prolongs it.
 */
export class Incoming {
  readonly #ws: WebSocket;
  readonly #lastsMs: number;
  readonly #late: () => void;
  #bytes = 0;
  #since = 0;
  /** One for each connection that is busy, not for each message: it looks again where the last one began later. */
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param lastsMs  a message that is not whole by then, counted from its first byte, is `late`
   * @param grown    called with the bytes of it so far, with each that come
   */
  constructor(ws: WebSocket, socket: Socket, lastsMs: number, late: () => void, grown: (bytes: number) => void) {
    this.#ws = ws;
    this.#lastsMs = lastsMs;
    this.#late = late;
    // Before the reader of frames gets them.
    socket.prependListener('data', (chunk: Buffer) => {
      if (this.#bytes === 0) this.#begin(lastsMs);
      this.#bytes += chunk.length;
      grown(this.#bytes);
    });
    for (const event of ['ping', 'pong'] as const) {
      ws.on(event, (data: Buffer) => {
        this.#bytes = Math.max(0, this.#bytes - data.length - CONTROL_OVERHEAD);
      });
    }
    ws.on('message', () => {
      this.#bytes = 0;
    });
    ws.on('close', () => clearTimeout(this.#timer));
  }

  #begin(leftMs: number): void {
    this.#since = performance.now();
    this.#timer ??= this.#lookIn(leftMs);
  }

  #lookIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#look(), ms).unref();
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#bytes === 0) return;
    if (this.#ws.isPaused)
      this.#begin(this.#lastsMs); // this side does not read: that is not the sender's fault
    else {
      const leftMs = this.#since + this.#lastsMs - performance.now();
      if (leftMs > 0) this.#timer = this.#lookIn(Math.ceil(leftMs));
      else this.#late();
    }
  }
}
