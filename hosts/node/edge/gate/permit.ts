import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { Interface } from '../edge.ts';
import { isHost, isPlace, isProgram, type Place, type Reach } from '../reach.ts';

/** Addresses looked up that are remembered, and names of each. */
const REMEMBERED = 1024;
const NAMES = 16;

/** What a permit knows of the machine it is for. */
export interface Surroundings {
  interfaces(): readonly Interface[];
  /** Ports at which the box itself listens. */
  ownPorts(): readonly number[];
}

/**
 * Whether one swarmlet may reach what it asks for. A name is judged as it was asked for, and then each address that it
 * has: who answers for a name must not lead a swarmlet into this machine.
 */
export class Permit {
  readonly #reach: Reach;
  readonly #surroundings: Surroundings;
  /** Address -> names that had it when they were looked up; of both the oldest first. */
  readonly #names = new Map<string, Set<string>>();

  constructor(reach: Reach, surroundings: Surroundings) {
    this.#reach = reach;
    this.#surroundings = surroundings;
  }

  /** Why not; undefined: it may, as far as the name tells. */
  connect(host: string, port: number): Error | undefined {
    if (this.#allows(host, port)) return undefined;
    return denied(`It may not connect to ${shown(host)}:${port}`, `net:connect:${shown(host)}:${port}`);
  }

  /** Why not to this address, which the name has, or which is the name itself. */
  address(host: string, given: string, port: number): Error | undefined {
    const address = plainAddress(given);
    const isOwn = isOfMachine(address) || this.#surroundings.interfaces().some((one) => one.address === address);
    const capability = `net:connect:${shown(address)}:${port}`;
    if (isOwn && this.#surroundings.ownPorts().includes(port)) {
      const named = this.#reach.connect.some((place) => isExact(place) && (isPlace(place, host, port) || isPlace(place, address, port)));
      return named ? undefined : denied(`Port ${port} of this machine is the box's own`, capability);
    }
    if (isLinkLocal(address)) {
      const named = this.#reach.connect.some((place) => place.host !== '*' && isPlace(place, address, port));
      return named ? undefined : denied(`${address} is of this link only`, capability);
    }
    if (isIP(host) !== 0 || !isOfMachine(address) || this.#allows(address, port)) return undefined;
    if (isHost('localhost', host) || this.#allows('localhost', port)) return undefined;
    return denied(`The name ${host} leads to this machine itself`, capability);
  }

  lookup(host: string): Error | undefined {
    if (this.#reach.connect.some((place) => isHost(place.host, host))) return undefined;
    return denied(`It may not look up ${host}`, `net:connect:${shown(host)}:PORT`);
  }

  /** A name that may be looked up has this address. */
  remember(host: string, address: string): void {
    const names = this.#names.get(address) ?? new Set();
    names.delete(host);
    names.add(host);
    if (names.size > NAMES) names.delete(names.values().next().value as string);
    this.#names.delete(address);
    this.#names.set(address, names);
    if (this.#names.size > REMEMBERED) this.#names.delete(this.#names.keys().next().value as string);
  }

  /** @param address  of a datagram: itself granted, or that of a name which is */
  send(address: string, port: number): Error | undefined {
    const hosts = [address, ...(this.#names.get(address) ?? [])];
    const host = hosts.find((one) => this.#allows(one, port)) ?? (hosts.at(-1) as string);
    return this.connect(host, port) ?? this.address(host, address, port);
  }

  listen(port: number): Error | undefined {
    if (this.#reach.listen.some((granted) => granted === '*' || granted === port)) return undefined;
    return denied(`It may not listen at port ${port}`, `net:listen:${port === 0 ? '*' : port}`);
  }

  /** A socket that is bound to no port of its own choice. */
  datagrams(): Error | undefined {
    if (this.#reach.connect.length > 0 || this.#reach.listen.length > 0) return undefined;
    return denied('It may not send datagrams', 'net:connect:HOST:PORT');
  }

  program(command: string, args: readonly string[]): Error | undefined {
    if (this.#reach.programs.some((granted) => isProgram(granted, command, args))) return undefined;
    return denied(`It may not run ${[command, ...args].join(' ').slice(0, 200)}`, 'exec');
  }

  serial(): Error | undefined {
    return this.#reach.serial ? undefined : denied('It may not use serial lines', 'serial');
  }

  files(): Error | undefined {
    return this.#reach.files ? undefined : denied('It has no folder of its own', 'files');
  }

  #allows(host: string, port: number): boolean {
    return this.#reach.connect.some((place) => isPlace(place, host, port));
  }
}

function denied(what: string, capability: string): Error {
  return Object.assign(new Error(`${what}: ask for it with capability "${capability}"`), { code: 'EACCES' });
}

function isExact({ host, port }: Place): boolean {
  return port !== '*' && !host.includes('*');
}

function shown(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

/** An address of version 4 is the same when it is written as one of version 6. */
function plainAddress(address: string): string {
  const mapped = /^(?:0*:)*:?ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/i.exec(address);
  if (mapped?.[1]) return mapped[1];
  if (!mapped) return address.toLowerCase().replace(/%.*$/, '');
  const [high, low] = [Number.parseInt(mapped[2] as string, 16), Number.parseInt(mapped[3] as string, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** Of the machine itself whoever asks: loopback, and what stands for "here". */
function isOfMachine(address: string): boolean {
  return isIPv4(address) ? /^(?:127|0)\./.test(address) : /^[0:]*1?$/.test(address);
}

/** Reached without a router: among them the address at which clouds tell a machine its secrets. */
function isLinkLocal(address: string): boolean {
  return address.startsWith('169.254.') || /^fe[89ab][0-9a-f]:/.test(address);
}
