/**
 * The trusted part of a child process: the first and only script that it runs. It takes its commands from descriptor 3,
 * shuts off what swarmlets must not reach, and runs one swarmlet.
 */
import { Socket } from 'node:net';
import { errorStack, Fifo } from '../../common/index.ts';
import { LimitedOutput } from './child/console.ts';
import { Outbox } from './child/outbox.ts';
import { lockDown } from './child/sandbox.ts';
import { Swarmlet, type SwarmletListener } from './child/swarmlet.ts';
import { warmUp } from './child/warm-up.ts';
import { FrameDecoder, FrameWriter, fileFrameCap } from './frames.ts';
import type { Command, Ending, StartCommand } from './messages.ts';

type Input = Extract<Command, { type: 'input' }>;

/** A turn of the event loop works so long on inputs, then others come to their right. */
const TURN_MS = 4;
/** Ours, whatever the swarmlet puts in their places. */
const { setImmediate } = globalThis;
const { performance } = globalThis;
const exit: (code: number) => void = process.exit.bind(process);

const pipe = new Socket({ fd: 3, readable: true, writable: true });
const writer = new FrameWriter(pipe);
const log = new LimitedOutput(String(process.argv[1]));
const outbox = new Outbox(writer, () => ended('messages', 'It sends faster than its values can be passed on.'));
const files = new Map<string, string>();
const inputs = new Fifo<Input>();
let token = '';
let swarmlet: Swarmlet | undefined;
let working = false;

const listener: SwarmletListener = {
  entered: (phase) => outbox.reportNow({ type: 'entered', token, phase }),
  startFailed: (phase, reason, message) => outbox.reportNow({ type: 'startFailed', token, phase, reason, message }),
  output: (port, value) => outbox.output(port, value),
  taken: () => outbox.taken(),
  refused: (message) => outbox.report({ type: 'refused', message }),
  ended,
  whenOpen: (callback) => outbox.whenOpen(callback),
};

function ended(ending: Ending, message: string): void {
  outbox.reportNow({ type: 'ended', token, ending, message, dropped: log.dropped });
}

function obey(command: Command): void {
  switch (command.type) {
    case 'warm':
      warmUp();
      outbox.report({ type: 'warmed' });
      return;
    case 'file':
      files.set(command.name, command.text);
      return;
    case 'start':
      start(command);
      return;
    case 'input':
      inputs.push(command);
      if (!working) work();
      return;
    case 'credit':
      outbox.credit(command.weight);
      return;
    case 'ping':
      outbox.report({ type: 'pong', id: command.id, dropped: log.dropped });
      return;
    case 'wrapup':
      swarmlet?.wrapup();
      return;
  }
}

function start(command: StartCommand): void {
  token = command.token;
  outbox.start(command);
  log.start(command.logBytesPerSecond);
  swarmlet = new Swarmlet(files, command.modules, listener);
  swarmlet.start(command);
}

/** Inputs, a reaction each, as long as the turn lasts and outputs may leave; a ping is answered in between. */
function work(): void {
  working = false;
  const until = performance.now() + TURN_MS;
  while (inputs.size > 0) {
    if (!outbox.isOpen || performance.now() > until) {
      working = true;
      setImmediate(() => outbox.whenOpen(work));
      return;
    }
    const { port, value } = inputs.shift();
    swarmlet?.provide(port, value);
  }
}

const decoder = new FrameDecoder(fileFrameCap, (text) => obey(JSON.parse(text)));
process.setUncaughtExceptionCaptureCallback((error) => {
  console.error(errorStack(error));
  if (swarmlet) swarmlet.crashed(error);
  else exit(1); // a defect of the runtime itself, told on standard error
});
lockDown(log);
pipe.on('data', (chunk) => decoder.push(chunk));
pipe.on('close', () => exit(0)); // the host is gone
outbox.reportNow({ type: 'loaded' });
