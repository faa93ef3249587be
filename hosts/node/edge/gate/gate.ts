import { errorOf, failureOf } from '../failure.ts';
import { type FolderAnswer, type FolderCall, pack, parseCall, unpack } from '../folder-call.ts';
import type { Owner } from '../own/index.ts';
import { addressesOf, connectTo, PlainProcess } from '../plain-edge.ts';
import type { Reach } from '../reach.ts';
import { isRequest } from '../request.ts';
import { weightOf } from '../weight.ts';
import { type EdgeEvent, type EdgeRequest, fileLimit, type Outside, openLimit, parseBytes, type Wire } from '../wire.ts';
import { Dock } from './dock.ts';
import { Mail } from './mail.ts';
import { Permit } from './permit.ts';
import { Program } from './program.ts';
import { Shuttle } from './shuttle.ts';
import { Toll } from './toll.ts';
import type { World } from './world.ts';
import { EdgeError, type Held, type Yard } from './yard.ts';

export interface GateOptions {
  /** Whose ports it shares with its other versions, and the folder with those of this principal. */
  readonly owner: Owner;
  readonly reach: Reach;
  /** The swarmlet's own files, which it may read as files too. */
  readonly files: ReadonlyMap<string, string>;
  readonly messagesPerSecond: number;
  readonly storageMiB: number;
  readonly memoryMiB: number;
  readonly wire: Wire<EdgeEvent>;
  /** Milliseconds; stands still while the host does. */
  readonly now: () => number;
}

/** What a program gets of the box's environment: nothing that may be secret. */
const environment = ['PATH', 'LANG', 'LC_ALL', 'TZ'];

/**
 * The host's end of the edge of one swarmlet: opens what it asks for if it may, and carries it to and fro. Whatever is
 * open is given back when the swarmlet ends.
 */
export class Gate implements Yard {
  readonly #options: GateOptions;
  readonly #world: World;
  readonly #permit: Permit;
  readonly #held = new Map<number, Held>();
  /** To the swarmlet, and from it. */
  readonly #inward: Toll;
  readonly #outward: Toll;
  #lastGiven = 0;
  #lastAsked = 0;
  #called = false;
  #runs = false;
  #closed = false;

  constructor(options: GateOptions, world: World) {
    this.#options = options;
    this.#world = world;
    this.#permit = new Permit(options.reach, world);
    this.#inward = new Toll(options.messagesPerSecond, options.now());
    this.#outward = new Toll(options.messagesPerSecond, options.now());
  }

  /** What the swarmlet is told at its start. */
  get outside(): Outside {
    return { interfaces: this.#options.reach.interfaces ? this.#world.interfaces() : [] };
  }

  // --------------------------------------------------------------------------------- from the swarmlet

  /**
   * @param bytes  length of its frame
   * @throws EdgeError if no runtime of ours asks for that
   * @returns false: it is a flood
   */
  request(request: unknown, bytes: number): boolean {
    if (!isRequest(request)) throw new EdgeError('a request that is none');
    if (!this.#outward.charge(weightOf(bytes), this.#options.now())) return false;
    switch (request.do) {
      case 'end':
        this.#get(request.id, 'end').end();
        break;
      case 'more':
        this.#get(request.id, 'more').more(request.bytes);
        break;
      case 'kill':
        this.#held.get(request.id)?.kill?.(request.signal);
        break;
      case 'close':
        this.#get(request.id, 'close').close();
        break;
      default:
        this.#open(request);
    }
    return true;
  }

  /** The same for bytes. */
  piece(body: Buffer): boolean {
    if (!this.#outward.charge(weightOf(body.length), this.#options.now())) return false;
    const bytes = parse(body);
    if (bytes.kind === 'stream') this.#get(bytes.id, 'piece').piece(bytes.data);
    else this.#get(bytes.id, 'datagram').datagram(bytes.data, bytes.peer);
    return true;
  }

  /**
   * A call about its folder, for which the swarmlet waits.
   * @returns the answer; undefined: it is no call
   */
  async call(bytes: Buffer): Promise<Buffer | undefined> {
    const call = this.#callIn(bytes);
    if (call?.op === 'part') return this.#world.folders.part(call);
    const refusal = this.#permit.files();
    if (!call || refusal) return call && refusalOf(refusal as Error);
    const { owner, storageMiB } = this.#options;
    return this.#world.folders.call(owner, storageMiB, this.#first(), bytes);
  }

  /** The same at once, for a swarmlet in the loop of the box itself. */
  callNow(bytes: Buffer): Buffer | undefined {
    const call = this.#callIn(bytes);
    if (call?.op === 'part') return this.#world.folders.partNow(call);
    const refusal = this.#permit.files();
    if (!call || refusal) return call && refusalOf(refusal as Error);
    const { owner, storageMiB } = this.#options;
    return this.#world.folders.callNow(owner, storageMiB, this.#first(), bytes);
  }

  #callIn(bytes: Buffer): FolderCall | undefined {
    this.#outward.charge(weightOf(bytes.length), this.#options.now());
    return parseCall(bytes)?.call;
  }

  #first(): boolean {
    const first = !this.#called;
    this.#called = true;
    return first;
  }

  #get<Name extends keyof Held>(id: number, name: Name): Held & Required<Pick<Held, Name>> {
    const held = this.#held.get(id);
    if (!held?.[name]) throw new EdgeError(`'${name}' for what is not open`);
    return held as Held & Required<Pick<Held, Name>>;
  }

