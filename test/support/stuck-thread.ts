/** A runtime that enters a call of the system on a descriptor of the process as soon as it is to start: no thread can be ended there. */
import { readSync } from 'node:fs';
import { type MessagePort, parentPort } from 'node:worker_threads';
import { FrameDecoder, fileFrameCap } from '../../hosts/node/isolate/frames.ts';

const port = parentPort as MessagePort;
const obey = (text: string): void => {
  const command = JSON.parse(text);
  if (command.type === 'start') readSync(command.parameters.descriptor, Buffer.alloc(1));
};
const decoder = new FrameDecoder(fileFrameCap, obey, () => {});
const body = Buffer.from('{"type":"loaded"}');
const header = Buffer.alloc(4);
header.writeUInt32BE(body.length);
port.on('message', (bytes: Uint8Array) => decoder.push(Buffer.from(bytes)));
port.postMessage({ descriptor: 3, bytes: new Uint8Array(Buffer.concat([header, body])) });
