import type { Duplex } from 'node:stream';
import { errorStack } from '../../common/index.ts';
import { EdgeError, type Gate } from '../edge/gate/index.ts';
import { type EdgeEvent, type Wire, weightOf } from '../edge/index.ts';
import { OutputCredit } from './flow.ts';
import { FrameDecoder, FrameError, FrameWriter, frameCap } from './frames.ts';
import { InputQueue } from './input-queue.ts';
import { InputError, type IsolateUsage } from './isolate.ts';
import { type Command, parseReport, type Report } from './messages.ts';

/** As much of a child that is not to be heard yet is read; the rest waits in its pipe. */
const HELD_BYTES = 256 * 1024;

/** A child said what it may not say, or not now. It is ended for it, and nothing of the host is harmed. */
export class ProtocolError extends Error {}

/** What a child tells of its life; values and the answers to them stay in the channel. */
export type LifeReport = Exclude<Report, { type: 'output' | 'service' | 'taken' | 'refused' | 'edge' }>;

export interface ChannelListener {
  output(port: string, value: unknown): void;
  /** @throws ProtocolError if it has no such service */
  service(name: string, message: unknown): void;
  /** @throws ProtocolError if it means nothing now */
  report(report: LifeReport): void;
  /** The last call: the child broke the rules, or this side did. */
  broken(reason: 'protocol' | 'messages' | 'exception', message: string): void;
}

/** The pipe to one child: commands and inputs to it, reports and outputs from it, each way with its flow control. */
export class Channel {
  readonly #pipe: Duplex;
  readonly #listener: ChannelListener;
  readonly #now: () => number;
  readonly #writer: FrameWriter;
  readonly #decoder: FrameDecoder;
  /** What came and is not to be heard yet. */
  #held: Buffer[] | undefined;
  #heldBytes = 0;
  #values: { readonly credit: OutputCredit; readonly inputs: InputQueue } | undefined;
  #gate: Gate | undefined;
  #messagesOut = 0;
  #bytesOut = 0;

  constructor(pipe: Duplex, now: () => number, listener: ChannelListener) {
    this.#pipe = pipe;
    this.#listener = listener;
    this.#now = now;
    this.#writer = new FrameWriter(pipe);
    this.#decoder = new FrameDecoder(
      frameCap,
      (text, bytes) => this.#frame(text, bytes),
      (body) => this.#bytes(body),
    );
    pipe.on('data', (chunk: Buffer) => this.#data(chunk));
  }

  /**
   * From now on values may cross, and what is asked of the outside goes to `gate`.
   * @returns  what the child may send at first
   */
  open(messagesPerSecond: number, gate: Gate): number {
    const now = this.#now();
    this.#gate = gate;
    const credit = new OutputCredit(messagesPerSecond, now);
    this.#values = { credit, inputs: new InputQueue(this.#writer, messagesPerSecond, now) };
    return credit.initial;
  }

  /** How the gate speaks to the child. */
  get wire(): Wire<EdgeEvent> {
    return { tell: (edge) => this.command({ type: 'edge', edge }), bytes: (parts) => this.#writer.writeBytes(parts) };
  }

  /** What the child says stays unheard until `release`; when it says much it has to wait. */
  hold(): void {
    this.#held = [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const chunk of held) this.#data(chunk);
    this.#pipe.resume();
  }

  command(command: Command): void {
    this.#writer.write(JSON.stringify(command));
  }

  /** What was commanded so far leaves now, not at the end of this turn. */
  flush(): void {
    this.#writer.flush();
  }

  /** Resolves when little waits to be written, or the pipe is closed. */
  async written(): Promise<void> {
    if (this.#writer.waiting <= frameCap) return;
    this.#writer.flush();
    if (!this.#pipe.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const over = (): void => {
        this.#pipe.off('drain', over).off('close', over);
        resolve();
      };
      this.#pipe.on('drain', over).on('close', over);
    });
  }

