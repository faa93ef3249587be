import { spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { lookup as lookupAll } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, isIP, type LookupFunction, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type Duplex, PassThrough } from 'node:stream';
import { packageRoot } from '../paths.ts';
import type {
  ConnectOptions,
  DatagramEvents,
  DatagramOptions,
  Datagrams,
  Edge,
  Interface,
  Listener,
  ListenerEvents,
  ListenOptions,
  Peer,
  Process,
  ProcessEvents,
  SpawnOptions,
} from './edge.ts';
import { PlainFolder } from './plain-folder.ts';
import { listSerialPorts, SerialLine } from './serial-line.ts';

/** The edge of a host that may reach everything its process may: sockets, devices and files of the system itself. */
export const plainEdge: Edge = {
  connect: (options) => connectTo(options),
  listen: (options) => new PlainListener(options),
  datagrams: (options) => new PlainDatagrams(options),
  spawn: (options) => new PlainProcess(options),
  serial: (options) => new SerialLine(options),
  serialPorts: listSerialPorts,
  lookup: async (host, family) => (await addressesOf(host, family))[0] as string,
  interfaces: () =>
    Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
      addresses.map(({ address, family, internal }): Interface => ({ name, address, family: family === 'IPv6' ? 6 : 4, internal })),
    ),
  folder: (path) => new PlainFolder(path),
  part: (name) => readFileSync(join(packageRoot, 'dist/modules', name)),
  readFile: (path) => readFile(path),
};

/**
 * @param refusal  why an address must not be connected to; asked of each that the name has, at the moment of connecting
 */
export function connectTo({ host, port, ...streams }: ConnectOptions, refusal?: (address: string) => Error | undefined): Duplex {
  const refused = refusal && isIP(host) !== 0 ? refusal(host) : undefined;
  if (refused) return failedStream(refused);
  try {
    return connect({ ...streams, host, port, ...(refusal && { lookup: checkedLookup(refusal) }) });
  } catch (error) {
    return failedStream(error as Error); // a port that is none
  }
}

/** The addresses of a name without those that are refused: what was checked is what is connected to. */
function checkedLookup(refusal: (address: string) => Error | undefined): LookupFunction {
  return (hostname, options, callback) => {
    lookupAll(hostname, { ...options, all: true }, (error, found) => {
      const allowed = error ? [] : found.filter(({ address }) => !refusal(address));
      const [first] = allowed;
      if (first === undefined) callback(error ?? (refusal(found[0]?.address ?? '') as Error), '', 0);
      else if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

/** Never none. */
export async function addressesOf(host: string, family: 4 | 6): Promise<string[]> {
  return (await lookup(host, { family, all: true })).map(({ address }) => address);
}

function failedStream(error: Error): Duplex {
  return new PassThrough().destroy(error);
}

function peerOf({ address, port }: { address: string; port: number }): Peer {
  return { host: address, port };
}

class PlainListener extends EventEmitter<ListenerEvents> implements Listener {
  readonly #server: Server;

  constructor({ host, port, ...streams }: ListenOptions) {
    super();
    this.#server = createServer(streams)
      .on('connection', (socket) => {
        const { remoteAddress, remotePort } = socket;
        if (remoteAddress === undefined || remotePort === undefined)
          socket.destroy(); // gone before it was taken
        else this.emit('connection', socket, { host: remoteAddress, port: remotePort });
      })
      .on('listening', () => this.emit('listening', peerOf(this.#server.address() as AddressInfo)))
      .on('error', (error) => this.emit('error', error))
      .on('close', () => this.emit('close'));
    try {
      // Not what the resolver says: it may say ::1, where those who ask for 127.0.0.1 find nobody.
      this.#server.listen({ host: host === 'localhost' ? '127.0.0.1' : host, port });
    } catch (error) {
      process.nextTick(() => this.emit('error', error as Error));
    }
  }

  close(): void {
    this.#server.close();
  }
}

class PlainDatagrams extends EventEmitter<DatagramEvents> implements Datagrams {
  readonly #socket: Socket;
  #open = true;

  constructor({ family, bind, group, broadcast = false }: DatagramOptions) {
    super();
    // Several programs of a machine may listen to one group.
    this.#socket = createSocket({ type: family === 4 ? 'udp4' : 'udp6', reuseAddr: group !== undefined })
      .on('message', (data, { address, port }) => this.emit('message', data, { host: address, port }))
      .on('error', (error) => this.emit('error', error))
      .on('close', () => this.emit('close'));
    this.#socket.once('listening', () => {
      try {
        if (broadcast) this.#socket.setBroadcast(true);
        if (group !== undefined) this.#join(group);
        this.emit('listening', peerOf(this.#socket.address()));
      } catch (error) {
        this.emit('error', error as Error);
      }
    });
    try {
      // Without an address to receive at, a port of its own: broadcasting can be switched on only in a bound socket.
      this.#socket.bind(bind ? { address: bind.host, port: bind.port } : {});
    } catch (error) {
      process.nextTick(() => this.emit('error', error as Error));
    }
  }

  /** On every interface: which of them a sender uses is decided at its end. */
  #join(group: string): void {
    const addresses = group.includes(':') ? [undefined] : plainEdge.interfaces().flatMap((i) => (i.family === 4 ? [i.address] : []));
    const errors: unknown[] = [];
    for (const address of addresses) {
      try {
        this.#socket.addMembership(group, address);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === addresses.length) throw errors[0] ?? new Error(`There is no network interface to join ${group} on`);
  }

  send(data: Uint8Array, to: Peer, done: (error: Error | null) => void): void {
    if (!this.#open) return;
    try {
      this.#socket.send(data, to.port, to.host, done);
    } catch (error) {
      process.nextTick(done, error as Error); // a port that is none
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#socket.close();
  }
}

/** Where a program runs, and what it is told, if not as this process. */
export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export class PlainProcess extends EventEmitter<ProcessEvents> implements Process {
  readonly stdin;
  readonly stdout;
  readonly stderr;
  readonly #child;
  readonly #group: boolean;

  /** @param surroundings  given: it is made the first of a group, which is killed as one */
  constructor({ command, args }: SpawnOptions, surroundings?: Surroundings) {
    super();
    this.#group = surroundings !== undefined && process.platform !== 'win32';
    this.#child = spawn(command, args, { ...surroundings, stdio: 'pipe', windowsHide: true, detached: this.#group });
    this.stdin = this.#child.stdin;
    this.stdout = this.#child.stdout;
    this.stderr = this.#child.stderr;
    this.#child.on('error', (error) => this.emit('error', error));
    this.#child.on('close', (code, signal) => this.emit('close', code, signal));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  kill(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): void {
    const { pid } = this.#child;
    if (!this.#group || pid === undefined) this.#child.kill(signal);
    else {
      try {
        process.kill(-pid, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // all of them have ended
      }
    }
  }
}
