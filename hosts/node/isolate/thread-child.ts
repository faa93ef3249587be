/**
 * The trusted part of a worker thread: the same runtime as in a child process, with the port to the host in place of
 * descriptors 1 to 3. What it tells of memory it tells by shared memory, which the host can read while it is stuck.
 */
import { readlinkSync } from 'node:fs';
import { Writable } from 'node:stream';
import { getHeapStatistics } from 'node:v8';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { errorStack } from '../../common/index.ts';
import { LimitedOutput } from './child/console.ts';
import { Runtime } from './child/runtime.ts';
import { lockDown } from './child/sandbox.ts';
import { type ThreadMessage, type ThreadReport, usageFields } from './thread-messages.ts';

/** Between two looks at its own memory. */
const SAMPLE_MS = 50;

const exit: (code: number) => void = process.exit.bind(process);
const port = parentPort as MessagePort;
const given = workerData as ThreadReport;
const report = new Float64Array(given.usage);
const answered = new Int32Array(given.answered);

function post(descriptor: ThreadMessage['descriptor'], chunk: Buffer): void {
  const bytes = new Uint8Array(chunk); // a copy: chunks share their memory with others
  port.postMessage({ descriptor, bytes } satisfies ThreadMessage, [bytes.buffer]);
}

function measure(): void {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  report[usageFields.usedMiB] = (heap + external) / 2 ** 20;
  report[usageFields.samples] = (report[usageFields.samples] ?? 0) + 1;
}

/** How the system numbers this thread; 0 where it does not say. */
function threadNumber(): number {
  try {
    return Number(/\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self'))?.[1] ?? 0);
  } catch {
    return 0; // no procfs
  }
}

const out = new Writable({
  write: (chunk: Buffer, _encoding, done) => {
    post(3, chunk);
    done();
  },
});
const log = new LimitedOutput(String(process.argv[1]), post);

/** Posts a call and waits for its answer, with everything that this thread does. */
function call(bytes: Buffer): Buffer {
  const before = Atomics.load(answered, 0);
  post(4, bytes);
  Atomics.wait(answered, 0, before);
  const { message } = receiveMessageOnPort(given.answers) as { message: Uint8Array };
  return Buffer.from(message.buffer, message.byteOffset, message.byteLength);
}

const runtime = new Runtime(out, log, call, measure);

report[usageFields.thread] = threadNumber();
measure();
setInterval(measure, SAMPLE_MS).unref();
process.setUncaughtExceptionCaptureCallback((error) => {
  console.error(errorStack(error));
  if (!runtime.crashed(error)) exit(1);
});
lockDown(log);
port.on('message', (bytes: Uint8Array) => runtime.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
runtime.loaded();
