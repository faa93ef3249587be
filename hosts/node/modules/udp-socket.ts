import { EventEmitter } from 'node:events';
import type { Datagrams, EdgeScope, Peer } from '../edge/index.ts';
import { isNumeric, numbersOf, numericTypes, problem, toNumbers } from './shared/index.ts';

const receiveTypes = [...numericTypes, 'image', 'string'].sort();
const sendTypes = ['number', 'string', 'unsignedbyte'];

type Callback = (...args: unknown[]) => void;

export function create(edge: EdgeScope): unknown {
  return {
    createSocket: (type?: unknown, callback?: Callback | null, enableBroadcast?: unknown) => {
      const family = type === 'udp6' ? 6 : 4;
      const socket = new Socket(edge, family, enableBroadcast === true);
      if (callback) socket.on('message', callback);
      return socket;
    },
    supportedReceiveTypes: () => [...receiveTypes],
    supportedSendTypes: () => [...sendTypes],
  };
}

/** Emits `listening`, `message` with the converted value and the JSON text of where it came from, `close`, and `error` with a text. */
class Socket extends EventEmitter {
  readonly #edge: EdgeScope;
  readonly #family: 4 | 6;
  readonly #broadcast: boolean;
  /** What names stand for, for each port, looked up once: in order, and not for each datagram. */
  readonly #addresses = new Map<string, Promise<string> | string>();
  #receiveType = 'string';
  #sendType = 'string';
  #rawBytes = false;
  #socket: Datagrams | undefined;
  #closed: (() => unknown) | undefined;
  /** What waits for names to be looked up leaves in order. */
  #last: Promise<unknown> | undefined;

  constructor(edge: EdgeScope, family: 4 | 6, broadcast: boolean) {
    super();
    this.#edge = edge;
    this.#family = family;
    this.#broadcast = broadcast;
  }

  /** Receives at a port. An address of a multicast group is joined. */
  bind(port: unknown, address?: string | null, callback?: Callback): void {
    if (this.#socket) {
      this.emit('error', 'The socket has a port already: bind() comes before send(), and once.');
      return;
    }
    const host = address || (this.#family === 4 ? '0.0.0.0' : '::0');
    const group = isMulticast(host) ? { group: host } : {};
    if (callback) this.once('listening', callback);
    const opened = this.#open({ host, port: Number(port) }, group);
    opened.on('listening', () => this.emit('listening'));
    opened.on('message', (data, from) => this.#receive(data, from));
  }

  send(data: unknown, port: unknown, host?: string | null, callback?: Callback): void {
    let bytes: Uint8Array;
    try {
      bytes = this.#encode(data);
    } catch (error) {
      this.emit('error', (error as Error).message);
      return;
    }
    const socket = this.#socket ?? this.#open(undefined, {});
    const over = this.#edge.operation();
    const done = (error: Error | null): void => {
      over();
      if (callback) callback(error);
      else if (error && this.#socket === socket) this.emit('error', problem(error));
    };
    const name = host || 'localhost';
    const address = this.#address(name, Number(port));
    const transmit = (to: string): void => socket.send(bytes, { host: to, port: Number(port) }, done);
    if (typeof address === 'string' && !this.#last) {
      transmit(address);
      return;
    }
    const sent = Promise.allSettled([address, this.#last]).then(([found]) => {
      if (this.#last === sent) this.#last = undefined;
      if (this.#socket !== socket) over();
      else if (found.status === 'fulfilled') transmit(found.value);
      else done(new Error(`There is no address of ${name}: ${(found.reason as Error).message}`));
    });
    this.#last = sent;
  }

  close(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    this.#closed?.();
    socket
      .removeAllListeners('message')
      .removeAllListeners('listening')
      .removeAllListeners('error')
      .on('error', () => {});
    socket.close();
    this.emit('close');
  }

  setReceiveType(type: string): void {
    if (receiveTypes.includes(type)) this.#receiveType = type;
    else this.emit('error', `Unsupported receive type ${type}; the types are ${receiveTypes.join(', ')}`);
  }

  setSendType(type: string): void {
    if (sendTypes.includes(type)) this.#sendType = type;
    else this.emit('error', `Unsupported send type ${type}; the types are ${sendTypes.join(', ')}`);
  }

  /** True: text to send is hexadecimal, and what arrives stays a Buffer. */
  setRawBytes(flag: unknown): void {
    this.#rawBytes = flag === true;
  }

  #open(bind: Peer | undefined, group: { group?: string }): Datagrams {
    const broadcast = this.#broadcast ? { broadcast: true } : {};
    const socket = this.#edge.datagrams({ family: this.#family, ...(bind ? { bind } : {}), ...group, ...broadcast });
    this.#socket = socket;
    this.#closed = this.#edge.own({
      close: () => {
        this.removeAllListeners();
        this.close();
      },
    });
    socket.on('error', (error) => {
      this.emit('error', problem(error));
      this.close();
    });
    return socket;
  }

  #address(name: string, port: number): Promise<string> | string {
    const to = `${name} ${port}`;
    const known = this.#addresses.get(to);
    if (known !== undefined) return known;
    const found = this.#edge.lookup(name, this.#family, port).then((address) => {
      this.#addresses.set(to, address);
      return address;
    });
    this.#addresses.set(to, found);
    found.catch(() => this.#addresses.delete(to)); // to be asked again; who sent hears of it
    return found;
  }

  #encode(data: unknown): Uint8Array {
    if (data instanceof Uint8Array) return data;
    if (this.#rawBytes && typeof data === 'string') return fromHexadecimal(data);
    if (Array.isArray(data)) return numbersOf(data, 'unsignedbyte');
    if (isNumeric(this.#sendType)) return numbersOf(data, this.#sendType);
    return Buffer.from(typeof data === 'object' && data !== null ? JSON.stringify(data) : String(data));
  }

  #receive(data: Buffer, { host: address, port }: Peer): void {
    const family = this.#family === 4 ? 'IPv4' : 'IPv6';
    this.emit('message', this.#decode(data), JSON.stringify({ address, family, port, size: data.length }));
  }

  #decode(data: Buffer): unknown {
    if (this.#rawBytes || this.#receiveType === 'image') return data;
    return isNumeric(this.#receiveType) ? toNumbers(data, this.#receiveType) : data.toString();
  }
}

/** @throws Error if it is not bytes of two digits each */
function fromHexadecimal(text: string): Buffer {
  if (!/^(?:[0-9a-f]{2})*$/i.test(text)) throw new Error(`Raw bytes should be hexadecimal, two digits each, got ${text.slice(0, 100)}`);
  return Buffer.from(text, 'hex');
}

function isMulticast(host: string): boolean {
  const first = Number(/^(\d+)\./.exec(host)?.[1]);
  return (first >= 224 && first <= 239) || /^ff[0-9a-f]{2}:/i.test(host);
}
