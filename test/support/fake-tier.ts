import { TypedEmitter, type View } from '../../hosts/common/index.ts';
import {
  type End,
  type FailureReason,
  type Isolate,
  type IsolateEvents,
  type IsolateTier,
  type IsolateUsage,
  StartError,
  type SwarmletImage,
} from '../../hosts/node/isolate/index.ts';
import type { Timing } from '../../src/supervisor/index.ts';

/** An isolate without a process, which does what a test tells it. */
export class FakeIsolate extends TypedEmitter<IsolateEvents> implements Isolate {
  readonly pid = 0;
  readonly level = 'P3';
  /** What whoever observes it is told. */
  view: View | undefined;
  observed = 0;
  /** What it uses, as far as that is not what every one does. */
  used: Partial<IsolateUsage> = {};
  readonly inputs: { readonly port: string; readonly value: unknown }[] = [];
  image: SwarmletImage | undefined;
  /** It has the word. */
  mayRun = false;
  /** Wraps up only when the test says so. */
  slowWrapup = false;
  #start: { resolve(): void; reject(error: Error): void } | undefined;
  #isReady = false;
  #ended: End | undefined;
  #wrapup: (() => void)[] = [];

  start(image: SwarmletImage): Promise<void> {
    this.image = image;
    return new Promise((resolve, reject) => {
      this.#start = { resolve, reject };
      if (this.#isReady) this.ready();
    });
  }

  go(): void {
    this.mayRun = true;
  }

  /** `initialize` is done, or will be at once when it is started. */
  ready(): void {
    this.#isReady = true;
    this.#start?.resolve();
    this.#start = undefined;
  }

  failStart(reason: FailureReason, phase: 'load' | 'setup' | 'initialize', message: string): void {
    this.#start?.reject(new StartError(reason, phase, message));
    this.#start = undefined;
    this.end({ kind: 'failed', reason, message });
  }

  async provideInput(port: string, value: unknown): Promise<void> {
    this.inputs.push({ port, value });
  }

  end(end: End): End {
    if (this.#ended) return this.#ended;
    this.#ended = end;
    this.emit('ended', end);
    for (const resolve of this.#wrapup) resolve();
    return end;
  }

  async wrapup(): Promise<End> {
    if (this.slowWrapup && !this.#ended) await new Promise<void>((resolve) => this.#wrapup.push(resolve));
    return this.end({ kind: 'stopped' });
  }

  async kill(reason: FailureReason, message: string): Promise<End> {
    if (this.#start) this.failStart(reason, 'initialize', message);
    return this.end({ kind: 'failed', reason, message });
  }

  get over(): boolean {
    return this.#ended !== undefined;
  }

  async observe(): Promise<View | undefined> {
    this.observed++;
    return this.#ended ? undefined : this.view;
  }

  unobserve(): void {
    this.observed = 0;
  }

  usage(): IsolateUsage {
    const used = { memoryMiB: 7, cpuPercent: 0, cpuMs: 20, lagMs: 1, reactions: 0, ...this.used };
    const none = { messagesOut: 0, bytesIn: 0, bytesOut: 0, queuedIn: 0, queuedOut: 0, droppedLogs: 0 };
    return { messagesIn: this.inputs.length, ...none, ...used };
  }
}

/** Hands out fake isolates, and keeps them in the order of their claims. */
export class FakeTier implements IsolateTier {
  readonly name = 'process';
  readonly level: 'P1' | 'P2' | 'P3';
  readonly isolates: FakeIsolate[] = [];
  /** Every isolate starts at once. */
  willing = true;

  constructor(level: 'P1' | 'P2' | 'P3' = 'P3') {
    this.level = level;
  }

  async claim(): Promise<Isolate> {
    const isolate = new FakeIsolate();
    this.isolates.push(isolate);
    if (this.willing) void turn().then(() => isolate.ready());
    return isolate;
  }

  get last(): FakeIsolate {
    const last = this.isolates.at(-1);
    if (!last) throw new Error('No isolate was claimed');
    return last;
  }

  async close(): Promise<void> {
    for (const isolate of this.isolates) isolate.end({ kind: 'stopped' });
  }
}

/** Lets promises settle. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Time that passes when a test says so. */
export class FakeTiming implements Timing {
  #now = Date.parse('2026-11-22T18:44:29Z');
  readonly #waiting = new Set<{ readonly at: number; readonly run: () => void }>();

  readonly now = (): number => this.#now;

  readonly after = (ms: number, run: () => void): (() => void) => {
    const entry = { at: this.#now + ms, run };
    this.#waiting.add(entry);
    return () => this.#waiting.delete(entry);
  };

  /** How many callbacks wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await turn();
      const due = [...this.#waiting].filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#waiting.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = end;
    for (let i = 0; i < 3; i++) await turn(); // as many as a start needs
  }
}
