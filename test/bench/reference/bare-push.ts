import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocket, WebSocketServer } from 'ws';
import { folderWith } from '../../support/folder.ts';

/** Evaluates the text that comes, and sends back what it sends: no ports, no wall, no signature, nothing on disk. */
const child = `
process.on('message', (code) => {
  const exports = {};
  const self = { output() {}, send: (port, value) => process.send({ port, value }, () => process.exit()) };
  new Function('exports', code)(exports);
  exports.setup.call(self);
  exports.initialize.call(self);
});
process.send('ready');`;

/**
 * The reference of a push: a WebSocket server that hands code to a child that waits for it, and passes on what that sends.
 * @returns milliseconds from sending the code to the first value
 */
export async function bareReference(count: number, code: string): Promise<number[]> {
  const folder = folderWith();
  const file = join(folder.path, 'child.cjs');
  writeFileSync(file, child);
  const spare = async () => {
    const process = fork(file, { execArgv: [] }); // none of those that run the benchmarks
    await once(process, 'message');
    return process;
  };
  let waiting = await spare();
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      waiting.once('message', (value) => socket.send(JSON.stringify(value)));
      waiting.send(JSON.parse(String(data)).code);
    });
  });
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(client, 'open');
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const begun = performance.now();
    client.send(JSON.stringify({ code }));
    await once(client, 'message');
    times.push(performance.now() - begun);
    if (waiting.exitCode === null) await once(waiting, 'exit');
    waiting = await spare();
  }
  waiting.kill();
  client.terminate();
  server.close();
  folder.remove();
  return times;
}
