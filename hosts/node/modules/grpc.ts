import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { EdgeScope } from '../edge/index.ts';
import { Frames, frame, readStringField, statusNames, stringField } from './grpc/wire.ts';
import { problem } from './shared/index.ts';

type Reply = (error: Error | null, reply?: Uint8Array) => void;

/** Without an answer for so long a call has failed. */
const TIMEOUT_MS = 10_000;

export function create(edge: EdgeScope): unknown {
  return {
    Client: class extends Client {
      constructor(address: unknown) {
        super(edge, String(address));
      }
    },
    stringField,
    readStringField,
  };
}

/** Unary calls of a gRPC server without TLS, over one connection that is made when it is needed. */
class Client {
  readonly #edge: EdgeScope;
  readonly #address: string;
  #session: ClientHttp2Session | undefined;
  #closed: (() => unknown) | undefined;

  /** @param address  HOST:PORT */
  constructor(edge: EdgeScope, address: string) {
    this.#edge = edge;
    this.#address = address;
  }

  /**
   * @param path     /PACKAGE.SERVICE/METHOD
   * @param message  the encoded request
   */
  call(path: string, message: Uint8Array, callback: Reply): void {
    const over = this.#edge.operation();
    const finish: Reply = (error, reply) => {
      over();
      callback(error && new Error(`${this.#address}${path}: ${error.message}`, { cause: error }), reply);
    };
    try {
      const headers = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
      answered(this.#open().request(headers), finish).end(frame(message));
    } catch (error) {
      process.nextTick(finish, error as Error);
    }
  }

  close(): void {
    const session = this.#session;
    this.#session = undefined;
    this.#closed?.();
    session?.destroy();
  }

  #open(): ClientHttp2Session {
    if (this.#session) return this.#session;
    const { hostname, port } = new URL(`http://${this.#address}`);
    const stream = this.#edge.connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80), noDelay: true });
    const session = connect(`http://${this.#address}`, { createConnection: () => stream });
    this.#session = session;
    this.#closed = this.#edge.own({ close: () => this.close() });
    const gone = (): void => {
      if (this.#session === session) this.close();
    };
    session.on('error', gone).on('close', gone).on('goaway', gone); // each call under way hears of it by itself
    return session;
  }
}

/** Calls back once, with the message of the answer or with why there is none. */
function answered(stream: ClientHttp2Stream, callback: Reply): ClientHttp2Stream {
  const frames = new Frames();
  let done = false;
  const finish: Reply = (error, reply) => {
    if (done) return;
    done = true;
    callback(error, reply);
  };
  const status = (headers: Readonly<Record<string, unknown>>): void => {
    const code = headers['grpc-status'];
    if (code === undefined || code === '0') return;
    const message = decodeURIComponent(String(headers['grpc-message'] ?? ''));
    finish(new Error(`${statusNames[Number(code)] ?? `status ${String(code)}`}${message === '' ? '' : `: ${message}`}`));
  };
  stream.on('response', (headers) => {
    status(headers);
    if (headers[':status'] !== 200) finish(new Error(`HTTP status ${headers[':status']}`));
  });
  stream.on('trailers', status);
  stream.on('data', (part: Buffer) => {
    try {
      frames.add(part);
    } catch (error) {
      finish(error as Error);
      stream.close(constants.NGHTTP2_CANCEL);
    }
  });
  stream.on('end', () => {
    // Trailers come before the end; one frame is what a unary call answers.
    if (frames.first) finish(null, frames.first);
  });
  stream.on('error', (error) => finish(new Error(problem(error), { cause: error })));
  stream.on('close', () => finish(new Error('The server closed the connection without an answer')));
  stream.setTimeout(TIMEOUT_MS, () => {
    finish(new Error(`no answer within ${TIMEOUT_MS} ms`));
    stream.close(constants.NGHTTP2_CANCEL);
  });
  return stream;
}
