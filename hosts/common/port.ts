import type { Accessor } from './accessor.ts';
import { errorText } from './errors.ts';
import { Fifo } from './fifo.ts';
import type { Handled, Handler } from './handlers.ts';

/** What a port is declared with; the host gives a meaning to the named ones and keeps the rest (spec section 4). */
export interface PortOptions {
  /** `number`, `int`, `boolean`, `string`, `JSON`, `select`, or anything else; absent: values are not converted. */
  type?: string;
  /** Default value of an input or a parameter; converted when it is read. */
  value?: unknown;
  /** Suggestions for a user interface; not enforced. */
  options?: readonly unknown[];
  visibility?: 'full' | 'expert' | 'notEditable' | 'none';
  /** Of an output: sent by a callback, so that it imposes no order on reactions (spec section 11). */
  spontaneous?: boolean;
  [other: string]: unknown;
}

/**
 * Converts `value` to the type of a port by the six rules of spec section 5.
 * @param name  of the port, for the message
 * @throws Error that says what was expected and what came
 */
function convert(value: unknown, type: string, name: string): unknown {
  if (type === 'string') return jsonText(value, name, 'string');
  if (typeof value === 'string') {
    if (value === '') return type === 'JSON' ? '' : null;
    try {
      return JSON.parse(value);
    } catch {
      return value; // text that is no JSON stands for itself
    }
  }
  if (type === 'boolean') return Boolean(value);
  if (type === 'number' || type === 'int') {
    if (typeof value !== 'number') throw new Error(`${name} expected an int, but got a ${typeof value}: ${errorText(value)}`);
    if (!Number.isInteger(value)) throw new Error(`${name} expected an int, but got ${value}`);
    return value;
  }
  jsonText(value, name, 'JSON'); // anything that has a JSON text passes as it is
  return value;
}

function jsonText(value: unknown, name: string, kind: 'string' | 'JSON'): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new Error(`${name} got a value that does not have a ${kind} representation: ${errorText(cause)}`, { cause });
  }
}

/** Stands for the sources of a port that has never had one, as most never have. */
const nothing: never[] = [];

/** What all three kinds of ports have: a name, an owner, a type, and the options object that programs read. */
abstract class Port {
  readonly name: string;
  readonly owner: Accessor;
  /** The one that was declared after it (see `PortTable`). */
  next: this | undefined = undefined;
  type: string | undefined = undefined;
  #options: PortOptions | undefined = undefined;

  constructor(owner: Accessor, name: string) {
    this.owner = owner;
    this.name = name;
  }

  /** The options as given, plus `currentValue`, `destinations` and the like as read-only properties. */
  get options(): PortOptions {
    this.#options ??= this.view();
    return this.#options;
  }

  /** Made when somebody gives options or looks at them, which for most ports nobody does. */
  protected abstract view(): PortOptions;

  /** One of the options; undefined as long as there are none. */
  protected option(name: 'value' | 'spontaneous'): unknown {
    return this.#options?.[name];
  }

  /** Merges options into those of an earlier declaration, the new ones winning; the given object stays the caller's. */
  declare(options: PortOptions | undefined): void {
    if (options === undefined || options === null) return;
    for (const key of Object.keys(options)) define(this.options, key, options[key]);
    const { type } = this.options;
    this.type = type === undefined || type === null ? undefined : String(type);
  }

  convert(value: unknown): unknown {
    const { type } = this;
    // `type` is data here, most often the name of a JavaScript type.
    return type === undefined || typeof value === type || value === null ? value : convert(value, type, this.name);
  }
}

/** Where values go from a port: a list, in the order of connection. */
interface Connection {
  readonly to: Destination;
  next: Connection | undefined;
}

/** An input or an output: values flow from it to its destinations, in the order of their connection. */
abstract class ConnectedPort extends Port {
  /** The connections from this port; undefined if there are none. */
  first: Connection | undefined = undefined;
  /** Its destination if there is one connection, as most ports have: a value then goes there without touching that. */
  only: Destination | undefined = undefined;
  #last: Connection | undefined = undefined;
  #sources: Source[] = nothing;

  get destinations(): Destination[] {
    const ports: Destination[] = [];
    for (let connection = this.first; connection; connection = connection.next) ports.push(connection.to);
    return ports;
  }

  /** Of the connection to this port that was made last; null if all were taken away, undefined if there never was one. */
  get source(): Source | null | undefined {
    return this.#sources === nothing ? undefined : (this.#sources.at(-1) ?? null);
  }

  /** A value comes from a port that is connected to this one. */
  abstract take(value: unknown): void;

