import { EventEmitter } from 'node:events';
import { MqttClient } from 'mqtt';
import type { EdgeScope } from '../edge/index.ts';
import { type Done, type Quality, Window } from './mqtt/window.ts';
import { problem } from './shared/index.ts';

/** ms until a lost or refused connection is tried again. */
const RECONNECT_MS = 1000;
const CONNECT_MS = 10_000;

export function create(edge: EdgeScope): unknown {
  return {
    createClient(port: unknown, host: unknown, options: Record<string, unknown> = {}) {
      if (typeof port !== 'number') throw `The port should be a number, got ${JSON.stringify(port)}`;
      if (typeof host !== 'string') throw `The host should be a string, got ${JSON.stringify(host)}`;
      return new Client(edge, port, host, options);
    },
    byteArrayToString: (bytes: Iterable<number>) => Buffer.from([...bytes]).toString(),
  };
}

/** Emits `connect`, `message` with topic and text, `close`, and `error`. A connection that is lost is made again. */
class Client extends EventEmitter {
  readonly #edge: EdgeScope;
  readonly #port: number;
  readonly #host: string;
  readonly #options: Record<string, unknown>;
  #client: MqttClient | undefined;
  #window: Window | undefined;
  #closed: (() => unknown) | undefined;

  constructor(edge: EdgeScope, port: number, host: string, options: Record<string, unknown>) {
    super();
    this.#edge = edge;
    this.#port = port;
    this.#host = host;
    this.#options = options;
  }

  get connected(): boolean {
    return this.#client?.connected ?? false;
  }

  start(): void {
    if (this.#client) return;
    const connecting = this.#edge.operation();
    const client = new MqttClient(() => this.#edge.connect({ host: this.#host, port: this.#port, noDelay: true, keepAlive: true }), {
      protocolVersion: 4,
      reconnectPeriod: RECONNECT_MS,
      connectTimeout: CONNECT_MS,
      ...this.#options,
    });
    this.#client = client;
    this.#window = new Window(({ topic, payload, qos, retain }, done) => client.publish(topic, payload, { qos, retain }, done));
    client.on('connect', () => {
      connecting();
      this.emit('connect');
    });
    client.on('error', (error) => {
      connecting();
      this.emit('error', Object.assign(error, { message: problem(error) }));
    });
    client.on('close', () => {
      connecting();
      this.emit('close');
    });
    // Called for each message, and the next one only when it is done with: so the broker is slowed down, not the memory filled.
    client.handleMessage = (packet, done) => {
      this.emit('message', packet.topic, packet.payload.toString());
      this.#edge.afterReactions(done);
    };
    this.#closed = this.#edge.own({
      close: () => {
        this.removeAllListeners();
        this.end();
      },
    });
  }

  /** Ends the connection, once what was published has left; nothing is emitted any more. */
  end(): void {
    const client = this.#client;
    this.#client = undefined;
    this.#closed?.();
    if (!client) return;
    for (const event of ['connect', 'close', 'error'] as const) client.removeAllListeners(event);
    client.on('error', () => {});
    client.handleMessage = (_, done) => done();
    if (client.connected) this.#window?.whenEmpty(() => client.end());
    else client.end(true);
  }

  subscribe(topic: string, { qos = 0 }: { qos?: Quality } = {}): void {
    const client = this.#started();
    const over = this.#edge.operation();
    client.subscribe(topic, { qos }, (error) => {
      over();
      if (error && this.#client) this.emit('error', error);
    });
  }

  unsubscribe(topic: string): void {
    const client = this.#started();
    const over = this.#edge.operation();
    client.unsubscribe(topic, (error) => {
      over();
      if (error && this.#client) this.emit('error', error);
    });
  }

  publish(topic: string, message: unknown, options?: { qos?: Quality; retain?: boolean } | null, callback?: Done): void {
    const { qos = 0, retain = false } = options ?? {};
    this.#started();
    const over = this.#edge.operation();
    const done: Done = (error) => {
      over();
      if (callback) callback(error);
      else if (error && this.#client) this.emit('error', error);
    };
    this.#window?.add({ topic, payload: payload(message), qos, retain, done });
  }

  #started(): MqttClient {
    if (!this.#client) throw new Error('No connection. Call start().');
    return this.#client;
  }
}

function payload(message: unknown): string | Buffer {
  if (message instanceof Uint8Array) return Buffer.from(message);
  return typeof message === 'string' ? message : (JSON.stringify(message) ?? '');
}
