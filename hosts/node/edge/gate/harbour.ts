import type { Duplex } from 'node:stream';
import type { DatagramOptions, Datagrams, Edge, Listener, ListenOptions, Peer } from '../edge.ts';

/** Who listens at a port: one version of a swarmlet. */
export interface Crew<Arrival> {
  /** Its isolate; one cannot listen twice at one port. */
  readonly owner: object;
  listening(at: Peer): void;
  arrived(arrival: Arrival, from: Peer): void;
  /** From now on it is another one's turn: gives away what arrived and was not begun with. */
  leaves(): readonly (readonly [arrival: Arrival, from: Peer])[];
  failed(error: Error): void;
}

/** The place of a crew at a port. */
export interface Berth {
  /** From now on what arrives is for this crew. */
  run(): void;
  close(): void;
}

/**
 * The ports that the swarmlets of a box listen at. Two versions of one swarmlet share a port as long as both are there: what
 * arrives goes to the newest that runs, so an upgrade loses nothing, and a version that does not start has taken nothing.
 */
export class Harbour {
  readonly #edge: Edge;
  readonly #piers = new Map<string, Pier<never>>();

  constructor(edge: Edge) {
    this.#edge = edge;
  }

  listen(swarmlet: string, options: ListenOptions, crew: Crew<Duplex>): Berth {
    const { host, port } = options;
    const key = `${swarmlet} tcp ${host === 'localhost' ? '127.0.0.1' : host} ${port}`;
    return this.#moor(key, port, crew, (pier) => {
      const listener = this.#edge.listen({ ...options, allowHalfOpen: true });
      listener.on('connection', (stream, from) => {
        stream.on('error', () => {}); // also of one that nobody has taken yet
        pier.arrived(stream, from);
      });
      listener.on('listening', (at) => pier.listening(at));
      listener.on('error', (error) => pier.failed(error));
      return listener;
    });
  }

  /** What comes is sent by the socket too, so that answers come from that port. */
  receive(swarmlet: string, options: DatagramOptions & { readonly bind: Peer }, crew: Crew<Buffer>): Berth & Pick<Datagrams, 'send'> {
    const { bind, family, group = '', broadcast = false } = options;
    const key = `${swarmlet} udp${family} ${bind.host} ${bind.port} ${group} ${broadcast}`;
    let socket: Datagrams | undefined;
    const berth = this.#moor(key, bind.port, crew, (pier) => {
      const opened = this.#edge.datagrams(options);
      opened.on('message', (data, from) => pier.arrived(data, from));
      opened.on('listening', (at) => pier.listening(at));
      opened.on('error', (error) => pier.failed(error));
      return opened;
    });
    return {
      ...berth,
      send: (data, to, done) => {
        socket ??= berth.socket as Datagrams | undefined;
        socket?.send(data, to, done);
      },
    };
  }

  #moor<Arrival>(
    key: string,
    port: number,
    crew: Crew<Arrival>,
    open: (pier: Pier<Arrival>) => Listener | Datagrams,
  ): Berth & { readonly socket: Listener | Datagrams | undefined } {
    // Port 0 is a new one each time, and nobody else's.
    let pier = port === 0 ? undefined : (this.#piers.get(key) as Pier<Arrival> | undefined);
    if (pier?.has(crew)) {
      const error = Object.assign(new Error(`This swarmlet listens at port ${port} already`), { code: 'EADDRINUSE' });
      process.nextTick(() => crew.failed(error));
      return { run() {}, close() {}, socket: undefined };
    }
    if (!pier) {
      pier = new Pier<Arrival>(open, () => this.#piers.delete(key));
      if (port !== 0) this.#piers.set(key, pier as unknown as Pier<never>);
    }
    return pier.moor(crew);
  }
}

/** One socket of the system, and who shares it. */
class Pier<Arrival> {
  readonly #socket: Listener | Datagrams;
  readonly #gone: () => void;
  /** In the order of their coming. */
  readonly #crews: { readonly crew: Crew<Arrival>; runs: boolean }[] = [];
  #at: Peer | undefined;

  constructor(open: (pier: Pier<Arrival>) => Listener | Datagrams, gone: () => void) {
    this.#gone = gone;
    this.#socket = open(this);
  }

  has({ owner }: Crew<Arrival>): boolean {
    return this.#crews.some(({ crew }) => crew.owner === owner);
  }

  moor(crew: Crew<Arrival>): Berth & { readonly socket: Listener | Datagrams } {
    const place = { crew, runs: false };
    this.#crews.push(place);
    const at = this.#at;
    if (at) process.nextTick(() => crew.listening(at));
    const run = (): void => {
      place.runs = true;
      if (this.#turn !== crew) return;
      const others = this.#crews.filter((one) => one !== place);
      for (const [arrival, from] of others.flatMap((other) => other.crew.leaves())) crew.arrived(arrival, from);
    };
    const close = (): void => {
      const index = this.#crews.indexOf(place);
      if (index < 0) return;
      this.#crews.splice(index, 1);
      if (this.#crews.length > 0) return;
      this.#gone();
      this.#socket.close();
    };
    return { run, close, socket: this.#socket };
  }

  /** The newest that runs; before any runs, the newest. */
  get #turn(): Crew<Arrival> | undefined {
    return (this.#crews.findLast(({ runs }) => runs) ?? this.#crews.at(-1))?.crew;
  }

  arrived(arrival: Arrival, from: Peer): void {
    const turn = this.#turn;
    if (turn) turn.arrived(arrival, from);
    else if ('destroy' in (arrival as Duplex)) (arrival as Duplex).destroy(); // it came while the last one left
  }

  listening(at: Peer): void {
    this.#at = at;
    for (const { crew } of this.#crews) crew.listening(at);
  }

  failed(error: Error): void {
    this.#gone();
    for (const { crew } of this.#crews.splice(0)) crew.failed(error);
  }
}
