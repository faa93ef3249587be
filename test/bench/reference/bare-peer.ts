import { spawn } from 'node:child_process';
import { once } from 'node:events';

const code = `
const part = Number(process.argv[1]);
const piece = Buffer.alloc(65536);
const tcp = require('node:net').createServer({ noDelay: true }, (socket) => {
  let got = 0;
  socket.on('error', () => {}).on('data', (data) => {
    if (data.length === 1 && got === 0) for (let i = 0; i < part; i += piece.length) socket.write(piece);
    else for (got += data.length; got >= part; got -= part) socket.write(piece.subarray(0, 1));
  });
}).listen(0, '127.0.0.1', () => {
  const http = require('node:http').createServer((request, response) => response.end('on')).listen(0, '127.0.0.1', () => {
    console.log(JSON.stringify({ tcp: tcp.address().port, http: http.address().port }));
  });
});`;

/** The same servers with nothing between them and their sockets, in a process of their own. */
export async function barePeer(part: number): Promise<{ readonly tcp: number; readonly http: number; stop(): void }> {
  const child = spawn(process.execPath, ['-e', code, String(part)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  return { ...(JSON.parse(String(line)) as { tcp: number; http: number }), stop: () => void child.kill() };
}
