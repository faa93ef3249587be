import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { EdgeScope, Listener, ListenOptions } from '../../edge/index.ts';

/** What a server makes known. */
export interface HttpListenerEvents {
  listening(port: number): void;
  failed(error: Error): void;
}

/** Makes TLS of a connection, as its server. */
export type Secure = (stream: Duplex) => Duplex;

/** An HTTP server at a port of the edge. */
export class HttpListener {
  readonly #listener: Listener;
  readonly #server: Server;
  /** Connections, but for those that do not speak HTTP any more. */
  readonly #connections = new Set<Duplex>();
  readonly #responses = new Set<ServerResponse>();
  #draining = false;
  #closed = false;
  #empty = (): void => {};

  /**
   * @param secure  once what it needs is there, as a certificate. Until then who connects waits, since a version that listened
   *                only then would leave a gap between it and the one before it
   * @throws Error under a simulated clock
   */
  constructor(edge: EdgeScope, options: ListenOptions, server: Server, events: HttpListenerEvents, secure?: Promise<Secure>) {
    const then = (step: (made?: Secure) => void, otherwise = (): void => {}): void => (secure ? void secure.then(step, otherwise) : step());
    secure?.catch((error: Error) => {
      if (!this.#closed) events.failed(error);
    });
    this.#server = server;
    server.prependListener('request', (_request, response) => this.#answering(response));
    server.prependListener('upgrade', (_request, stream: Duplex) => this.#forget(stream));
    this.#listener = edge.listen(options);
    this.#listener.on('connection', (stream) => {
      this.#keep(stream);
      then(
        (made) => this.#serve(stream, made),
        () => stream.destroy(),
      );
    });
    this.#listener.on('listening', (at) => {
      then(() => {
        if (this.#closed) return;
        server.emit('listening'); // from here on it looks for clients that never finish what they ask
        events.listening(at.port);
      });
    });
    this.#listener.on('error', (error) => events.failed(error));
  }

  /**
   * Takes nothing new, answers what was asked, and closes each connection with its next answer: HTTP has no other way to end
   * one that is kept without losing a request that is on its way.
   * @returns  resolves when no connection of HTTP is left
   */
  drain(): Promise<void> {
    this.#draining = true;
    this.#listener.close();
    for (const response of this.#responses) lastOf(response);
    return new Promise((resolve) => {
      if (this.#connections.size === 0) resolve();
      else this.#empty = resolve;
    });
  }

  /** Closes all connections. */
  close(): void {
    this.#closed = true;
    this.#listener
      .removeAllListeners('listening')
      .removeAllListeners('error')
      .on('error', () => {});
    this.#listener.close();
    this.#server.close();
    for (const stream of this.#connections) stream.destroy();
  }

  /** A connection over TLS is one of the server's, and has one end, while it is in its handshake as well. */
  #serve(stream: Duplex, secure: Secure | undefined): void {
    if (this.#closed) stream.destroy();
    if (stream.destroyed) return; // while it waited
    const served = secure?.(stream) ?? stream;
    this.#keep(served);
    if (served !== stream) this.#forget(stream);
    this.#server.emit('connection', served);
  }

  #keep(stream: Duplex): void {
    this.#connections.add(stream);
    stream.once('close', () => this.#forget(stream));
  }

  #forget(stream: Duplex): void {
    this.#connections.delete(stream);
    if (this.#connections.size === 0) this.#empty();
  }

  #answering(response: ServerResponse): void {
    this.#responses.add(response);
    response.once('close', () => this.#responses.delete(response));
    if (this.#draining) lastOf(response);
  }
}

function lastOf(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
