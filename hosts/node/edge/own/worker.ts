/** A thread of the box that reads and writes the folders of swarmlets: a slow disk keeps nobody but those who use it waiting. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { answerTo, parseCall } from '../folder-call.ts';
import type { Answered, Asked } from './folders.ts';
import { Shelf } from './shelf.ts';

const port = parentPort as MessagePort;
const shelf = new Shelf();

port.on('message', ({ id, root, storageMiB, anew, bytes }: Asked) => {
  const parsed = parseCall(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const answer = parsed && shelf.answer({ root, storageMiB, anew }, (folder) => answerTo(folder, parsed.call, parsed.data));
  const copy = answer && new Uint8Array(answer);
  port.postMessage({ id, bytes: copy } satisfies Answered, copy ? [copy.buffer] : []);
});
