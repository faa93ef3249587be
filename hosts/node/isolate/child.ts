/**
 * The trusted part of a child process: the first and only script that it runs. It takes its commands from descriptor 3,
 * shuts off what swarmlets must not reach, and runs one swarmlet.
 */
import { writeSync } from 'node:fs';
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
const runtime = new Runtime(pipe, log);

process.setUncaughtExceptionCaptureCallback((error) => {
  console.error(errorStack(error));
  if (!runtime.crashed(error)) exit(1); // a defect of the runtime itself, told on standard error
});
lockDown(log);
pipe.on('data', (chunk) => runtime.push(chunk));
pipe.on('close', () => exit(0)); // the host is gone
runtime.loaded();
