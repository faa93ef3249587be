import { Fifo } from '../../common/index.ts';
import { weightOf } from '../edge/index.ts';
import { flowWindow, Rate } from './flow.ts';
import { type FrameWriter, frameCap } from './frames.ts';
import { InputError } from './isolate.ts';

interface Waiting {
  readonly text: string;
  readonly bytes: number;
  resolve(): void;
  reject(error: InputError): void;
}

/** Weight of values that may wait in the host for one swarmlet. */
const waitingLimit = 8 * flowWindow;

/** The values on their way to the inputs of one swarmlet: some sent and not taken yet, the others waiting for those. */
export class InputQueue {
  readonly #writer: FrameWriter;
  readonly #rate: Rate;
  readonly #sent = new Fifo<Waiting>();
  readonly #waiting = new Fifo<Waiting>();
  #sentWeight = 0;
  #waitingWeight = 0;
  /** Values that were taken, and the bytes of their frames. */
  taken = 0;
  takenBytes = 0;

  constructor(writer: FrameWriter, messagesPerSecond: number, now: number) {
    this.#writer = writer;
    this.#rate = new Rate(messagesPerSecond, now);
  }

  /** Values that were sent, or wait to be, and are not taken. */
  get size(): number {
    return this.#sent.size + this.#waiting.size;
  }

  /** @throws InputError if the value is none that can cross, or too many wait; through the promise if it is refused */
  provide(port: string, value: unknown, now: number): Promise<void> {
    const text = inputText(port, value);
    const bytes = Buffer.byteLength(text);
    if (bytes > frameCap) throw new InputError(`The value for input ${port} has ${bytes} bytes as JSON; at most ${frameCap} may cross.`);
    if (this.#waitingWeight + weightOf(bytes) > waitingLimit) {
      throw new InputError(`The value for input ${port} was not sent: too many wait already. Wait until earlier ones are taken.`);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, bytes, resolve, reject });
      this.#waitingWeight += weightOf(bytes);
      this.send(now);
    });
  }

  /** Sends what may be sent by now. */
  send(now: number): void {
    while (this.#waiting.size > 0 && this.#sentWeight < flowWindow && this.#rate.take(1, 1, now) > 0) {
      const next = this.#waiting.shift();
      const weight = weightOf(next.bytes);
      this.#rate.take(0, weight - 1, now);
      this.#waitingWeight -= weight;
      this.#sentWeight += weight;
      this.#sent.push(next);
      this.#writer.write(next.text, next.bytes);
    }
  }

  /** The child took the oldest `count` values. False: it has no so many. */
  took(count: number): boolean {
    if (count > this.#sent.size) return false;
    for (let i = 0; i < count; i++) {
      const value = this.#shift();
      this.takenBytes += value.bytes;
      value.resolve();
    }
    this.taken += count;
    return true;
  }

  refused(message: string): boolean {
    if (this.#sent.size === 0) return false;
    this.#shift().reject(new InputError(message));
    return true;
  }

  /** Nothing will be taken any more. */
  close(message: string): void {
    for (const queue of [this.#sent, this.#waiting]) {
      while (queue.size > 0) queue.shift().reject(new InputError(message));
    }
  }

  #shift(): Waiting {
    const next = this.#sent.shift();
    this.#sentWeight -= weightOf(next.bytes);
    return next;
  }
}

function inputText(port: string, value: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (cause) {
    throw new InputError(`The value for input ${port} is no JSON: ${(cause as Error).message}`);
  }
  return `{"type":"input","port":${JSON.stringify(port)},"value":${json ?? null}}`;
}