  #open(request: Exclude<EdgeRequest, { do: 'end' | 'more' | 'kill' | 'close' }>): void {
    const { id } = request;
    // A number is never used again: what comes late can be nobody else's.
    if (id <= this.#lastAsked) throw new EdgeError('a number that was used before');
    this.#lastAsked = request.do === 'spawn' ? id + 1 : id;
    const full = this.#held.size >= openLimit;
    const refusal = full
      ? Object.assign(new Error(`A swarmlet may have ${openLimit} things open at a time`), { code: 'EMFILE' })
      : this.#refusal(request);
    if (refusal) {
      this.#refuseAll(request, refusal);
      return;
    }
    try {
      this.#begin(request);
    } catch (error) {
      // What the system does not take at once is thrown, such as arguments that are too long; the box must not fall with it.
      if (error instanceof EdgeError) throw error;
      this.#refuseAll(request, error as Error);
    }
  }

  #refuseAll({ id, do: what }: EdgeRequest, error: Error): void {
    this.#refuse(id, error);
    if (what === 'spawn') this.#refuse(id + 1);
  }

  #refusal(request: EdgeRequest): Error | undefined {
    const permit = this.#permit;
    switch (request.do) {
      case 'connect':
        return permit.connect(request.host, request.port);
      case 'listen':
        return permit.listen(request.port);
      case 'datagrams':
        return request.bind ? permit.listen(request.bind.port) : permit.datagrams();
      case 'spawn':
        return permit.program(request.command, request.args);
      case 'serial':
      case 'serialPorts':
        return permit.serial();
      case 'lookup':
        return permit.lookup(request.host);
      default:
        return undefined;
    }
  }

  #begin(request: EdgeRequest): void {
    const { id } = request;
    const { edge, harbour } = this.#world;
    const { swarmlet } = this.#options.owner;
    switch (request.do) {
      case 'connect': {
        const { host, port } = request;
        const stream = connectTo({ ...optionsOf(request), allowHalfOpen: true }, (address) => this.#permit.address(host, address, port));
        stream.once('connect', () => this.tell({ on: 'opened', id }));
        this.#hold(id, new Shuttle(id, this, stream, stream));
        return;
      }
      case 'serial': {
        const line = edge.serial(optionsOf(request));
        line.once('connect', () => this.tell({ on: 'opened', id }));
        this.#hold(id, new Shuttle(id, this, line, line));
        return;
      }
      case 'listen':
        this.#hold(id, new Dock(id, this, harbour, swarmlet, optionsOf(request)));
        return;
      case 'datagrams':
        this.#hold(id, new Mail(id, this, this.#permit, this.#world, swarmlet, optionsOf(request)));
        return;
      case 'spawn': {
        const env = Object.fromEntries(environment.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
        const started = new PlainProcess(this.#world.enclose(request, this.#options.memoryMiB), {
          cwd: '/',
          env: env as Record<string, string>,
        });
        this.#hold(id, new Program(id, this, started));
        this.#hold(id + 1, new Shuttle(id + 1, this, started.stderr, undefined));
        return;
      }
      case 'lookup':
        this.#answer(id, this.#lookup(request));
        return;
      case 'serialPorts':
        this.#answer(id, edge.serialPorts());
        return;
      case 'readFile':
        this.#answer(id, this.#readFile(request.path));
        return;
      default:
    }
  }

  #hold(id: number, held: Held): void {
    this.#held.set(id, held);
    if (this.#runs) held.running?.();
  }

  /** It is there until the swarmlet has heard that it is not. */
  #refuse(id: number, error?: Error): void {
    this.#held.set(
      id,
      closed(() => this.forget(id)),
    );
    this.tell({ on: 'closed', id, ...(error && { error: failureOf(error) }) });
  }

  #answer(id: number, answer: Promise<unknown>): void {
    this.#held.set(
      id,
      closed(() => this.forget(id)),
    );
    answer.then(
      (value) => this.tell({ on: 'answer', id, value }),
      (error: Error) => this.tell({ on: 'closed', id, error: failureOf(error) }),
    );
  }

  async #lookup({ host, family, port }: Extract<EdgeRequest, { do: 'lookup' }>): Promise<string> {
    const found = await addressesOf(host, family);
    const address = found.find((one) => !this.#permit.address(host, one, port)) ?? (found[0] as string);
    this.#permit.remember(host, address);
    return address;
  }

  async #readFile(path: string): Promise<string> {
    const text = this.#options.files.get(path.replace(/^(?:\.?\/)+/, ''));
    const data = text === undefined ? await this.#readOwn(path) : Buffer.from(text);
    if (data.length > fileLimit) throw Object.assign(new Error(`${path} has more than ${fileLimit} bytes`), { code: 'EFBIG' });
    return data.toString('base64');
  }

  /** From its own folder. */
  async #readOwn(path: string): Promise<Buffer> {
    const refusal = this.#permit.files();
    if (refusal) throw Object.assign(new Error(`The swarmlet carries no file ${path}, and ${refusal.message}`), { code: 'ENOENT' });
    const { owner, storageMiB } = this.#options;
    const answer = await this.#world.folders.call(owner, storageMiB, this.#first(), pack({ op: 'read', path, at: 0 }));
    const { head, data } = unpack(answer as Buffer);
    const { error } = head as FolderAnswer;
    if (error) throw errorOf(error);
    return data;
  }

  // -------------------------------------------------------------------------------- for what is held

  tell(event: EdgeEvent): void {
    if (!this.#closed) this.#options.wire.tell(event);
  }

  bytes(parts: readonly Uint8Array[]): void {
    if (this.#closed) return;
    this.#inward.charge(weightOf(parts.reduce((sum, part) => sum + part.length, 0)), this.#options.now());
    this.#options.wire.bytes(parts);
  }

  get mayRead(): boolean {
    return this.#inward.paid;
  }

  get mayGrant(): boolean {
    return this.#outward.paid;
  }

  take(make: (id: number) => Held): number | undefined {
    if (this.#closed || this.#held.size >= openLimit) return undefined;
    const id = --this.#lastGiven;
    this.#hold(id, make(id));
    return id;
  }

  forget(id: number): void {
    this.#held.delete(id);
  }

  // ------------------------------------------------------------------------------------- of its life

  /** The swarmlet runs: from now on what arrives at its ports is for it, and not for the version before it. */
  running(): void {
    this.#runs = true;
    for (const held of this.#held.values()) held.running?.();
  }

  /** Time has passed. */
  tick(now: number): void {
    const [inward, outward] = [this.#inward.fill(now), this.#outward.fill(now)];
    if (!inward && !outward) return;
    for (const held of [...this.#held.values()]) held.flow?.();
  }

  /** Its programs that run; of each the first process. */
  get programs(): readonly number[] {
    return [...this.#held.values()].flatMap(({ pid }) => pid ?? []);
  }

  /** Something waits for time to pass. */
  get waiting(): boolean {
    return !this.#inward.paid || !this.#outward.paid;
  }

  /** @param politely  what it wrote still gets there */
  close(politely: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const held of [...this.#held.values()]) held.giveUp(politely);
    this.#held.clear();
  }
}

function refusalOf(error: Error): Buffer {
  return pack({ error: failureOf(error) });
}

function closed(forget: () => void): Held {
  return { piece() {}, end() {}, more() {}, datagram() {}, close: forget, giveUp() {} };
}

function optionsOf<R extends EdgeRequest>({ do: _, id: __, ...options }: R): Omit<R, 'do' | 'id'> {
  return options;
}

function parse(body: Buffer): ReturnType<typeof parseBytes> {
  try {
    return parseBytes(body);
  } catch (error) {
    throw new EdgeError((error as Error).message);
  }
}
