import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { WebSocket, WebSocketServer } from 'ws';

const child = (text: string): string => `
let room = true;
process.stdout.on('drain', () => { room = true; });
setInterval(() => {
  let lines = '';
  for (let i = 0; i < 400; i++) lines += JSON.stringify({ port: 'out', value: '${text}' + i }) + '\\n';
  if (room) room = process.stdout.write(lines);
}, 1);`;

/** The reference of outputs: a process writes lines of JSON, a server reads each and sends it on. Messages a second. */
export async function bareRelay(text: string, seconds: number): Promise<number> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [[socket]] = (await Promise.all([once(server, 'connection'), once(client, 'open')])) as [[WebSocket], unknown];
  const writer = spawn(process.execPath, ['-e', child(text)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: writer.stdout });
  lines.on('line', (line) => {
    const { port, value } = JSON.parse(line);
    socket.send(JSON.stringify({ method: 'output', params: { port, value } }));
  });
  let count = 0;
  client.on('message', (data) => {
    JSON.parse(String(data));
    count++;
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const from = { count, at: performance.now() };
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const rate = ((count - from.count) / (performance.now() - from.at)) * 1000;
  lines.removeAllListeners('line'); // the last one is cut
  writer.kill();
  client.terminate();
  server.close();
  return rate;
}
