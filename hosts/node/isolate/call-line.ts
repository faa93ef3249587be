import type { Duplex } from 'node:stream';
import { callCap } from '../edge/index.ts';
import type { CallDesk } from './carrier.ts';
import { FrameDecoder, FrameError, FrameWriter } from './frames.ts';

/** A pipe of its own for calls that the child waits for: one at a time, each a frame, as is its answer. */
export class CallLine {
  readonly #writer: FrameWriter;
  readonly #desk: CallDesk;
  #busy = false;

  constructor(pipe: Duplex, desk: CallDesk) {
    this.#writer = new FrameWriter(pipe);
    this.#desk = desk;
    const decoder = new FrameDecoder(
      callCap,
      () => this.#broken('what is no call'),
      (body) => this.#take(body),
    );
    pipe.on('data', (chunk: Buffer) => {
      try {
        decoder.push(chunk);
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        this.#broken(error.message);
      }
      if (this.#broke) decoder.stop();
    });
  }

  #broke = false;

  #broken(what: string): void {
    if (this.#broke) return;
    this.#broke = true;
    this.#desk.broken(what);
  }

  #take(body: Buffer): void {
    if (this.#busy) {
      this.#broken('a call before the one before it was answered');
      return;
    }
    this.#busy = true;
    void this.#desk.call(body).then((answer) => {
      this.#busy = false;
      if (!answer) this.#broken('what is no call');
      else {
        this.#writer.writeBytes([answer]);
        this.#writer.flush();
      }
    });
  }
}
