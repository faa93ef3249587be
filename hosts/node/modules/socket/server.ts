import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { createSecureContext, createServer } from 'node:tls';
import type { EdgeScope, Listener, Peer } from '../../edge/index.ts';
import { type Certificates, serverCertificates, trustedCertificates } from '../shared/index.ts';
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
  #listener: Listener | undefined;
  #closed: (() => unknown) | undefined;

  constructor(edge: EdgeScope, options: Partial<ServerOptions> = {}) {
    super();
    this.#edge = edge;
    this.#options = { ...defaults, ...options };
  }

  start(): void {
    if (this.#closed) return;
    this.#edge.requireRealTime(`Listening at port ${this.#options.port}`);
    const closed = this.#edge.own({
      close: () => {
        for (const emitter of [this, ...this.#sockets]) emitter.removeAllListeners();
        this.stop();
      },
    });
    this.#closed = closed;
    Promise.all([serverCertificates(this.#edge, this.#options), trustedCertificates(this.#edge, this.#options)]).then(
      ([own, trusted]) => {
        if (this.#closed === closed) this.#listen({ ...own, ...trusted });
      },
      (error: Error) => this.#failed(error.message),
    );
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
    for (const socket of [...this.#sockets]) socket.close();
  }

  #failed(reason: string): void {
    this.stop();
    this.emit('error', reason);
  }

  #listen(certificates: Certificates): void {
    const { hostInterface: host, port, noDelay, keepAlive, sslTls } = this.#options;
    let secure: ((stream: Duplex, peer: Peer) => void) | undefined;
    try {
      secure = sslTls ? this.#securer(certificates) : undefined;
    } catch (error) {
      this.#failed(`The certificate ${this.#options.pfxKeyCertPath} cannot be used: ${(error as Error).message}`);
      return;
    }
    const listener = this.#edge.listen({ host, port: Number(port), noDelay, keepAlive });
    this.#listener = listener;
    listener.on('listening', (at) => this.emit('listening', at.port));
    listener.on('error', (error) => this.#failed(error.message));
    listener.on('connection', secure ?? ((stream, peer) => this.#connected(stream, peer)));
  }

  /** @throws Error if the certificate is none, or its password is another */
  #securer(certificates: Certificates): (stream: Duplex, peer: Peer) => void {
    const { clientAuth } = this.#options;
    const options = {
      ...certificates,
      requestCert: clientAuth !== 'none',
      rejectUnauthorized: clientAuth === 'required',
      handshakeTimeout: HANDSHAKE_MS,
    };
    createSecureContext(options);
    return (stream, peer) => {
      stream.on('error', () => {}); // told by the secured stream, once there is one
      // A server for each connection: only so it is known whose connection has become secure.
      createServer(options)
        .once('secureConnection', (secured) => this.#connected(secured, peer))
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
