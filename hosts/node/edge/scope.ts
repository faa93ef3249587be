import type { Duplex } from 'node:stream';
import type { Clock } from '../../common/index.ts';
import type {
  ConnectOptions,
  DatagramOptions,
  Datagrams,
  Edge,
  Interface,
  Listener,
  ListenOptions,
  Process,
  SerialOptions,
  SpawnOptions,
} from './edge.ts';
import type { Folder } from './folder.ts';

/** What a connection has, at wrapup, for its last bytes and the peer's farewell. */
const FAREWELL_MS = 1000;

/** What a module made for an accessor: closed at wrapup, politely and silently. */
export interface Owned {
  /** Before the swarmlet wraps up: begins nothing new, ends what it began, and resolves when that is done. */
  drain?(): Promise<void>;
  close(): void;
}

/**
 * The edge as the modules of one swarmlet see it. Remembers what is open, so that everything is given back at wrapup,
 * tells the clock of each operation, and refuses to listen where time is simulated.
 */
export class EdgeScope {
  /** Calls back when all reactions requested so far have run: who reads faster than that fills the memory. */
  readonly afterReactions: (callback: () => void) => void;
  readonly #edge: () => Edge;
  readonly #clock: Clock;
  readonly #owned = new Set<Owned>();
  readonly #streams = new Set<Duplex>();
  readonly #processes = new Set<Process>();
  /** Listeners and datagram sockets. */
  readonly #sockets = new Set<Listener | Datagrams>();
  readonly #operations = new Set<() => void>();

  /** @param edge  called when a module first reaches out */
  constructor(edge: () => Edge, clock: Clock, afterReactions: (callback: () => void) => void) {
    this.#edge = edge;
    this.#clock = clock;
    this.afterReactions = afterReactions;
  }

  // --------------------------------------------------------------------------------------- opening

  connect(options: ConnectOptions): Duplex {
    return this.#stream(this.#edge().connect(options));
  }

  serial(options: SerialOptions): Duplex {
    return this.#stream(this.#edge().serial(options));
  }

  /** @throws Error under a simulated clock */
  listen(options: ListenOptions): Listener {
    this.requireRealTime(`Listening at port ${options.port}`);
    const listener = this.#edge().listen(options);
    listener.on('connection', (stream) => this.#keep(stream));
    this.#sockets.add(listener);
    listener.once('close', () => this.#sockets.delete(listener));
    return listener;
  }

  /** @throws Error under a simulated clock, if it is to receive at a port */
  datagrams(options: DatagramOptions): Datagrams {
    if (options.bind) this.requireRealTime(`Listening at UDP port ${options.bind.port}`);
    const socket = this.#edge().datagrams(options);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }

  spawn(options: SpawnOptions): Process {
    const started = this.#edge().spawn(options);
    const over = this.operation();
    this.#processes.add(started);
    const ended = (): void => {
      this.#processes.delete(started);
      over();
    };
    started.once('close', ended);
    started.once('error', ended);
    return started;
  }

  serialPorts(): Promise<string[]> {
    return this.#during(this.#edge().serialPorts());
  }

  lookup(host: string, family: 4 | 6, port: number): Promise<string> {
    return this.#during(this.#edge().lookup(host, family, port));
  }

  /** @param path  empty: a folder that is removed at wrapup */
  folder(path: string): Folder {
    const folder = this.#edge().folder(path);
    if (path === '') this.own({ close: () => folder.remove('') });
    return folder;
  }

  readFile(path: string): Promise<Buffer> {
    return this.#during(this.#edge().readFile(path));
  }

  interfaces(): readonly Interface[] {
    return this.#edge().interfaces();
  }

  part(name: string): Buffer {
    return this.#edge().part(name);
  }

  /** @throws Error under a simulated clock: nobody knows when in it something comes from outside */
  requireRealTime(what: string): void {
    if (this.#clock.simulated) throw new Error(`${what} is not possible in simulated time; run the swarmlet without --simulate`);
  }

  // --------------------------------------------------------------------------------------- what is under way

  /** Something outside has begun that an answer will come from; the returned function says that it is over. */
  operation(): () => void {
    const over = this.#clock.beginOperation();
    const once = (): void => {
      this.#operations.delete(once);
      over();
    };
    this.#operations.add(once);
    return once;
  }

  /** Has `thing` closed at wrapup; the returned function says that it is closed already. */
  own(thing: Owned): () => void {
    this.#owned.add(thing);
    return () => this.#owned.delete(thing);
  }

  /**
   * Lets those that serve others come to an end, while the swarmlet still runs.
   * @param ms  after this time they have to
   * @returns   undefined: there are none
   */
  drain(ms: number): Promise<void> | undefined {
    const drains = [...this.#owned].flatMap((thing) => thing.drain?.() ?? []);
    if (drains.length === 0) return undefined;
    return new Promise((resolve) => {
      const late = setTimeout(resolve, ms);
      void Promise.all(drains).then(() => {
        clearTimeout(late);
        resolve();
      });
    });
  }

  /**
   * Gives everything back. What is opened later, when the swarmlet is initialized again, belongs to the scope again.
   * @param farewellMs  what is still open after this time is cut off
   * @returns           resolves when nothing is open any more
   */
  close(farewellMs = FAREWELL_MS): Promise<void> {
    for (const thing of [...this.#owned]) thing.close();
    this.#owned.clear();
    for (const socket of [...this.#sockets]) socket.close();
    for (const started of this.#processes) started.kill();
    for (const over of [...this.#operations]) over();
    return this.#untilClosed(farewellMs);
  }

  async #untilClosed(farewellMs: number): Promise<void> {
    const [streams, processes] = [[...this.#streams], [...this.#processes]];
    if (streams.length === 0 && processes.length === 0) return;
    const late = setTimeout(() => {
      for (const stream of streams) stream.destroy();
      for (const started of processes) if (this.#processes.has(started)) started.kill('SIGKILL');
    }, farewellMs);
    late.unref();
    const ended = processes.map(
      (started) => new Promise<void>((resolve) => started.once('close', () => resolve()).once('error', () => resolve())),
    );
    const closed = streams
      .filter((stream) => !stream.closed)
      .map((stream) => new Promise<void>((resolve) => stream.once('close', resolve)));
    await Promise.all([...ended, ...closed]);
    clearTimeout(late);
  }

  #stream(stream: Duplex): Duplex {
    const over = this.operation();
    stream.once('connect', over);
    stream.once('close', over);
    return this.#keep(stream);
  }

  #keep(stream: Duplex): Duplex {
    this.#streams.add(stream);
    stream.once('close', () => this.#streams.delete(stream));
    return stream;
  }

  async #during<T>(promise: Promise<T>): Promise<T> {
    const over = this.operation();
    try {
      return await promise;
    } finally {
      over();
    }
  }
}
