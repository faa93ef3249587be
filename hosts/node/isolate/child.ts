/**
 * The trusted part of a child process: the first and only script that it runs. It takes its commands from descriptor 3,
 * shuts off what swarmlets must not reach, and runs one swarmlet.
 */
import './child/code-cache.ts';
import { readSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { errorStack } from '../../common/index.ts';
import { LimitedOutput } from './child/console.ts';
import { Runtime } from './child/runtime.ts';
import { lockDown } from './child/sandbox.ts';

const exit: (code: number) => void = process.exit.bind(process);

const pipe = new Socket({ fd: 3, readable: true, writable: true });
const log = new LimitedOutput(String(process.argv[1]), (descriptor, chunk) => {
  for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
});

/** Writes a call to descriptor 4 and waits for its answer, with everything that this process does. */
function call(bytes: Buffer): Buffer {
  const frame = Buffer.alloc(4 + bytes.length);
  frame.writeUInt32BE(bytes.length);
  frame.set(bytes, 4);
  for (let at = 0; at < frame.length; ) at += writeSync(4, frame, at);
  return read(read(4).readUInt32BE());
}

function read(length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length; ) {
    const got = readSync(4, bytes, at, length - at, null);
    if (got === 0) exit(0); // the host is gone
    at += got;
  }
  return bytes;
}

const runtime = new Runtime(pipe, log, call);

process.setUncaughtExceptionCaptureCallback((error) => {
  console.error(errorStack(error));
  if (!runtime.crashed(error)) exit(1); // a defect of the runtime itself, told on standard error
});
lockDown(log);
pipe.on('data', (chunk) => runtime.push(chunk));
pipe.on('close', () => exit(0)); // the host is gone
runtime.loaded();
