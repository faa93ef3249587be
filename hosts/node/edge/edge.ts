import type { EventEmitter } from 'node:events';
import type { Duplex, Readable, Writable } from 'node:stream';
import type { Folder } from './folder.ts';

/** One end of a connection, or the source of a datagram. */
export interface Peer {
  /** A name or an address; an address in what comes from the edge. */
  readonly host: string;
  readonly port: number;
}

export interface StreamOptions {
  /** Small writes are not kept back to be sent together. */
  readonly noDelay?: boolean;
  /** The system asks a silent peer whether it is still there. */
  readonly keepAlive?: boolean;
  /** That the peer has ended does not end the other direction. */
  readonly allowHalfOpen?: boolean;
}

export interface ConnectOptions extends Peer, StreamOptions {}

/** Where to listen; port 0: any that is free. `localhost` is 127.0.0.1. */
export interface ListenOptions extends Peer, StreamOptions {}

export interface ListenerEvents {
  listening: [at: Peer];
  connection: [stream: Duplex, from: Peer];
  error: [error: Error];
  close: [];
}

/** Takes connections until it is closed; those it took stay open then. */
export interface Listener extends EventEmitter<ListenerEvents> {
  close(): void;
}

export interface DatagramOptions {
  readonly family: 4 | 6;
  /** Receives there; without it the socket can only send, and receive answers. */
  readonly bind?: Peer;
  /** A multicast group to join. */
  readonly group?: string;
  /** May send to broadcast addresses. */
  readonly broadcast?: boolean;
}

export interface DatagramEvents {
  listening: [at: Peer];
  message: [data: Buffer, from: Peer];
  error: [error: Error];
  close: [];
}

export interface Datagrams extends EventEmitter<DatagramEvents> {
  /** @param to  an address, no name: names are looked up once, not for each datagram */
  send(data: Uint8Array, to: Peer, done: (error: Error | null) => void): void;
  close(): void;
}

export interface SpawnOptions {
  /** The program, looked up in PATH unless it is a path. No shell sees it. */
  readonly command: string;
  readonly args: readonly string[];
}

export interface ProcessEvents {
  error: [error: Error];
  /** After its streams have ended. */
  close: [code: number | null, signal: string | null];
}

export interface Process extends EventEmitter<ProcessEvents> {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  kill(signal?: 'SIGTERM' | 'SIGKILL'): void;
}

export interface SerialOptions {
  readonly path: string;
  readonly baudRate: number;
}

/** An address of this machine. */
export interface Interface {
  readonly name: string;
  readonly address: string;
  readonly family: 4 | 6;
  /** Reached from this machine only. */
  readonly internal: boolean;
}

/**
 * The one way of modules to the outside. Everything given in is plain data, and everything that comes out are Node streams
 * and events, so that it can be served by this process as well as over a pipe by another one that checks each request.
 * A stream emits `connect` when it is open; what is written before waits. Failures are `error` events with the system's
 * code (ECONNREFUSED, ...), of wrong options too: nothing here throws.
 */
export interface Edge {
  connect(options: ConnectOptions): Duplex;
  listen(options: ListenOptions): Listener;
  datagrams(options: DatagramOptions): Datagrams;
  spawn(options: SpawnOptions): Process;
  serial(options: SerialOptions): Duplex;
  /** Paths of the serial ports of this machine. */
  serialPorts(): Promise<string[]>;
  /** The first address of a name that datagrams to that port may be sent to, or if there is none, the first; an address is its own. */
  lookup(host: string, family: 4 | 6, port: number): Promise<string>;
  /** As of now; at once, since accessors ask for it in the middle of a reaction. */
  interfaces(): readonly Interface[];
  /** @param path  empty: a new temporary folder */
  folder(path: string): Folder;
  /** Code of this package that a module needs beside its own, by the name of its file. */
  part(name: string): Buffer;
  /** A certificate or the like. */
  readFile(path: string): Promise<Buffer>;
}
