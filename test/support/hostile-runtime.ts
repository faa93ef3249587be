/**
 * A runtime that has fallen to its swarmlet: it starts as the real one does, then runs the text of main.js with all of
 * Node in reach and the real means of the runtime in its hands. What holds it is only what stands around the process.
 */
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { FrameDecoder, fileFrameCap } from '../../hosts/node/isolate/frames.ts';

const pipe = new Socket({ fd: 3, readable: true, writable: true });
const files = new Map<string, string>();

function frame(report: unknown): Buffer {
  const body = Buffer.from(typeof report === 'string' ? report : JSON.stringify(report));
  const header = Buffer.alloc(4);
  header.writeUInt32BE(body.length);
  return Buffer.concat([header, body]);
}

const send = (report: unknown): boolean => pipe.write(frame(report));

/** Writes bytes to every descriptor from 0 to `last`; those that are not there are passed over. */
function everywhere(bytes: Buffer, last = 20): void {
  for (let descriptor = 0; descriptor <= last; descriptor++) {
    try {
      writeSync(descriptor, bytes);
    } catch {
      // not open, or not for writing: the next one
    }
  }
}

const obey = (text: string): void => {
  const command = JSON.parse(text);
  if (command.type === 'file') files.set(command.name, command.text);
  if (command.type === 'ping') send({ type: 'pong', id: command.id, dropped: 0, reactions: 0, waiting: 0 });
  if (command.type === 'warm') send({ type: 'warmed' });
  if (command.type !== 'start') return;
  const { token } = command;
  const say = (value: unknown): boolean => send({ type: 'output', port: 'out', value });
  const run = new Function('require', 'token', 'command', 'send', 'say', 'frame', 'everywhere', 'pipe', files.get(command.main) as string);
  const attack = (): void => run(createRequire(import.meta.url), token, command, send, say, frame, everywhere, pipe);
  if (command.parameters.at === 'load') {
    attack();
    return;
  }
  for (const phase of ['initialize', 'running']) send({ type: 'entered', token, phase });
  setImmediate(attack);
};
const decoder = new FrameDecoder(fileFrameCap, obey, () => {});
pipe.on('data', (chunk) => decoder.push(chunk));
pipe.on('close', () => process.exit(0));
send({ type: 'loaded' });
