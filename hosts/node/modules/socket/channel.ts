import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { EdgeScope } from '../../edge/index.ts';
import { pacer, problem } from '../shared/index.ts';
import { FrameReader, header } from './framing.ts';
import { decodeMessage, encode, StreamDecoder } from './types.ts';

/** How values travel. */
export interface ChannelOptions {
  readonly sendType: string;
  readonly receiveType: string;
  /** Without framing: what arrives is emitted as it comes. */
  readonly rawBytes: boolean;
  readonly emitBatchDataAsAvailable: boolean;
  /** Seconds without a byte in either direction, after which the connection is closed; 0: none. */
  readonly idleTimeout: number;
}

/** Bytes that may wait for a slow peer; a message beyond them is an error. */
const MAX_WAITING = 64 * 2 ** 20;
/** More bytes than that are not copied to be written together. */
const LARGE = 2 ** 18;

/** Values over an open stream. Emits `data` with each value, `error` with a text, and `close` once. */
export class Channel extends EventEmitter {
  readonly #stream: Duplex;
  readonly #options: ChannelOptions;
  readonly #idle: NodeJS.Timeout | undefined;
  /** What is sent in the present turn: it leaves in one piece. */
  #batch: Buffer[] = [];
  #batched = 0;

  constructor(edge: EdgeScope, stream: Duplex, options: ChannelOptions) {
    super();
    this.#stream = stream;
    this.#options = options;
    const arrived = pacer(edge, stream);
    const values = decoder(options);
    stream.on('data', (part: Buffer) => {
      this.#idle?.refresh();
      arrived();
      try {
        for (const value of values(part)) this.emit('data', value);
      } catch (error) {
        this.emit('error', (error as Error).message);
        if (!options.rawBytes && error instanceof RangeError) stream.destroy();
      }
    });
    stream.on('error', (error) => this.emit('error', problem(error)));
    stream.on('end', () => stream.end()); // closed by the peer: there is nobody to send to
    stream.once('close', () => {
      clearTimeout(this.#idle);
      this.emit('close');
    });
    const idleMs = Number(options.idleTimeout) * 1000;
    if (idleMs > 0) this.#idle = setTimeout(() => stream.end(), idleMs);
  }

  get writable(): boolean {
    return this.#stream.writable;
  }

  send(value: unknown): void {
    const stream = this.#stream;
    let data: Buffer;
    try {
      data = encode(value, this.#options.sendType);
    } catch (error) {
      this.emit('error', (error as Error).message);
      return;
    }
    if (!stream.writable) {
      this.emit('error', 'The connection is closed. Message dropped.');
      return;
    }
    const waiting = stream.writableLength + this.#batched;
    if (waiting > MAX_WAITING) {
      this.emit('error', `The peer takes nothing; ${waiting} bytes wait. Message dropped.`);
      return;
    }
    this.#idle?.refresh();
    if (this.#batch.length === 0) process.nextTick(() => this.#flush());
    if (!this.#options.rawBytes) this.#batch.push(header(data.length));
    this.#batch.push(data);
    this.#batched += data.length;
    if (data.length > LARGE) this.#flush();
  }

  #flush(): void {
    const batch = this.#batch;
    if (batch.length === 0) return;
    const small = this.#batched <= LARGE;
    this.#batch = [];
    this.#batched = 0;
    this.#stream.cork();
    for (const data of small ? [Buffer.concat(batch)] : batch) this.#stream.write(data);
    this.#stream.uncork();
  }

  /** What was sent still gets there. */
  close(): void {
    this.#flush();
    this.#stream.end();
  }
}

function decoder({ rawBytes, receiveType, emitBatchDataAsAvailable }: ChannelOptions): (part: Buffer) => Iterable<unknown> {
  if (rawBytes) {
    const stream = new StreamDecoder(receiveType, emitBatchDataAsAvailable);
    return (part) => stream.decode(part);
  }
  const frames = new FrameReader();
  return (part) => frames.read(part).map((message) => decodeMessage(message, receiveType));
}
