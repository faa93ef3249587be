import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import type { EdgeScope } from '../edge/index.ts';
import { contentTypes, decodeContent, encodeContent, HttpListener, pacer, type Secure, serverCertificates } from './shared/index.ts';

interface Options {
  hostInterface: string;
  port: number;
  receiveType: string;
  sendType: string;
  sslTls: boolean;
  pfxKeyCertPassword: string;
  pfxKeyCertPath: string;
}

const defaults: Options = {
  hostInterface: 'localhost',
  port: 80,
  receiveType: 'application/json',
  sendType: 'application/json',
  sslTls: false,
  pfxKeyCertPassword: '',
  pfxKeyCertPath: '',
};

/** Bytes that may wait for a slow client; a message beyond them is an error. */
const MAX_WAITING = 64 * 2 ** 20;
/** What a client has to finish its handshake, and that of TLS before it. */
const HANDSHAKE_MS = 10_000;
/** Status of RFC 6455: the server ends, or another version has its place. */
const GOING_AWAY = 1001;

export function create(edge: EdgeScope): unknown {
  return {
    Server: class extends Server {
      constructor(options?: Partial<Options>) {
        super(edge, options);
      }
    },
    supportedReceiveTypes: () => [...contentTypes],
    supportedSendTypes: () => [...contentTypes],
  };
}

/** Emits `listening` with the port, `connection` with the socket, `headers`, and `error` with a text. */
class Server extends EventEmitter {
  readonly #edge: EdgeScope;
  readonly #options: Options;
  readonly #sockets = new Set<ServerSocket>();
  #listener: HttpListener | undefined;
  #closed = (): unknown => undefined;

  constructor(edge: EdgeScope, options: Partial<Options> = {}) {
    super();
    this.#edge = edge;
    this.#options = { ...defaults, ...options };
  }

  start(): void {
    if (this.#listener) return;
    const { hostInterface: host, port, sslTls } = this.#options;
    const http = createServer({ headersTimeout: HANDSHAKE_MS, connectionsCheckingInterval: 1000 });
    const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
    server.on('headers', (headers) => this.emit('headers', headers));
    http.on('request', (_, response) => response.writeHead(426, { connection: 'close' }).end('This is a web socket server.'));
    http.on('upgrade', (request, stream: Duplex, head) => {
      stream.on('error', () => stream.destroy()); // before the handshake is over nobody else listens
      server.handleUpgrade(request, stream, head, (socket) => this.#connected(socket));
    });
    const events = {
      listening: (at: number) => this.emit('listening', at),
      failed: (error: Error) => {
        this.stop();
        this.emit('error', error.message);
      },
    };
    const options = { host, port: Number(port), noDelay: true, keepAlive: true };
    const listener = new HttpListener(this.#edge, options, http, events, sslTls ? this.#secure() : undefined);
    this.#listener = listener;
    this.#closed = this.#edge.own({
      drain: () => listener.drain(),
      close: () => {
        for (const emitter of [this, ...this.#sockets]) emitter.removeAllListeners();
        this.#close(GOING_AWAY);
      },
    });
  }

  /** @throws Error that names the certificate */
  async #secure(): Promise<Secure> {
    const certificates = await serverCertificates(this.#edge, this.#options);
    try {
      const secureContext = createSecureContext(certificates);
      return (stream) => new TLSSocket(stream as Socket, { isServer: true, secureContext });
    } catch (error) {
      throw new Error(`The certificate ${this.#options.pfxKeyCertPath} cannot be used: ${(error as Error).message}`);
    }
  }

  /** Closes all connections, too. */
  stop(): void {
    this.#close();
  }

  /** @param code  tells the clients why */
  #close(code?: number): void {
    this.#closed();
    this.#listener?.close();
    this.#listener = undefined;
    for (const socket of this.#sockets) socket.close(code);
    this.#sockets.clear();
  }

  #connected(webSocket: WebSocket): void {
    const socket = new ServerSocket(this.#edge, webSocket, this.#options);
    this.#sockets.add(socket);
    webSocket.on('close', () => this.#sockets.delete(socket));
    this.emit('connection', socket);
  }
}

/** One connection. Emits `message` with the converted value, `close`, and `error` with a text. */
class ServerSocket extends EventEmitter {
  readonly #socket: WebSocket;
  readonly #sendType: string;

  constructor(edge: EdgeScope, socket: WebSocket, { receiveType, sendType }: Options) {
    super();
    this.#socket = socket;
    this.#sendType = sendType;
    const arrived = pacer(edge, socket);
    socket.on('message', (data, isBinary) => {
      arrived();
      let message: unknown;
      try {
        message = decodeContent(data as Buffer, isBinary, receiveType);
      } catch (error) {
        this.emit('error', (error as Error).message);
        return;
      }
      this.emit('message', message);
    });
    socket.on('error', (error) => {
      if (this.listenerCount('error') > 0) this.emit('error', error.message); // a client that breaks the rules is closed anyhow
    });
    socket.on('close', () => this.emit('close'));
  }

  isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  send(data: unknown): void {
    const waiting = this.#socket.bufferedAmount;
    if (waiting > MAX_WAITING) {
      this.emit('error', `The client takes nothing; ${waiting} bytes wait. Message dropped.`);
      return;
    }
    try {
      this.#socket.send(encodeContent(data, this.#sendType));
    } catch (error) {
      this.emit('error', (error as Error).message);
    }
  }

  close(code?: number): void {
    this.#socket.close(code);
  }
}
