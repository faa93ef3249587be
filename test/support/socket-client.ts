import { createConnection, type Socket } from 'node:net';
import { WebSocket } from 'ws';

/** One JSON-RPC message as it came. */
export type Message = Readonly<Record<string, unknown>> & {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data: { readonly code: string; readonly detail?: unknown } };
};

const PATIENCE_MS = 10_000;

/** Rejects when something that a test waits for does not happen. */
export function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not within ${PATIENCE_MS} ms: ${what}`)), PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A client that says what a test wants it to say, and knows nothing of the protocol. */
export class SocketClient {
  readonly ws: WebSocket;
  readonly messages: Message[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #waiting: (() => void)[] = [];
  #id = 0;

  constructor(url: string, options: { readonly origin?: string; readonly protocols?: string[]; readonly deflate?: boolean } = {}) {
    const { origin, protocols = ['swarmlet.v1'], deflate = false } = options;
    this.ws = new WebSocket(url, protocols, { ...(origin && { origin }), perMessageDeflate: deflate });
    this.ws.on('error', () => {});
    this.ws.on('message', (data) => {
      this.messages.push(JSON.parse(String(data)) as Message);
      for (const look of this.#waiting.splice(0)) look();
    });
    this.closed = new Promise((resolve) => this.ws.on('close', (code, reason) => resolve({ code, reason: String(reason) })));
  }

  /** The first message that fits, also one that came before. */
  message(fits: (message: Message) => boolean, what = 'a message'): Promise<Message> {
    const found = new Promise<Message>((resolve) => {
      const look = (): void => {
        const message = this.messages.find(fits);
        if (message) resolve(message);
        else this.#waiting.push(look);
      };
      look();
    });
    return within(found, what);
  }

  notification(method: string, fits: (params: Record<string, unknown>) => boolean = () => true): Promise<Message> {
    return this.message((m) => m.method === method && fits(m.params as Record<string, unknown>), `notification ${method}`);
  }

  send(text: string | Buffer): void {
    this.ws.send(text);
  }

  call(method: string, params?: unknown): Promise<Message> {
    const id = ++this.#id;
    this.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return this.message((m) => m.id === id, `the answer to ${method}`);
  }

  /** Resolves with the status of an HTTP answer instead of an upgrade. */
  refusal(): Promise<number> {
    return within(
      new Promise((resolve) => this.ws.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))),
      'a refusal',
    );
  }

  opened(): Promise<void> {
    if (this.ws.readyState === this.ws.OPEN) return Promise.resolve();
    return within(new Promise((resolve) => this.ws.once('open', () => resolve())), 'the opening');
  }

  end(): void {
    this.ws.terminate();
  }
}

/** A plain connection, for bytes that no client sends. */
export class RawClient {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  received = '';

  constructor(port: number, text = '') {
    this.socket = createConnection({ port, host: '127.0.0.1' });
    this.socket.on('error', () => {});
    this.socket.on('data', (data) => {
      this.received += data.toString('latin1');
    });
    this.closed = within(new Promise((resolve) => this.socket.on('close', () => resolve())), 'the end of a raw connection');
    if (text !== '') this.socket.write(text);
  }
}

/** The request that opens a WebSocket, as bytes. */
export function upgradeRequest(path = '/v1', headers: readonly string[] = []): string {
  const fixed = ['Host: box', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'];
  const own = ['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol: swarmlet.v1', ...headers];
  return `GET ${path} HTTP/1.1\r\n${[...fixed, ...own].join('\r\n')}\r\n\r\n`;
}
