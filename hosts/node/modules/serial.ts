import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { EdgeScope } from '../edge/index.ts';
import { numericTypes, pacer, problem } from './shared/index.ts';
import { encode, StreamDecoder } from './socket/types.ts';

const types = [...numericTypes, 'json', 'string'].sort();
/** Not a port: gives back what is sent. */
const LOOPBACK = 'loopback';

interface Options {
  readonly baudRate: number;
  readonly sendType: string;
  readonly receiveType: string;
}

const defaults: Options = { baudRate: 9600, sendType: 'string', receiveType: 'string' };

type Opened = (error?: Error) => void;

export function create(edge: EdgeScope): unknown {
  return {
    /** Calls back with the names of the ports, `loopback` first; alone where the package for others is missing. */
    hostSerialPorts(callback: (ports: string[]) => void): void {
      edge.serialPorts().then(
        (ports) => callback([LOOPBACK, ...ports]),
        () => callback([LOOPBACK]),
      );
    },
    SerialPort: class extends SerialPort {
      constructor(name: string, _owner?: unknown, _timeout?: number, options?: Partial<Options>) {
        super(edge, name, options);
      }
    },
    supportedReceiveTypes: () => [...types],
    supportedSendTypes: () => [...types],
  };
}

/** Emits `data` with each value, and `error` with a text. Numbers travel as in the module socket, text and JSON as UTF-8. */
class SerialPort extends EventEmitter {
  readonly #edge: EdgeScope;
  readonly #name: string;
  readonly #options: Options;
  #stream: Duplex | undefined;
  #closed: (() => unknown) | undefined;

  constructor(edge: EdgeScope, name: string, options: Partial<Options> = {}) {
    super();
    this.#edge = edge;
    this.#name = name;
    this.#options = { ...defaults, ...options };
  }

  open(callback?: Opened): void {
    if (this.#name === LOOPBACK) {
      if (callback) process.nextTick(callback);
      return;
    }
    if (this.#stream) return;
    const stream = this.#edge.serial({ path: this.#name, baudRate: Number(this.#options.baudRate) });
    this.#stream = stream;
    this.#closed = this.#edge.own({
      close: () => {
        this.removeAllListeners();
        this.close();
      },
    });
    const decode = this.#decoder();
    const arrived = pacer(this.#edge, stream);
    stream.once('connect', () => callback?.());
    stream.on('data', (part: Buffer) => {
      arrived();
      try {
        for (const value of decode(part)) this.emit('data', value);
      } catch (error) {
        this.emit('error', (error as Error).message);
      }
    });
    stream.on('error', (error) => {
      this.close();
      this.emit('error', `Serial port ${this.#name}: ${problem(error)}`);
    });
  }

  /** JSON stays text, a line each: a port gives it in whatever parts, and who reads it tells what is none. */
  #decoder(): (part: Buffer) => unknown[] {
    const { receiveType } = this.#options;
    const decoder = new StreamDecoder(receiveType === 'json' ? 'string' : receiveType, false);
    if (receiveType !== 'json') return (part) => decoder.decode(part);
    let rest = '';
    return (part) => {
      const lines = (rest + decoder.decode(part).join('')).split('\n');
      rest = lines.pop() ?? '';
      return lines.filter((line) => line.trim() !== '');
    };
  }

  send(data: unknown): void {
    if (this.#name === LOOPBACK) {
      const value = looped(data, this.#options.receiveType);
      this.emit('data', value);
      return;
    }
    const { sendType } = this.#options;
    try {
      if (!this.#stream) throw new Error(`Serial port ${this.#name} is not open. Data dropped.`);
      this.#stream.write(encode(data, sendType));
    } catch (error) {
      this.emit('error', (error as Error).message);
    }
  }

  close(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#closed?.();
    stream
      ?.removeAllListeners('data')
      .removeAllListeners('error')
      .on('error', () => {});
    stream?.end();
  }
}

/** What the port `loopback` makes of a value (spec MODULES.md, serial). */
function looped(data: unknown, receiveType: string): unknown {
  if (receiveType === 'json') return typeof data === 'object' ? JSON.stringify(data) : data;
  if (receiveType === 'string') return typeof data === 'number' ? String.fromCharCode(data) : String(data);
  if (receiveType === 'short') return Number(data) > 32767 ? Number(data) - 65536 : data;
  if (receiveType === 'unsignedbyte') return ((Number(data) % 256) + 256) % 256;
  return data;
}
