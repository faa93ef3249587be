import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { EdgeScope, Listener, ListenOptions } from '../../edge/index.ts';

/** What a server makes known. */
export interface HttpListenerEvents {
  listening(port: number): void;
  failed(error: Error): void;
}

/** An HTTP server at a port of the edge. */
export class HttpListener {
  readonly #listener: Listener;
  readonly #server: Server;
  /** Connections, and those of them that do not speak HTTP any more. */
  #open = 0;
  #upgraded = 0;
  readonly #responses = new Set<ServerResponse>();
  #draining = false;
  #closed = false;
  #empty = (): void => {};

  /**
   * @param ready  what the server needs before it can serve, as a certificate: until then who connects waits, since a version that
   *               listened only then would leave a gap between it and the one before it
   * @throws Error under a simulated clock
   */
  constructor(edge: EdgeScope, options: ListenOptions, server: Server, events: HttpListenerEvents, ready?: Promise<void>) {
    const then = (step: () => void, otherwise = (): void => {}): void => (ready ? void ready.then(step, otherwise) : step());
    ready?.catch((error: Error) => {
      if (!this.#closed) events.failed(error);
    });
    this.#server = server;
    server.prependListener('request', (_request, response) => this.#answering(response));
    server.prependListener('upgrade', (_request, stream: Duplex) => {
      this.#upgraded++;
      stream.once('close', () => this.#upgraded--);
      this.#look();
    });
    this.#listener = edge.listen(options);
    this.#listener.on('connection', (stream) => {
      this.#open++;
      stream.once('close', () => {
        this.#open--;
        this.#look();
      });
      then(
        () => server.emit('connection', stream),
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
      this.#empty = resolve;
      this.#look();
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
    this.#server.closeAllConnections();
  }

  #answering(response: ServerResponse): void {
    this.#responses.add(response);
    response.once('close', () => this.#responses.delete(response));
    if (this.#draining) lastOf(response);
  }

  #look(): void {
    if (this.#open <= this.#upgraded) this.#empty();
  }
}

function lastOf(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
