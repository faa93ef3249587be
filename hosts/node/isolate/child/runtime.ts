import type { Writable } from 'node:stream';
import { Fifo, type View } from '../../../common/index.ts';
import { type Call, FarEdge } from '../../edge/far/index.ts';
import { FrameDecoder, FrameWriter, fileFrameCap } from '../frames.ts';
import type { Command, Ending, StartCommand } from '../messages.ts';
import type { LimitedOutput } from './console.ts';
import { Outbox } from './outbox.ts';
import { Swarmlet, type SwarmletListener } from './swarmlet.ts';
import { warmUp } from './warm-up.ts';

type Input = Extract<Command, { type: 'input' }>;

/** A turn of the event loop works so long on inputs, then others come to their right. */
const TURN_MS = 4;
/** Ours, whatever the swarmlet puts in their places. */
const { setImmediate } = globalThis;
const { performance } = globalThis;

/** Of a swarmlet that has ended. */
const unseen: View = { revision: 0, reactions: [], values: [] };

/** Obeys the commands of the host and runs one swarmlet: the same in every carrier. */
export class Runtime {
  readonly #log: LimitedOutput;
  readonly #outbox: Outbox;
  readonly #decoder: FrameDecoder;
  readonly #listener: SwarmletListener;
  readonly #files = new Map<string, string>();
  readonly #modules = new Map<string, string>();
  readonly #inputs = new Fifo<Input>();
  readonly #call: Call;
  readonly #pinged: () => void;
  #token = '';
  #swarmlet: Swarmlet | undefined;
  #edge: FarEdge | undefined;
  #working = false;

  /**
   * @param out     where frames for the host go
   * @param call    asks the host something and waits for its answer
   * @param pinged  called when the host asks whether the event loop turns
   */
  constructor(out: Writable, log: LimitedOutput, call: Call, pinged: () => void = () => {}) {
    this.#log = log;
    this.#call = call;
    this.#pinged = pinged;
    const outbox = new Outbox(new FrameWriter(out), () => this.#ended('messages', 'It sends faster than its values can be passed on.'));
    this.#outbox = outbox;
    this.#decoder = new FrameDecoder(
      fileFrameCap,
      (text) => this.#obey(JSON.parse(text)),
      (body) => this.#edge?.bytes(body),
    );
    this.#listener = {
      entered: (phase) => outbox.reportNow({ type: 'entered', token: this.#token, phase }),
      startFailed: (phase, reason, message) => outbox.reportNow({ type: 'startFailed', token: this.#token, phase, reason, message }),
      output: (port, value) => outbox.output(port, value),
      service: (name, message) => outbox.service(name, message),
      taken: () => outbox.taken(),
      refused: (message) => outbox.report({ type: 'refused', message }),
      ended: (ending, message) => this.#ended(ending, message),
      whenOpen: (callback) => outbox.whenOpen(callback),
    };
  }

  /** To be called once commands are heard. */
  loaded(): void {
    this.#outbox.reportNow({ type: 'loaded' });
  }

  /** Bytes of the host. */
  push(chunk: Buffer): void {
    this.#decoder.push(chunk);
  }

  /** Something was thrown that nobody caught. False: not by a swarmlet, for there is none. */
  crashed(error: unknown): boolean {
    this.#swarmlet?.crashed(error);
    return this.#swarmlet !== undefined;
  }

  /** Nothing more is to happen, as far as that is in our hands. */
  abandon(): void {
    this.#decoder.stop();
    this.#swarmlet?.abandon();
  }

  #ended(ending: Ending, message: string): void {
    this.#outbox.reportNow({ type: 'ended', token: this.#token, ending, message, dropped: this.#log.dropped });
  }

  #obey(command: Command): void {
    switch (command.type) {
      case 'warm':
        warmUp();
        this.#outbox.report({ type: 'warmed' });
        return;
      case 'file':
        this.#files.set(command.name, command.text);
        return;
      case 'module':
        this.#modules.set(command.name, command.text);
        return;
      case 'edge':
        this.#edge?.event(command.edge);
        return;
      case 'start':
        this.#start(command);
        return;
      case 'go':
        this.#swarmlet?.start();
        return;
      case 'input':
        this.#inputs.push(command);
        if (!this.#working) this.#work();
        return;
      case 'service':
        this.#swarmlet?.heard(command.name, command.message);
        return;
      case 'credit':
        this.#outbox.credit(command.weight);
        return;
      case 'ping':
        this.#pinged();
        this.#pong(command.id);
        return;
      case 'look': {
        const view = this.#swarmlet?.look(command.known) ?? unseen;
        this.#outbox.report({ type: 'seen', id: command.id, view });
        return;
      }
      case 'unlook':
        this.#swarmlet?.unlook();
        return;
      case 'wrapup':
        this.#swarmlet?.wrapup();
        return;
    }
  }

  #pong(id: number): void {
    const reactions = this.#swarmlet?.reactions ?? 0;
    this.#outbox.report({ type: 'pong', id, dropped: this.#log.dropped, reactions, waiting: this.#outbox.waiting });
  }

  #start(command: StartCommand): void {
    this.#token = command.token;
    this.#outbox.start(command);
    this.#log.start(command.logBytesPerSecond);
    const edge = new FarEdge(this.#outbox.wire, command.outside, this.#call);
    this.#edge = edge;
    const parts = { files: this.#files, modules: this.#modules, granted: command.modules, edge };
    this.#swarmlet = new Swarmlet(parts, command, this.#listener);
  }

  /** Inputs, a reaction each, as long as the turn lasts and outputs may leave; a ping is answered in between. */
  #work(): void {
    this.#working = false;
    const until = performance.now() + TURN_MS;
    while (this.#inputs.size > 0) {
      if (!this.#outbox.isOpen || performance.now() > until) {
        this.#working = true;
        setImmediate(() => this.#outbox.whenOpen(() => this.#work()));
        return;
      }
      const { port, value } = this.#inputs.shift();
      this.#swarmlet?.provide(port, value);
    }
  }
}
