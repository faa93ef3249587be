import { AsyncLocalStorage } from 'node:async_hooks';
import { Duplex, PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { World } from '../edge/gate/index.ts';
import { CarriedIsolate } from './carried.ts';
import type { CallDesk, Carrier, Exit } from './carrier.ts';
import { LimitedOutput } from './child/console.ts';
import { Runtime } from './child/runtime.ts';
import type { Isolate, IsolateTier } from './isolate.ts';
import type { IsolateLimits } from './limits.ts';
import { Watchdog } from './watchdog.ts';

/** The console of the swarmlet whose code runs now, or of one that began what runs now. */
const consoles = new AsyncLocalStorage<Console>();

/** Swarmlets in the host's own event loop: nothing is between them and the host, and one that loops stops it. */
export class InlineTier implements IsolateTier {
  readonly name = 'inline';
  readonly level = 'I';
  readonly #watchdog = new Watchdog();
  readonly #live = new Set<CarriedIsolate>();
  readonly #console = globalThis.console;
  readonly #world: World;
  #closed = false;

  constructor(world = new World()) {
    this.#world = world;
  }

  async claim(limits: IsolateLimits): Promise<Isolate> {
    if (this.#closed) throw new Error('The inline tier is closed.');
    this.#shareConsole();
    const isolate = new CarriedIsolate(this.level, limits.memoryMiB, this.#watchdog, this.#world, (onExit) => new InlineCarrier(onExit));
    this.#live.add(isolate);
    isolate.done.then(() => this.#live.delete(isolate));
    await isolate.load();
    return isolate;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#live].map((isolate) => isolate.kill('exit', 'The box is closing.')));
    globalThis.console = this.#console;
  }

  /** What a swarmlet prints is its log, not the host's output. */
  #shareConsole(): void {
    if (globalThis.console !== this.#console) return;
    globalThis.console = new Proxy(this.#console, {
      get: (own, name) => Reflect.get(consoles.getStore() ?? own, name),
    });
  }
}

/** The runtime in this process, behind the same frames as everywhere. */
class InlineCarrier implements Carrier {
  readonly isApart = false;
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly pipe: Duplex;
  readonly gone: Promise<Exit>;
  readonly pid = process.pid;
  readonly failure = undefined;
  readonly #runtime: Runtime;
  #desk: CallDesk | undefined;
  #exit: (exit: Exit) => void = () => {};

  constructor(onExit: () => void) {
    const log = new LimitedOutput(String(process.argv[1]), (descriptor, chunk) => {
      (descriptor === 1 ? this.stdout : this.stderr).write(chunk);
    });
    const own = log.console();
    const [outside, inside] = duplexPair();
    this.pipe = outside;
    this.#runtime = new Runtime(inside, log, (bytes) => this.#desk?.callNow(bytes) ?? Buffer.alloc(0));
    inside.on('data', (chunk: Buffer) => consoles.run(own, () => this.#runtime.push(chunk)));
    this.gone = this.#untilGone(onExit);
    this.#runtime.loaded();
  }

  async vitals(): Promise<undefined> {
    return undefined;
  }

  answerWith(desk: CallDesk): void {
    this.#desk = desk;
  }

  kill(): void {
    this.#runtime.abandon();
    this.#exit({ code: 0, signal: null });
  }

  async #untilGone(onExit: () => void): Promise<Exit> {
    const exit = await new Promise<Exit>((resolve) => {
      this.#exit = resolve;
    });
    onExit();
    this.stdout.end();
    this.stderr.end();
    await Promise.all([finished(this.stdout), finished(this.stderr)]);
    this.pipe.destroy();
    return exit;
  }
}

/** What is written to one of them comes out of the other, later: neither side is called in the middle of its own work. */
function duplexPair(): [Duplex, Duplex] {
  const end = (other: () => Duplex): Duplex =>
    new Duplex({
      read: () => {},
      write: (chunk, _encoding, done) => {
        process.nextTick(() => other().push(chunk));
        done();
      },
    });
  const outside: Duplex = end(() => inside);
  const inside: Duplex = end(() => outside);
  return [outside, inside];
}
