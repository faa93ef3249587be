import type { RawData, WebSocket } from 'ws';
import { CodedError, errorText, TypedEmitter } from '../../hosts/common/index.ts';
import { parseJson } from '../envelope/index.ts';
import { clientErrors } from './errors.ts';

export interface RpcEvents {
  /** Not yet looked at. */
  notification: [method: string, params: unknown];
  /** Once; calls under way were rejected before. */
  closed: [error: CodedError];
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** JSON-RPC 2.0 in text frames of one WebSocket. */
export class Rpc extends TypedEmitter<RpcEvents> {
  readonly address: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #ended: CodedError | undefined;

  constructor(socket: WebSocket, address: string) {
    super();
    this.address = address;
    this.#socket = socket;
    let fault: string | undefined;
    socket.on('message', (data, binary) => this.#received(data, binary));
    socket.on('error', (error) => {
      fault = errorText(error);
    });
    socket.on('close', (code, reason) =>
      this.#end(clientErrors.CONNECTION_LOST(address, fault ?? closeText(code, reason.toString('utf8')))),
    );
  }

  get ended(): CodedError | undefined {
    return this.#ended;
  }

  /** @throws CodedError with the code of the box; TIMED_OUT, CONNECTION_LOST */
  call(method: string, params: object, timeoutMs: number, signal?: AbortSignal): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended);
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = ++this.#lastId;
    return new Promise<unknown>((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.#waiting.delete(id);
      };
      const fail = (error: Error): void => {
        done();
        reject(error);
      };
      const abort = (): void => fail(signal?.reason);
      const timer = setTimeout(() => fail(clientErrors.TIMED_OUT(`The call '${method}' to ${this.address}`, timeoutMs)), timeoutMs);
      signal?.addEventListener('abort', abort);
      this.#waiting.set(id, {
        reject: fail,
        resolve: (result) => {
          done();
          resolve(result);
        },
      });
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  /**
   * Sends a binary frame; resolves when it has left.
   * @throws CodedError CONNECTION_LOST
   */
  sendBytes(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(bytes, { binary: true }, (error) => {
        if (!error) resolve();
        else reject(this.#ended ?? clientErrors.CONNECTION_LOST(this.address, error.message));
      });
    });
  }

  /** Closes without waiting for the other side for more than a moment. */
  close(): void {
    this.#socket.close(1000);
    this.#end(clientErrors.CONNECTION_LOST(this.address, 'closed here'));
    setTimeout(() => this.#socket.terminate(), 500).unref();
  }

  #received(data: RawData, binary: boolean): void {
    try {
      if (binary) throw new Error('a binary frame');
      this.#take(parseJson(data as Buffer, 'frame'));
    } catch (error) {
      // What does not speak the protocol cannot be trusted to go on speaking it.
      this.#end(clientErrors.CONNECTION_LOST(this.address, `it does not speak swarmlet.v1: ${errorText(error)}`));
      this.#socket.close(4400);
    }
  }

  #take(message: unknown): void {
    const { id, method, params, result, error } = fieldsOf(message);
    if (typeof method === 'string') {
      this.emit('notification', method, params);
      return;
    }
    const waiting = this.#waiting.get(id as number);
    if (!waiting) return; // the answer to a call that was given up
    if (error === undefined) waiting.resolve(result);
    else waiting.reject(boxError(error));
  }

  #end(error: CodedError): void {
    if (this.#ended) return;
    this.#ended = error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.emit('closed', error);
  }
}

/** An error of the box, with its stable code. */
function boxError(error: unknown): CodedError {
  const { message, data } = fieldsOf(error);
  const { code, detail } = typeof data === 'object' && data !== null ? fieldsOf(data) : {};
  const known = typeof code === 'string' && /^[A-Z_]{2,40}$/.test(code) ? code : 'INTERNAL';
  return new CodedError(known, typeof message === 'string' ? message : 'The box gave no reason', { detail });
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('a message that is no object');
  return value as Record<string, unknown>;
}

function closeText(code: number, reason: string): string {
  const meanings: Readonly<Record<number, string>> = {
    1000: 'closed by the box',
    1001: 'the box is stopping',
    1006: 'cut off',
    1009: 'a message was too large',
    4400: 'the box could not read what was sent',
    4401: 'not authenticated in time',
    4403: 'the key was revoked',
    4429: 'too many calls',
  };
  const parts = new Set([meanings[code] ?? `closed with ${code}`, reason]); // a box may say it in the same words
  return [...parts].filter((part) => part !== '').join(': ');
}
