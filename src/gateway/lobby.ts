import type { Socket } from 'node:net';

/**
 * Connections of callers that are not known yet, oldest first. There is room for few, so that nobody can take all of the
 * box by opening connections: whoever came first has to go first.
 */
export class Lobby {
  readonly #ofAddress: number;
  readonly #ofAll: number;
  readonly #waiting = new Map<Socket, string>();

  constructor(ofAddress: number, ofAll: number) {
    this.#ofAddress = ofAddress;
    this.#ofAll = ofAll;
  }

  get size(): number {
    return this.#waiting.size;
  }

  enter(socket: Socket, address: string): void {
    const neighbours = [...this.#waiting].filter(([, from]) => from === address);
    if (neighbours.length >= this.#ofAddress) this.#dismiss(neighbours[0]?.[0]);
    if (this.#waiting.size >= this.#ofAll) this.#dismiss(this.#waiting.keys().next().value);
    this.#waiting.set(socket, address);
  }

  find(isIt: (socket: Socket) => boolean): Socket | undefined {
    return [...this.#waiting.keys()].find(isIt);
  }

  /** It authenticated, or closed. */
  leave(socket: Socket): void {
    this.#waiting.delete(socket);
  }

  #dismiss(socket: Socket | undefined): void {
    if (!socket) return;
    this.#waiting.delete(socket);
    socket.destroy();
  }
}
