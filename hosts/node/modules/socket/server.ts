import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { createSecureContext, createServer } from 'node:tls';
import type { EdgeScope, Listener, Peer } from '../../edge/index.ts';
import { serverCertificates, trustedCertificates } from '../shared/index.ts';
import { Channel, type ChannelOptions } from './channel.ts';

export interface ServerOptions extends ChannelOptions {
  /** Whether clients must show a certificate. */
  readonly clientAuth: 'none' | 'request' | 'required';
  readonly hostInterface: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly keepAlive: boolean;
  readonly noDelay: boolean;
  readonly pfxKeyCertPassword: string;
  readonly pfxKeyCertPath: string;
  readonly sslTls: boolean;
  readonly trustedCACertPath: string;
}

const defaults: ServerOptions = {
  clientAuth: 'none',
  hostInterface: '0.0.0.0',
  port: 4000,
  emitBatchDataAsAvailable: false,
  idleTimeout: 0,
  keepAlive: true,
  noDelay: true,
  pfxKeyCertPassword: '',
  pfxKeyCertPath: '',
  rawBytes: true,
  receiveType: 'string',
  sendType: 'string',
  sslTls: false,
  trustedCACertPath: '',
};

/** What a client has to finish its handshake. */
const HANDSHAKE_MS = 10_000;

/** Emits `listening` with the port, `connection` with the socket, and `error` with a text. */
export class SocketServer extends EventEmitter {
  readonly #edge: EdgeScope;
  readonly #options: ServerOptions;
  readonly #sockets = new Set<ServerSocket>();
  /** Connections that are not secured yet. */
  readonly #securing = new Set<Duplex>();
  #allSecured = (): void => {};
  #listener: Listener | undefined;
  #closed: (() => unknown) | undefined;

  constructor(edge: EdgeScope, options: Partial<ServerOptions> = {}) {
    super();
    this.#edge = edge;
    this.#options = { ...defaults, ...options };
  }

  start(): void {
    if (this.#listener) return;
    const { hostInterface: host, port, noDelay, keepAlive, sslTls } = this.#options;
    const listener = this.#edge.listen({ host, port: Number(port), noDelay, keepAlive });
    this.#listener = listener;
    this.#closed = this.#edge.own({
      drain: () => this.#drain(listener),
      close: () => {
        for (const emitter of [this, ...this.#sockets]) emitter.removeAllListeners();
        this.stop();
      },
    });
    const serve = sslTls ? this.#securer() : (stream: Duplex, peer: Peer): void => this.#connected(stream, peer);
    const failed = (error: Error): void => {
      if (this.#listener === listener) this.#failed(error.message);
    };
    listener.on('error', failed);
    if (typeof serve === 'function') {
      listener.on('connection', serve).on('listening', (at) => this.emit('listening', at.port));
      return;
    }
    // Who connects before the certificates are read waits: a server that listened only then would leave a gap at an upgrade.
    serve.catch(failed);
    listener.on('connection', (stream, peer) => {
      this.#securing.add(stream);
      stream.on('error', () => {}); // told by the secured stream, once there is one
      stream.once('close', () => this.#secured(stream));
      serve.then(
        (secure) => !stream.destroyed && secure(stream, peer),
        () => stream.destroy(),
      );
    });
    listener.on('listening', async (at) => {
      await serve.catch(() => {}); // told above
      if (this.#listener === listener) this.emit('listening', at.port);
    });
  }

  /** Takes nothing new; whom it took before gets as far as one without TLS did at once. */
  #drain(listener: Listener): Promise<void> {
    listener.close();
    return new Promise((resolve) => {
      if (this.#securing.size === 0) resolve();
      else this.#allSecured = resolve;
    });
  }

  #secured(stream: Duplex): void {
    this.#securing.delete(stream);
    if (this.#securing.size === 0) this.#allSecured();
  }

  /** Closes all connections, too. */
  stop(): void {
    this.#closed?.();
    this.#closed = undefined;
    this.#listener
      ?.removeAllListeners('listening')
      .removeAllListeners('error')
      .on('error', () => {});
    this.#listener?.close();
    this.#listener = undefined;
    for (const stream of this.#securing) stream.destroy();
    for (const socket of [...this.#sockets]) socket.close();
  }

  #failed(reason: string): void {
    this.stop();
    this.emit('error', reason);
  }

  /** @throws Error if a certificate cannot be read, is none, or has another password */
  async #securer(): Promise<(stream: Duplex, peer: Peer) => void> {
    const { clientAuth, pfxKeyCertPath } = this.#options;
    const [own, trusted] = await Promise.all([
      serverCertificates(this.#edge, this.#options),
      trustedCertificates(this.#edge, this.#options),
    ]);
    const options = {
      ...own,
      ...trusted,
      requestCert: clientAuth !== 'none',
      rejectUnauthorized: clientAuth === 'required',
      handshakeTimeout: HANDSHAKE_MS,
    };
    try {
      createSecureContext(options);
    } catch (error) {
      throw new Error(`The certificate ${pfxKeyCertPath} cannot be used: ${(error as Error).message}`);
    }
    return (stream, peer) => {
      // A server for each connection: only so it is known whose connection has become secure.
      createServer(options)
        .once('secureConnection', (secured) => {
          this.#connected(secured, peer);
          this.#secured(stream);
        })
        .on('tlsClientError', () => {}) // who speaks no TLS, or shows no certificate, is closed
        .emit('connection', stream);
    };
  }

  #connected(stream: Duplex, peer: Peer): void {
    const socket = new ServerSocket(this.#edge, stream, this.#options, peer);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    this.emit('connection', socket);
  }
}

/** One connection. */
class ServerSocket extends Channel {
  readonly #peer: Peer;

  constructor(edge: EdgeScope, stream: Duplex, options: ChannelOptions, peer: Peer) {
    super(edge, stream, options);
    this.#peer = peer;
  }

  remoteHost(): string {
    return this.#peer.host;
  }

  remotePort(): number {
    return this.#peer.port;
  }
}