  static connect(from: Source, to: Destination): void {
    const made: Connection = { to, next: undefined };
    if (from.#last) from.#last.next = made;
    else from.first = made;
    from.#last = made;
    from.only = from.first === made ? to : undefined;
    if (to.#sources === nothing) to.#sources = [from];
    else to.#sources.push(from);
  }

  /** Takes away the last connection made between these two; none: does nothing. */
  static disconnect(from: Source, to: Destination): void {
    const connections: Connection[] = [];
    for (let connection = from.first; connection; connection = connection.next) connections.push(connection);
    const index = connections.findLastIndex((connection) => connection.to === to);
    const gone = connections[index];
    if (!gone) return;
    const before = connections[index - 1];
    if (before) before.next = gone.next;
    else from.first = gone.next;
    if (from.#last === gone) from.#last = before;
    from.only = from.first === from.#last ? from.first?.to : undefined;
    to.#sources.splice(to.#sources.lastIndexOf(from), 1);
  }
}

export const connectPorts = ConnectedPort.connect;
export const disconnectPorts = ConnectedPort.disconnect;

/** Makes an own property whatever its name: an assignment would not, for `__proto__` and for what a view only shows. */
function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

/** What programs see of an input besides its options. */
class InputView {
  [option: string]: unknown;
  readonly #port: Input;
  constructor(port: Input) {
    this.#port = port;
  }
  get currentValue(): unknown {
    return this.#port.current;
  }
  get pendingHandler(): boolean {
    return this.#port.pending;
  }
  get queuedInputs(): readonly unknown[] {
    return this.#port.queue.toArray();
  }
  get destinations(): readonly unknown[] {
    return this.#port.destinations.map(showDestination);
  }
  get source(): unknown {
    return showSource(this.#port);
  }
}

class OutputView {
  [option: string]: unknown;
  readonly #port: Output;
  constructor(port: Output) {
    this.#port = port;
  }
  get latestOutput(): unknown {
    return this.#port.latest;
  }
  get destinations(): readonly unknown[] {
    return this.#port.destinations.map(showDestination);
  }
  get source(): unknown {
    return showSource(this.#port);
  }
}

class ParameterView {
  [option: string]: unknown;
  readonly #port: Parameter;
  constructor(port: Parameter) {
    this.#port = port;
  }
  get currentValue(): unknown {
    return this.#port.current;
  }
}

export class Input extends ConnectedPort implements Handled {
  get kind(): 'input' {
    return 'input';
  }
  current: unknown = undefined;
  /** A value waits for the handlers. */
  pending = false;
  /** The value came too late for this reaction and belongs to the next one. */
  late = false;
  firstHandler: Handler | undefined = undefined;
  lastHandler: Handler | undefined = undefined;
  #queue: Fifo<unknown> | undefined = undefined;

  /** Values that wait behind a pending one, not converted yet. */
  get queue(): Fifo<unknown> {
    this.#queue ??= new Fifo();
    return this.#queue;
  }

  /** How many values wait behind a pending one. */
  get queued(): number {
    return this.#queue === undefined ? 0 : this.#queue.size;
  }

  take(value: unknown): void {
    this.owner.provide(this, value);
  }

  hasDefault(): boolean {
    return (this.option('value') ?? null) !== null;
  }

  /** The value of this reaction, else the default, converted at each reading (spec section 5), else null. */
  read(): unknown {
    const value = this.current ?? this.option('value') ?? null;
    return this.convert(value);
  }

  protected view(): PortOptions {
    return new InputView(this) as PortOptions;
  }
}

export class Output extends ConnectedPort {
  get kind(): 'output' {
    return 'output';
  }
  latest: unknown = undefined;

  take(value: unknown): void {
    this.owner.send(this, value);
  }

  get spontaneous(): boolean {
    return Boolean(this.option('spontaneous'));
  }

  protected view(): PortOptions {
    return new OutputView(this) as PortOptions;
  }
}

export class Parameter extends Port {
  readonly kind = 'parameter';
  current: unknown = undefined;

  /** The value that was set, as stored, else the converted default, else false for a boolean and null for others. */
  read(): unknown {
    if (this.current !== undefined && this.current !== null) return this.current;
    const value = this.option('value');
    if (value === undefined || value === null) return this.type === 'boolean' ? false : null;
    return this.convert(value);
  }

  protected view(): PortOptions {
    return new ParameterView(this) as PortOptions;
  }
}

/** A port that values flow into: an input of a contained accessor, or an output of the composite. */
export type Destination = Input | Output;
/** A port that values flow out of: an output of a contained accessor, or an input of the composite. */
export type Source = Input | Output;

/** What `destinations` and `source` of the options objects show: names on the composite's boundary, records inside. */
function showDestination(to: Destination): unknown {
  if (to.kind === 'input') return { accessor: to.owner.root, inputName: to.name };
  return to.name;
}

function showSource({ source }: Destination): unknown {
  if (!source) return source;
  return source.kind === 'input' ? source.name : { accessor: source.owner.root, outputName: source.name };
}

/** From this number on a table has an index; below, looking through the list is faster and smaller. */
const INDEX_FROM = 9;

/**
 * Ports of one kind in the order of their first declaration; any name works, `__proto__` and `toString` too. They are a list by
 * their `next`: with an array, each reaction of each accessor would touch two more objects.
 */
export class PortTable<P extends Input | Output | Parameter> {
  first: P | undefined = undefined;
  #last: P | undefined = undefined;
  #count = 0;
  #index: Map<string, P> | undefined = undefined;
  #options: Record<string, PortOptions> | undefined = undefined;

  get(name: string): P | undefined {
    if (this.#index !== undefined) return this.#index.get(name);
    let port = this.first;
    while (port !== undefined && port.name !== name) port = port.next as P | undefined;
    return port;
  }

  /** In the order of declaration. */
  get list(): P[] {
    const list: P[] = [];
    for (let port = this.first; port; port = port.next as P | undefined) list.push(port);
    return list;
  }

  get names(): string[] {
    return this.list.map((port) => port.name);
  }

  /** What programs see: name to options object; one and the same object at every call. */
  get options(): Record<string, PortOptions> {
    if (!this.#options) {
      this.#options = {};
      for (const port of this.list) define(this.#options, port.name, port.options);
    }
    return this.#options;
  }

  declare(name: string, make: () => P, options: PortOptions | undefined): P {
    let port = this.get(name);
    if (!port) {
      port = make();
      this.#append(port);
    }
    port.declare(options);
    return port;
  }

  #append(port: P): void {
    const last: { next: unknown } | undefined = this.#last;
    if (last) last.next = port;
    else this.first = port;
    this.#last = port;
    if (++this.#count >= INDEX_FROM) {
      this.#index ??= new Map(this.list.map((known) => [known.name, known]));
      this.#index.set(port.name, port);
    }
    if (this.#options) define(this.#options, port.name, port.options);
  }
}
