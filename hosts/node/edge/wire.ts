import type { ConnectOptions, DatagramOptions, Interface, ListenOptions, Peer, SerialOptions, SpawnOptions } from './edge.ts';
import type { Failure } from './failure.ts';

/** Bytes of one stream that may be under way in one direction. */
export const streamWindow = 128 * 1024;
/** The most in one frame. */
export const pieceBytes = 64 * 1024;
/** What is consumed is told in portions of at least so much. */
export const portionBytes = streamWindow / 4;
/** What may be open for one swarmlet at a time: streams, listeners, sockets and questions. */
export const openLimit = 256;
/** The longest file that is read for a swarmlet, a certificate or the like. */
export const fileLimit = 512 * 1024;

/**
 * What a swarmlet asks of the outside. Numbers of what it opens count up from 1; those of connections that it is given,
 * down from -1. Of a program `id` is its standard input and output, `id + 1` its standard error.
 */
export type EdgeRequest =
  | ({ readonly do: 'connect'; readonly id: number } & ConnectOptions)
  | ({ readonly do: 'listen'; readonly id: number } & ListenOptions)
  | ({ readonly do: 'datagrams'; readonly id: number } & DatagramOptions)
  | ({ readonly do: 'spawn'; readonly id: number } & SpawnOptions)
  | ({ readonly do: 'serial'; readonly id: number } & SerialOptions)
  | { readonly do: 'lookup'; readonly id: number; readonly host: string; readonly family: 4 | 6; readonly port: number }
  | { readonly do: 'serialPorts'; readonly id: number }
  | { readonly do: 'readFile'; readonly id: number; readonly path: string }
  /** Nothing more is written. */
  | { readonly do: 'end'; readonly id: number }
  /** It is not wanted any more, or known to be closed; the last of that number. */
  | { readonly do: 'close'; readonly id: number }
  /** So many bytes were taken: as many more may come. */
  | { readonly do: 'more'; readonly id: number; readonly bytes: number }
  | { readonly do: 'kill'; readonly id: number; readonly signal: 'SIGTERM' | 'SIGKILL' };

export type EdgeEvent =
  | { readonly on: 'opened'; readonly id: number; readonly at?: Peer }
  | { readonly on: 'accepted'; readonly id: number; readonly stream: number; readonly from: Peer }
  /** Nothing more comes. */
  | { readonly on: 'ended'; readonly id: number }
  | { readonly on: 'more'; readonly id: number; readonly bytes: number }
  | { readonly on: 'closed'; readonly id: number; readonly error?: Failure }
  | { readonly on: 'exited'; readonly id: number; readonly code: number | null; readonly signal: string | null }
  /** To a question: text, texts, or a file in base64. */
  | { readonly on: 'answer'; readonly id: number; readonly value: unknown }
  /** The oldest so many datagrams have left; the next could not. */
  | { readonly on: 'sent'; readonly id: number; readonly count: number; readonly error?: Failure };

/** What the outside tells at the start. */
export interface Outside {
  readonly interfaces: readonly Interface[];
}

/** How one end speaks to the other. */
export interface Wire<Message> {
  tell(message: Message): void;
  /** A piece of a stream, or a datagram. */
  bytes(parts: readonly Uint8Array[]): void;
}

// ----------------------------------------------------------------------------------------------- bytes

/** In front of bytes: what they are, and the number of what they belong to, as 32 bits big-endian. */
const kinds = { stream: 1, datagram: 2 } as const;
const HEAD_BYTES = 5;

export type Bytes =
  | { readonly kind: 'stream'; readonly id: number; readonly data: Buffer }
  | { readonly kind: 'datagram'; readonly id: number; readonly peer: Peer; readonly data: Buffer };

function headOf(kind: number, id: number, more = 0): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES + more);
  head[0] = kind;
  head.writeInt32BE(id, 1);
  return head;
}

export function streamBytes(id: number, data: Uint8Array): Uint8Array[] {
  return [headOf(kinds.stream, id), data];
}

/** The port in 16 bits, the length of the address in 8, the address, the data. */
export function datagramBytes(id: number, { host, port }: Peer, data: Uint8Array): Uint8Array[] {
  const address = Buffer.from(host, 'latin1').subarray(0, 255);
  const head = headOf(kinds.datagram, id, 3);
  head.writeUInt16BE(port, HEAD_BYTES);
  head[HEAD_BYTES + 2] = address.length;
  return [head, address, data];
}

/** @throws Error if it is none of both */
export function parseBytes(body: Buffer): Bytes {
  const kind = body[0];
  if (body.length > HEAD_BYTES && kind === kinds.stream) {
    return { kind: 'stream', id: body.readInt32BE(1), data: body.subarray(HEAD_BYTES) };
  }
  const start = HEAD_BYTES + 3 + (body[HEAD_BYTES + 2] ?? 0);
  if (kind !== kinds.datagram || body.length < HEAD_BYTES + 3 || body.length < start) throw new Error('bytes that belong to nothing');
  const peer = { host: body.toString('latin1', HEAD_BYTES + 3, start), port: body.readUInt16BE(HEAD_BYTES) };
  return { kind: 'datagram', id: body.readInt32BE(1), peer, data: body.subarray(start) };
}
