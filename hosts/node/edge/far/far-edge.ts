import type { Duplex } from 'node:stream';
import type { ConnectOptions, DatagramOptions, Edge, Interface, ListenOptions, SerialOptions, SpawnOptions } from '../edge.ts';
import { errorOf } from '../failure.ts';
import { type EdgeEvent, type EdgeRequest, type Outside, parseBytes, type Wire } from '../wire.ts';
import { FarDatagrams } from './datagrams.ts';
import { type Call, FarFolder, readWhole } from './far-folder.ts';
import { FarListener } from './listener.ts';
import { FarProcess } from './process.ts';
import { FarStream } from './stream.ts';
import type { Registry, Wired } from './wired.ts';

/** The edge inside an isolate: everything is asked of the host, which opens, checks and holds it. */
export class FarEdge implements Edge, Registry {
  readonly wire: Wire<EdgeRequest>;
  readonly #interfaces: readonly Interface[];
  readonly #call: Call;
  readonly #open = new Map<number, Wired>();
  #last = 0;

  constructor(wire: Wire<EdgeRequest>, { interfaces }: Outside, call: Call) {
    this.wire = wire;
    this.#call = call;
    this.#interfaces = interfaces;
  }

  connect(options: ConnectOptions): Duplex {
    return this.#stream((id) => ({ do: 'connect', id, ...options }));
  }

  serial(options: SerialOptions): Duplex {
    return this.#stream((id) => ({ do: 'serial', id, ...options }));
  }

  listen(options: ListenOptions): FarListener {
    return new FarListener(++this.#last, this, options);
  }

  datagrams(options: DatagramOptions): FarDatagrams {
    return new FarDatagrams(++this.#last, this, options);
  }

  spawn(options: SpawnOptions): FarProcess {
    this.#last += 2;
    return new FarProcess(this.#last - 1, this, options);
  }

  async serialPorts(): Promise<string[]> {
    return (await this.#ask((id) => ({ do: 'serialPorts', id }))) as string[];
  }

  async lookup(host: string, family: 4 | 6, port: number): Promise<string> {
    return (await this.#ask((id) => ({ do: 'lookup', id, host, family, port }))) as string;
  }

  async readFile(path: string): Promise<Buffer> {
    try {
      return Buffer.from((await this.#ask((id) => ({ do: 'readFile', id, path }))) as string, 'base64');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EFBIG') throw error;
      return this.folder('/').read(path); // in pieces
    }
  }

  part(name: string): Buffer {
    return readWhole(this.#call, 'part', name);
  }

  folder(path: string): FarFolder {
    return new FarFolder(this.#call, path === '' ? `temporary-${crypto.randomUUID()}` : path);
  }

  interfaces(): readonly Interface[] {
    return this.#interfaces;
  }

  // --------------------------------------------------------------------------------------- from the host

  event(event: EdgeEvent): void {
    const wired = this.#open.get(event.id);
    if (wired) wired.event(event);
    else if (event.on === 'accepted') new FarStream(event.stream, this).destroy(); // it came while its listener closed
  }

  bytes(body: Buffer): void {
    const bytes = parseBytes(body);
    const wired = this.#open.get(bytes.id);
    if (bytes.kind === 'datagram') {
      if (wired instanceof FarDatagrams) wired.arrived(bytes.data, bytes.peer);
    } else if (wired instanceof FarStream) wired.arrived(bytes.data);
  }

  add(id: number, wired: Wired): void {
    this.#open.set(id, wired);
  }

  forget(id: number): void {
    this.#open.delete(id);
  }

  /** True while anything is open: what was written may still be on its way. */
  get isOpen(): boolean {
    return this.#open.size > 0;
  }

  #stream(request: (id: number) => EdgeRequest): FarStream {
    const id = ++this.#last;
    const stream = new FarStream(id, this);
    this.wire.tell(request(id));
    return stream;
  }

  #ask(request: (id: number) => EdgeRequest): Promise<unknown> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.add(id, {
        event: (event) => {
          this.forget(id);
          this.wire.tell({ do: 'close', id });
          if (event.on === 'answer') resolve(event.value);
          else if (event.on === 'closed') reject(errorOf(event.error ?? { message: 'There was no answer' }));
        },
      });
      this.wire.tell(request(id));
    });
  }
}
