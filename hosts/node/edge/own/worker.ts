/** A thread of the box that reads and writes the folders of swarmlets: a slow disk keeps nobody but those who use it waiting. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { answerTo, parseCall } from '../folder-call.ts';
import type { Answered, Asked } from './folders.ts';
import { Shelf } from './shelf.ts';

const port = parentPort as MessagePort;
const shelf = new Shelf();

port.on('message', (asked: Asked) => {
  const answer = asked.do === 'remove' ? shelf.remove(asked.roots) : called(asked);
  const copy = answer && new Uint8Array(answer);
  port.postMessage({ id: asked.id, bytes: copy } satisfies Answered, copy ? [copy.buffer] : []);
});

function called({ root, storageMiB, anew, bytes }: Asked & { do: 'call' }): Buffer | undefined {
  const parsed = parseCall(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return parsed && shelf.answer({ root, storageMiB, anew }, (folder) => answerTo(folder, parsed.call, parsed.data));
}
