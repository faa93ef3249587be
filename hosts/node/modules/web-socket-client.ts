import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { EdgeScope } from '../edge/index.ts';
import {
  Attempts,
  type Certificates,
  contentTypes,
  decodeContent,
  encodeContent,
  pacer,
  problem,
  type SecureDone,
  secure,
  trustedCertificates,
} from './shared/index.ts';

interface Options {
  host: string;
  port: number;
  receiveType: string;
  sendType: string;
  /** ms for an attempt. */
  connectTimeout: number;
  numberOfRetries: number;
  timeBetweenRetries: number;
  sslTls: boolean;
  trustAll: boolean;
  trustedCACertPath: string;
  discardMessagesBeforeOpen: boolean;
}

const defaults: Options = {
  host: 'localhost',
  port: 80,
  receiveType: 'application/json',
  sendType: 'application/json',
  connectTimeout: 1000,
  numberOfRetries: 10,
  timeBetweenRetries: 500,
  sslTls: false,
  trustAll: false,
  trustedCACertPath: '',
  discardMessagesBeforeOpen: false,
};

/** Bytes that may wait for a slow peer, or for the connection; a message beyond them is an error. */
const MAX_WAITING = 64 * 2 ** 20;

export function create(edge: EdgeScope): unknown {
  return {
    Client: class extends Client {
      constructor(options?: Partial<Options>) {
        super(edge, options);
      }
    },
    supportedReceiveTypes: () => [...contentTypes],
    supportedSendTypes: () => [...contentTypes],
  };
}

/** Emits `open`, `message` with the converted value, `close`, and `error` with a text. */
class Client extends EventEmitter {
  readonly #edge: EdgeScope;
  readonly #options: Options;
  /** Messages that wait for the connection. */
  #waiting: (string | Uint8Array)[] = [];
  #waitingBytes = 0;
  #socket: WebSocket | undefined;
  /** The connection of the last attempt: the socket has it only after the TLS handshake, so cannot end it before. */
  #stream: Duplex | undefined;
  #attempts: Attempts | undefined;
  #closed: (() => unknown) | undefined;
  #certificates: Certificates = {};

  constructor(edge: EdgeScope, options: Partial<Options> = {}) {
    super();
    this.#edge = edge;
    this.#options = { ...defaults, ...options };
  }

  open(): void {
    if (this.#closed) return;
    this.#closed = this.#edge.own({
      close: () => {
        this.removeAllListeners();
        this.close();
      },
    });
    const over = this.#edge.operation();
    trustedCertificates(this.#edge, this.#options)
      .then(
        (certificates) => {
          this.#certificates = certificates;
          if (this.#closed) this.#begin();
        },
        (error: Error) => {
          this.#give();
          this.emit('error', error.message);
        },
      )
      .finally(over);
  }

  send(data: unknown): void {
    let message: string | Uint8Array;
    try {
      message = encodeContent(data, this.#options.sendType);
    } catch (error) {
      this.emit('error', (error as Error).message);
      return;
    }
    const socket = this.#socket;
    if (socket?.readyState === WebSocket.OPEN) {
      if (socket.bufferedAmount > MAX_WAITING)
        this.emit('error', `The server takes nothing; ${socket.bufferedAmount} bytes wait. Message dropped.`);
      else socket.send(message);
      return;
    }
    if (this.#options.discardMessagesBeforeOpen) {
      console.log(`The connection to ${this.#address} is not open; message discarded.`);
      return;
    }
    this.#waitingBytes += message.length;
    if (this.#waitingBytes > MAX_WAITING)
      this.emit('error', `More than ${MAX_WAITING} bytes wait for the connection to ${this.#address}. Message dropped.`);
    else this.#waiting.push(message);
  }

  /** Ends the connection, or the attempts to make it, with all messages that wait. Nothing is emitted any more but `close`. */
  close(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    const socket = this.#socket;
    const open = socket?.readyState === WebSocket.OPEN;
    this.#give();
    if (!socket) return;
    if (!open) {
      this.#abandon(socket);
      return;
    }
    socket.removeAllListeners().on('error', () => {});
    socket.close();
    this.emit('close');
  }

  get #address(): string {
    return `${this.#options.host}:${this.#options.port}`;
  }

  /** Nothing is left to be closed. */
  #give(): void {
    this.#attempts?.end();
    this.#attempts = undefined;
    this.#socket = undefined;
    this.#closed?.();
    this.#closed = undefined;
  }

  #abandon(socket: WebSocket): void {
    socket.removeAllListeners().on('error', () => {});
    socket.terminate();
    this.#stream?.destroy();
  }

  #begin(): void {
    const { numberOfRetries, timeBetweenRetries, connectTimeout } = this.#options;
    const options = { retries: Number(numberOfRetries), intervalMs: Number(timeBetweenRetries), timeoutMs: Number(connectTimeout) };
    this.#attempts = new Attempts(
      this.#edge,
      options,
      () => this.#attempt(),
      () => this.#failed(`no answer within ${connectTimeout} ms`),
    );
  }

  #attempt(): void {
    const { host, port, sslTls } = this.#options;
    let socket: WebSocket;
    try {
      const authority = host.includes(':') ? `[${host}]` : host;
      socket = new WebSocket(`${sslTls ? 'wss' : 'ws'}://${authority}:${port}`, {
        createConnection: ((_: unknown, created: SecureDone) => this.#connect(created)) as never,
        perMessageDeflate: false,
      });
    } catch (error) {
      process.nextTick(() => this.#failed((error as Error).message)); // no host or port that may be one
      return;
    }
    this.#socket = socket;
    socket.on('error', (error) => {
      if (this.#attempts) this.#failed(problem(error));
      else this.emit('error', problem(error));
    });
    socket.on('open', () => this.#opened(socket));
    const arrived = pacer(this.#edge, socket);
    socket.on('message', (data, isBinary) => {
      arrived();
      this.#receive(data as Buffer, isBinary);
    });
    socket.on('close', () => {
      if (this.#socket !== socket || this.#attempts) return;
      this.#give();
      this.emit('close');
    });
  }

  #connect(created: SecureDone): Duplex | undefined {
    const { host, port, sslTls, trustAll } = this.#options;
    const stream = this.#edge.connect({ host, port: Number(port), noDelay: true, keepAlive: true });
    this.#stream = stream;
    if (!sslTls) return stream;
    secure(stream, host, { ...this.#certificates, rejectUnauthorized: !trustAll, ALPNProtocols: ['http/1.1'] }, created);
    return undefined;
  }

  #opened(socket: WebSocket): void {
    this.#attempts?.end();
    this.#attempts = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const message of waiting) socket.send(message);
    this.emit('open');
  }

  #receive(data: Buffer, isBinary: boolean): void {
    let message: unknown;
    try {
      message = decodeContent(data, isBinary, this.#options.receiveType);
    } catch (error) {
      this.emit('error', (error as Error).message);
      return;
    }
    this.emit('message', message);
  }

  #failed(reason: string): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) this.#abandon(socket);
    const again = this.#attempts?.failed();
    if (!again) this.#give();
    const next = again ? `; next try in ${this.#options.timeBetweenRetries} ms` : '; no further try';
    this.emit('error', `Cannot connect to ${this.#address}: ${reason}${next}`);
  }
}
