import { CodedError, errorText, TypedEmitter } from '../../../common/index.ts';
import { carriedName } from '../../carried-name.ts';
import { closureInside, type InnerClosure, MissingClass } from './closure.ts';

/** The line to a service of the host, and what a module at this end of it may use. */
export interface ServiceLine {
  say(message: unknown): void;
  listen(ear: (message: unknown) => void): void;
  /** Calls back when what was said has left. */
  whenOpen(callback: () => void): void;
  /** Of the swarmlet. */
  readonly files: ReadonlyMap<string, string>;
}

/** What the host says; it is trusted. */
type Heard =
  | { readonly type: 'event'; readonly part: number; readonly event: string; readonly args: unknown[] }
  /** The library's text of a class that was asked for; null: it has none. */
  | { readonly type: 'class'; readonly file: string; readonly text: string | null };

/** Classes of the library that one swarmlet may be made of. */
const MOST_CLASSES = 500;
/** Of a file that is pushed, at a time; a message takes it with each of them escaped. */
const PIECE_CHARACTERS = 131_072;

/** The module `deployment` inside an isolate: its parts are those of the box, which obeys as far as the policy goes. */
export const deploymentInside = {
  name: 'deployment',
  create: (line: ServiceLine): DeploymentInside => new DeploymentInside(line),
};

/** As accessors know it from a host of their own (src/deployment.ts). */
class DeploymentInside {
  readonly #line: ServiceLine;
  readonly #parts = new Map<number, Part>();
  readonly #library = new Map<string, string | null>();
  readonly #waiting = new Map<string, (() => void)[]>();
  #last = 0;

  constructor(line: ServiceLine) {
    this.#line = line;
    line.listen((message) => this.#heard(message as Heard));
  }

  get deployers(): readonly Part[] {
    return [...this.#parts.values()].filter((part) => part instanceof DeployerInside);
  }

  deployer(parameters: unknown): DeployerInside {
    return this.#add(new DeployerInside(this.#made('deployer', parameters)));
  }

  pusher(parameters: unknown): PusherInside {
    return this.#add(new PusherInside(this.#made('pusher', parameters), (source) => this.#closure(source)));
  }

  boxes(parameters: unknown): Part {
    return this.#add(new Part(this.#made('boxes', parameters)));
  }

  close(part: Part): void {
    part.close();
  }

  #made(kind: 'deployer' | 'pusher' | 'boxes', parameters: unknown): Wire {
    const part = ++this.#last;
    this.#line.say({ type: 'make', part, kind, parameters });
    return {
      part,
      call: (method, args) => this.#line.say({ type: 'call', part, method, args }),
      file: async (name, text) => {
        let at = 0;
        do {
          await new Promise<void>((resolve) => this.#line.whenOpen(resolve));
          this.#line.say({ type: 'file', part, name, piece: text.slice(at, at + PIECE_CHARACTERS) });
          at += PIECE_CHARACTERS;
        } while (at < text.length); // once for an empty one
      },
      close: () => {
        if (this.#parts.delete(part)) this.#line.say({ type: 'close', part });
      },
    };
  }

  #add<P extends Part>(part: P): P {
    this.#parts.set(part.wire.part, part);
    return part;
  }

  #heard(heard: Heard): void {
    if (heard.type === 'event') {
      this.#parts.get(heard.part)?.emit(heard.event, ...heard.args);
      return;
    }
    this.#library.set(heard.file, heard.text);
    const waiting = this.#waiting.get(heard.file) ?? [];
    this.#waiting.delete(heard.file);
    for (const go of waiting) go();
  }

  /** Of this swarmlet's own files, and for the rest of the box's library. */
  async #closure(source: string): Promise<InnerClosure> {
    for (let classes = 0; classes < MOST_CLASSES; classes++) {
      const library = [...this.#library].flatMap(([file, text]): [string, string][] => (text === null ? [] : [[file, text]]));
      try {
        return closureInside(source, new Map([...library, ...this.#line.files]));
      } catch (error) {
        if (!(error instanceof MissingClass) || this.#library.has(error.file)) throw error;
        await this.#askFor(error.file);
      }
    }
    throw new CodedError('TOO_LARGE', `It needs more than ${MOST_CLASSES} classes of the library`);
  }

  #askFor(file: string): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(file);
      if (waiting) waiting.push(resolve);
      else {
        this.#waiting.set(file, [resolve]);
        this.#line.say({ type: 'class', file: carriedName(file) });
      }
    });
  }
}

interface Wire {
  readonly part: number;
  call(method: string, args: readonly unknown[]): void;
  /** Of the next call. */
  file(name: string, text: string): Promise<void>;
  close(): void;
}

/** Its events are those that the box tells of. */
class Part extends TypedEmitter<Record<string, unknown[]>> {
  readonly wire: Wire;

  constructor(wire: Wire) {
    super();
    this.wire = wire;
  }

  close(): void {
    this.wire.close();
  }
}

class DeployerInside extends Part {
  envelope(value: unknown): void {
    this.wire.call('envelope', [value]);
  }

  command(value: unknown): void {
    this.wire.call('command', [value]);
  }

  provide(value: unknown): void {
    this.wire.call('provide', [value]);
  }
}

class PusherInside extends Part {
  readonly #closure: (source: string) => Promise<InnerClosure>;
  /** Their files go one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(wire: Wire, closure: (source: string) => Promise<InnerClosure>) {
    super(wire);
    this.#closure = closure;
  }

  /** @param swarmlet  a class, source text, or `{source, name, ...}`; there are no paths here */
  push(swarmlet: unknown, box: unknown): void {
    const { source, ...request } = typeof swarmlet === 'string' ? { source: swarmlet } : ((swarmlet ?? {}) as { source?: unknown });
    const pushed = this.#last.then(() => this.#push(source, request, box));
    this.#last = pushed.catch((error) => {
      const code = error instanceof CodedError ? error.code : 'SETUP_FAILED';
      this.emit('rejected', { code, reason: errorText(error) });
    });
  }

  async #push(source: unknown, request: object, box: unknown): Promise<void> {
    if (typeof source !== 'string') {
      throw new CodedError('MALFORMED', 'swarmlet: expected a class name, source text, or an object with one of them as "source"');
    }
    const { files, ...closure } = await this.#closure(source);
    for (const [name, text] of Object.entries(files)) await this.wire.file(name, text);
    this.wire.call('push', [closure, request, box]);
  }
}
