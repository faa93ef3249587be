// The least that a durable push can be: a signature, one write to the disk, and a process that waits for code. No wall, no policy, no
// audit, no database; nothing is checked but the signature. `node bare-box.mjs FOLDER PUBLIC_KEY_PEM` prints its port.
import { fork } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { fdatasync, openSync, write, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';

const [, , folder, pem] = process.argv;
const key = createPublicKey(pem);

/** As long as it gets from the start on: the fsync of a file that grows takes longer. */
const JOURNAL_BYTES = 512 * 1024;
const journal = openSync(join(folder, 'journal'), 'w+');
writeSync(journal, Buffer.alloc(JOURNAL_BYTES));
let at = 0;

function durable(data) {
  if (at + data.length > JOURNAL_BYTES) at = 0;
  const place = at;
  at += data.length;
  return new Promise((resolve, reject) => {
    const done = (error) => (error ? reject(error) : resolve());
    write(journal, data, 0, data.length, place, (error) => (error ? reject(error) : fdatasync(journal, done)));
  });
}

const child = join(folder, 'child.cjs');
writeFileSync(
  child,
  `process.on('message', (code) => {
    const exports = {};
    const self = { output() {}, send: (port, value) => process.send({ port, value }, () => process.exit()) };
    new Function('exports', code)(exports);
    exports.setup.call(self);
    exports.initialize.call(self);
  });
  process.send('ready');`,
);

function spare() {
  const made = fork(child);
  return once(made, 'message').then(() => made);
}

let waiting = spare();
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => process.stdout.write(`${server.address().port}\n`));
server.on('connection', (socket) => {
  socket.on('message', async (data) => {
    const { payload, signature } = JSON.parse(String(data));
    if (!verify(null, Buffer.from(payload), key, Buffer.from(signature, 'base64'))) throw new Error('The signature does not fit.');
    const written = durable(data);
    const isolate = await waiting;
    const sent = once(isolate, 'message');
    const gone = once(isolate, 'exit');
    isolate.send(JSON.parse(payload).code);
    const [[value]] = await Promise.all([sent, written]);
    socket.send(JSON.stringify(value));
    await gone;
    waiting = spare();
  });
});
process.on('disconnect', () => process.exit());