  /** @throws InputError */
  provide(port: string, value: unknown): Promise<void> {
    if (!this.#values) throw new InputError(`Input ${port} was not provided: the swarmlet was not started.`);
    return this.#values.inputs.provide(port, value, this.#now());
  }

  /** Time has passed: more may cross. */
  tick(now: number): void {
    if (!this.#values) return;
    this.#values.inputs.send(now);
    const weight = this.#values.credit.grant(now);
    if (weight > 0) this.command({ type: 'credit', weight });
    this.#gate?.tick(now);
  }

  /** Something waits for time to pass. */
  get waiting(): boolean {
    return this.#gate?.waiting ?? false;
  }

  /** The child was given something that it has not taken yet. */
  get busy(): boolean {
    return this.queuedIn > 0;
  }

  /** Values on their way to the child. */
  get queuedIn(): number {
    return this.#values?.inputs.size ?? 0;
  }

  /** What crossed so far: values, and the bytes of their frames. */
  get traffic(): Pick<IsolateUsage, 'messagesIn' | 'messagesOut' | 'bytesIn' | 'bytesOut'> {
    const { taken = 0, takenBytes = 0 } = this.#values?.inputs ?? {};
    return { messagesIn: taken, messagesOut: this.#messagesOut, bytesIn: takenBytes, bytesOut: this.#bytesOut };
  }

  /**
   * Nothing of what comes is heard any more, and what was not taken is refused.
   * @param politely  what it wrote to the outside still gets there
   */
  close(politely: boolean): void {
    this.#decoder.stop();
    this.#gate?.close(politely);
    this.#values?.inputs.close('The swarmlet has ended.');
  }

  #data(chunk: Buffer): void {
    if (this.#held) {
      this.#held.push(chunk);
      this.#heldBytes += chunk.length;
      if (this.#heldBytes > HELD_BYTES) this.#pipe.pause();
      return;
    }
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      if (error instanceof ProtocolError || error instanceof FrameError || error instanceof EdgeError) {
        this.#listener.broken('protocol', `It wrote what is no message of this protocol: ${error.message}.`);
      } else {
        // A defect of this side costs the swarmlet that met it, not the box with all the others.
        process.emitWarning(errorStack(error), 'Defect');
        this.#listener.broken('exception', 'The box failed at what it sent; the log of the box says more.');
      }
      return;
    }
    this.tick(this.#now());
  }

  #frame(text: string, bytes: number): void {
    const report = parse(text);
    switch (report.type) {
      case 'output':
      case 'service':
        if (!this.#values) throw untimely(report);
        if (!this.#values.credit.spend(weightOf(bytes))) {
          this.#listener.broken('messages', 'It sent more values than it was allowed to.');
          return;
        }
        this.#messagesOut++;
        this.#bytesOut += bytes;
        if (report.type === 'output') this.#listener.output(report.port, report.value);
        else this.#listener.service(report.name, report.message);
        return;
      case 'taken':
        if (!this.#values?.inputs.took(report.count)) throw untimely(report);
        return;
      case 'refused':
        if (!this.#values?.inputs.refused(report.message)) throw untimely(report);
        return;
      case 'edge':
        if (!this.#gate) throw untimely(report);
        if (!this.#gate.request(report.edge, bytes)) this.#flood();
        return;
      default:
        this.#listener.report(report);
    }
  }

  #bytes(body: Buffer): void {
    if (!this.#gate) throw new ProtocolError('bytes at a time when they mean nothing');
    if (!this.#gate.piece(body)) this.#flood();
  }

  #flood(): void {
    this.#listener.broken('messages', 'It asks more of the outside than it is allowed to.');
  }
}

function parse(text: string): Report {
  try {
    return parseReport(text);
  } catch (error) {
    throw new ProtocolError((error as Error).message);
  }
}

export function untimely(report: Report): ProtocolError {
  return new ProtocolError(`'${report.type}' at a time when it means nothing`);
}
