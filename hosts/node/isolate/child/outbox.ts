import { CodedError, errorText, Fifo } from '../../../common/index.ts';
import { type EdgeRequest, type Wire, weightOf } from '../../edge/index.ts';
import { type FrameWriter, frameCap } from '../frames.ts';
import { depthLimit, jsonProblem } from '../json.ts';
import type { Report, StartCommand } from '../messages.ts';

/** Ours, whatever the swarmlet puts in its place. */
const { nextTick } = process;

interface Waiting {
  readonly text: string;
  readonly bytes: number;
}

/**
 * What leaves the swarmlet. Outputs beyond the credit wait here, and the swarmlet is held back meanwhile (`whenOpen`); one
 * that goes on sending in a single reaction until too much waits is a flood.
 */
export class Outbox {
  readonly #writer: FrameWriter;
  readonly #flooded: () => void;
  readonly #waiting = new Fifo<Waiting>();
  readonly #heads = new Map<string, string>();
  readonly #held = new Fifo<() => void>();
  #credit = 0;
  #waitingWeight = 0;
  #backlog = 0;
  #taken = 0;

  /** @param flooded  too much waits; called once */
  constructor(writer: FrameWriter, flooded: () => void) {
    this.#writer = writer;
    this.#flooded = flooded;
  }

  start(command: StartCommand): void {
    this.#credit = command.credit;
    this.#backlog = command.backlog;
  }

  /**
   * Sends a value as JSON carries it: undefined and functions become null, or are left out inside of objects; dates and
   * buffers become what their `toJSON` gives; numbers that are not finite become null.
   * @throws CodedError VALUE_NOT_JSON (cyclic, a BigInt, too deep, a key `__proto__`), VALUE_TOO_LARGE
   */
  output(port: string, value: unknown): void {
    this.#send(this.#head(port) + jsonOf(`The value sent on output ${port}`, value), `The value sent on output ${port}`);
  }

  /**
   * Says something to a service of the host; it counts as a value does.
   * @throws as `output`
   */
  service(name: string, message: unknown): void {
    const what = `What is said to ${name}`;
    this.#send(`{"type":"service","name":${JSON.stringify(name)},"message":${jsonOf(what, message)}`, what);
  }

  #send(text: string, what: string): void {
    const bytes = Buffer.byteLength(text);
    if (bytes > frameCap) throw tooLarge(what, bytes);
    if (this.#waiting.size === 0 && this.#credit > 0) {
      this.#credit -= weightOf(bytes);
      this.#writer.write(text, bytes);
      return;
    }
    if (this.#waitingWeight > this.#backlog) return; // the end is on its way
    this.#waiting.push({ text, bytes });
    this.#waitingWeight += weightOf(bytes);
    if (this.#waitingWeight > this.#backlog) this.#flooded();
  }

  credit(weight: number): void {
    this.#credit += weight;
    while (this.#waiting.size > 0 && this.#credit > 0) {
      const { text, bytes } = this.#waiting.shift();
      this.#credit -= weightOf(bytes);
      this.#waitingWeight -= weightOf(bytes);
      this.#writer.write(text, bytes);
    }
    // One of them may fill the box again; the others wait on.
    while (this.#held.size > 0 && this.isOpen) this.#held.shift()();
  }

  /** Outputs that wait for credit. */
  get waiting(): number {
    return this.#waiting.size;
  }

  get isOpen(): boolean {
    return this.#waiting.size === 0;
  }

  /** Calls back at once if nothing waits for credit, else when nothing does. */
  whenOpen(callback: () => void): void {
    if (this.isOpen) callback();
    else this.#held.push(callback);
  }

  /** An input was taken; said for all of one turn together. */
  taken(): void {
    if (this.#taken++ === 0) nextTick(this.#sayTaken);
  }

  readonly #sayTaken = (): void => {
    if (this.#taken === 0) return;
    this.report({ type: 'taken', count: this.#taken });
    this.#taken = 0;
  };

  /** Sends a report behind everything that was sent before. */
  report(report: Report): void {
    if (report.type === 'refused') this.#sayTaken();
    this.#writer.write(JSON.stringify(report));
  }

  /** The same, and it has left the process when this returns: what comes next may never end. */
  reportNow(report: Report): void {
    this.report(report);
    this.#writer.flush();
  }

  /** How the edge speaks to the host. */
  get wire(): Wire<EdgeRequest> {
    return { tell: (edge) => this.report({ type: 'edge', edge }), bytes: (parts) => this.#writer.writeBytes(parts) };
  }

  #head(port: string): string {
    let head = this.#heads.get(port);
    if (head === undefined) {
      head = `{"type":"output","port":${JSON.stringify(port)},"value":`;
      this.#heads.set(port, head);
    }
    return head;
  }
}

/** The JSON text of a value, with the bracket that closes the frame. */
function jsonOf(what: string, value: unknown): string {
  if (typeof value === 'string' && value.length > frameCap) throw tooLarge(what, value.length);
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (cause) {
    throw notJson(what, errorText(cause), cause);
  }
  if (json === undefined) return 'null}';
  if (json.length > frameCap) throw tooLarge(what, json.length); // before it is copied any further
  const problem = jsonProblem(json, depthLimit);
  if (problem) throw notJson(what, problem, undefined);
  return `${json}}`;
}

function tooLarge(what: string, bytes: number): CodedError {
  const message = `${what} has ${bytes} bytes or more as JSON; at most ${frameCap} may leave a swarmlet at once`;
  return new CodedError('VALUE_TOO_LARGE', message, { detail: { bytes, limit: frameCap } });
}

function notJson(what: string, why: string, cause: unknown): CodedError {
  return new CodedError('VALUE_NOT_JSON', `${what} cannot leave the swarmlet as JSON: ${why.split('\n')[0]}`, { cause });
}
