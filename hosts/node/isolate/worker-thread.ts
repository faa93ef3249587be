import { Duplex, PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { CallDesk, Carrier, Exit, Vitals } from './carrier.ts';
import { permissionFlag } from './launch.ts';
import { ThreadVitals } from './procfs.ts';
import { type ThreadMessage, type ThreadReport, usageBytes, usageFields } from './thread-messages.ts';

/** A thread that was told to end and has not after this time never may: it is inside a call of the system. */
const TERMINATE_MS = 1000;
/**
 * V8's own limit lies far above what the host allows: a heap that meets it while it grows in one piece ends the whole
 * process (ISOLATION.md 4.1), so it is only for what the host is too late to see.
 */
const HEAP = { leastMiB: 1024, factor: 4 };

/** One worker thread. Its memory is that of the host: a limit that is looked after, and no wall. */
export class WorkerThread implements Carrier {
  readonly isApart = true;
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly pipe: Duplex;
  readonly gone: Promise<Exit>;
  readonly pid = process.pid;
  failure: string | undefined;
  /** It was told to end and did not. */
  leaked = false;
  readonly #worker: Worker;
  readonly #answers: MessagePort;
  readonly #answered: Int32Array;
  #desk: CallDesk | undefined;
  readonly #usage: Float64Array;
  #outOfMemory = false;
  #exit: (exit: Exit) => void = () => {};
  #ending: NodeJS.Timeout | undefined;
  #seen = { samples: -1, rss: 0 };

  /** @param runtime  the bundle of thread-child.ts */
  constructor(runtime: string, memoryMiB: number, onExit: () => void) {
    const usage = new SharedArrayBuffer(usageBytes);
    const answered = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const { port1, port2: answers } = new MessageChannel();
    this.#answers = port1;
    this.#answered = new Int32Array(answered);
    port1.unref();
    this.#usage = new Float64Array(usage);
    this.#worker = new Worker(runtime, {
      execArgv: [permissionFlag(), `--allow-fs-read=${runtime}`, '--allow-fs-read=/proc/thread-self', '--no-warnings'],
      argv: [],
      env: {},
      stdout: true, // to be read by nobody: Node's side of these streams in the thread is gone (child/sandbox.ts)
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: Math.max(HEAP.leastMiB, HEAP.factor * memoryMiB) },
      workerData: { usage, answers, answered } satisfies ThreadReport,
      transferList: [answers],
    });
    this.pipe = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, done) => {
        const bytes = new Uint8Array(chunk);
        this.#worker.postMessage(bytes, [bytes.buffer]);
        done();
      },
    });
    this.#worker.on('message', (message: ThreadMessage) => this.#message(message));
    this.#worker.on('error', (error: NodeJS.ErrnoException) => {
      this.#outOfMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      this.failure = error.message;
    });
    this.gone = this.#untilGone(onExit);
  }

  async vitals(): Promise<Vitals> {
    return new ThreadVitals(this.#usage[usageFields.thread] ?? 0, () => this.#usedMiB());
  }

  answerWith(desk: CallDesk): void {
    this.#desk = desk;
  }

  kill(): void {
    if (this.#ending) return;
    this.#ending = setTimeout(() => {
      this.leaked = true;
      this.#worker.unref();
      this.#exit({ code: null, signal: null });
    }, TERMINATE_MS);
    void this.#worker.terminate();
  }

  #message({ descriptor, bytes }: ThreadMessage): void {
    if (descriptor === 4) {
      void this.#call(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      return;
    }
    const stream = descriptor === 3 ? this.pipe : descriptor === 2 ? this.stderr : this.stdout;
    stream.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  async #call(bytes: Buffer): Promise<void> {
    const answer = await this.#desk?.call(bytes);
    if (!answer) {
      this.#desk?.broken('what is no call');
      return;
    }
    this.#answers.postMessage(new Uint8Array(answer));
    Atomics.add(this.#answered, 0, 1);
    Atomics.notify(this.#answered, 0);
  }

  /** What it told last, and by how much the process has grown since: what is stuck tells nothing. */
  #usedMiB(): number {
    const samples = this.#usage[usageFields.samples] ?? 0;
    const rss = process.memoryUsage.rss();
    if (samples !== this.#seen.samples) this.#seen = { samples, rss };
    return (this.#usage[usageFields.usedMiB] ?? 0) + Math.max(0, rss - this.#seen.rss) / 2 ** 20;
  }

  async #untilGone(onExit: () => void): Promise<Exit> {
    const exit = await new Promise<Exit>((resolve) => {
      this.#exit = resolve;
      this.#worker.once('exit', (code) => resolve({ code, signal: null, outOfMemory: this.#outOfMemory }));
    });
    clearTimeout(this.#ending);
    onExit();
    this.#answers.close();
    this.stdout.end();
    this.stderr.end();
    await Promise.all([finished(this.stdout), finished(this.stderr)]);
    this.pipe.destroy();
    return exit;
  }
}
