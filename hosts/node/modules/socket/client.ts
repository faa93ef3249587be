import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { EdgeScope } from '../../edge/index.ts';
import { Attempts, type Certificates, problem, secure, serverCertificates, trustedCertificates } from '../shared/index.ts';
import { Channel, type ChannelOptions } from './channel.ts';

/** `receiveBufferSize` and `sendBufferSize` are left to the system, which measures what the line needs. */
export interface ClientOptions extends ChannelOptions {
  /** ms for an attempt. */
  readonly connectTimeout: number;
  readonly discardMessagesBeforeOpen: boolean;
  readonly keepAlive: boolean;
  /** Messages that may wait for the connection; 0: any number. */
  readonly maxUnsentMessages: number;
  readonly noDelay: boolean;
  readonly pfxKeyCertPassword: string;
  readonly pfxKeyCertPath: string;
  readonly reconnectAttempts: number;
  /** ms */
  readonly reconnectInterval: number;
  readonly sslTls: boolean;
  readonly trustAll: boolean;
  readonly trustedCACertPath: string;
}

const defaults: ClientOptions = {
  connectTimeout: 6000,
  idleTimeout: 0,
  discardMessagesBeforeOpen: false,
  emitBatchDataAsAvailable: false,
  keepAlive: true,
  maxUnsentMessages: 100,
  noDelay: true,
  pfxKeyCertPassword: '',
  pfxKeyCertPath: '',
  rawBytes: true,
  receiveType: 'string',
  reconnectAttempts: 10,
  reconnectInterval: 1000,
  sendType: 'string',
  sslTls: false,
  trustAll: false,
  trustedCACertPath: '',
};

const DEFAULT_PORT = 4000;

/** Emits `open`, `data` with each value, `close`, and `error` with a text. */
export class SocketClient extends EventEmitter {
  readonly port: number;
  readonly host: string;
  readonly #edge: EdgeScope;
  readonly #options: ClientOptions;
  #waiting: unknown[] = [];
  #attempts: Attempts | undefined;
  /** The stream of the present attempt. */
  #trying: Duplex | undefined;
  #channel: Channel | undefined;
  #closed: (() => unknown) | undefined;

  constructor(edge: EdgeScope, port?: number | null, host?: string | null, options: Partial<ClientOptions> = {}) {
    super();
    this.#edge = edge;
    this.port = Number(port ?? DEFAULT_PORT);
    this.host = host || 'localhost';
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
    Promise.all([serverCertificates(this.#edge, this.#options), trustedCertificates(this.#edge, this.#options)])
      .then(
        ([own, trusted]) => {
          if (this.#closed) this.#begin({ ...own, ...trusted });
        },
        (error: Error) => {
          this.#give();
          this.emit('error', error.message);
        },
      )
      .finally(over);
  }

  /** @throws Error when too many messages wait for the connection */
  send(value: unknown): void {
    if (this.#channel) {
      this.#channel.send(value);
      return;
    }
    const { discardMessagesBeforeOpen, maxUnsentMessages } = this.#options;
    if (discardMessagesBeforeOpen) {
      console.log(`The connection to ${this.#address} is not open; message discarded.`);
      return;
    }
    if (maxUnsentMessages > 0 && this.#waiting.length >= maxUnsentMessages) {
      throw new Error(`${maxUnsentMessages} messages (maxUnsentMessages) wait for the connection to ${this.#address}. Message dropped.`);
    }
    this.#waiting.push(value);
  }

  /** Ends the connection, or the attempts to make it, with all messages that wait. Nothing follows but `close`. */
  close(): void {
    this.#waiting = [];
    const channel = this.#channel;
    this.#abandon();
    this.#give();
    if (!channel) return;
    for (const event of ['data', 'error', 'close']) channel.removeAllListeners(event);
    channel.on('error', () => {});
    channel.close();
    this.emit('close');
  }

  get #address(): string {
    return `${this.host}:${this.port}`;
  }

  #give(): void {
    this.#attempts?.end();
    this.#attempts = undefined;
    this.#channel = undefined;
    this.#closed?.();
    this.#closed = undefined;
  }

  #abandon(): void {
    this.#trying?.destroy();
    this.#trying = undefined;
  }

  #begin(certificates: Certificates): void {
    const { reconnectAttempts, reconnectInterval, connectTimeout } = this.#options;
    const options = { retries: Number(reconnectAttempts), intervalMs: Number(reconnectInterval), timeoutMs: Number(connectTimeout) };
    this.#attempts = new Attempts(
      this.#edge,
      options,
      () => this.#attempt(certificates),
      () => this.#failed(`no answer within ${connectTimeout} ms`),
    );
  }

  #attempt(certificates: Certificates): void {
    const { noDelay, keepAlive, sslTls, trustAll } = this.#options;
    const stream = this.#edge.connect({ host: this.host, port: this.port, noDelay, keepAlive });
    this.#trying = stream;
    if (sslTls) {
      secure(stream, this.host, { ...certificates, rejectUnauthorized: !trustAll }, (error, secured) => {
        if (this.#trying !== stream) secured?.destroy();
        else if (secured) this.#opened(secured);
        else this.#failed(problem(error as Error));
      });
      return;
    }
    const refused = (error: Error): void => {
      if (this.#trying === stream) this.#failed(problem(error));
    };
    stream.on('error', refused);
    stream.once('connect', () => {
      if (this.#trying !== stream) return;
      stream.off('error', refused);
      this.#opened(stream);
    });
  }

  #opened(stream: Duplex): void {
    this.#attempts?.end();
    this.#attempts = undefined;
    this.#trying = undefined;
    const channel = new Channel(this.#edge, stream, this.#options);
    this.#channel = channel;
    channel.on('data', (value) => this.emit('data', value));
    channel.on('error', (error) => this.emit('error', error));
    channel.on('close', () => {
      this.#give();
      this.emit('close');
    });
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const value of waiting) channel.send(value);
    this.emit('open');
  }

  #failed(reason: string): void {
    const stream = this.#trying;
    this.#trying = undefined;
    stream?.on('error', () => {}).destroy();
    const again = this.#attempts?.failed();
    if (!again) this.#give();
    const next = again ? `; next try in ${this.#options.reconnectInterval} ms` : '; no further try';
    this.emit('error', `Cannot connect to ${this.#address}: ${reason}${next}`);
  }
}
