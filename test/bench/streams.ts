import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { freePort } from '../support/pushed.ts';
import { BenchBox } from './box.ts';
import { barePeer } from './reference/bare-peer.ts';
import { inTurns, type Row, type Workload } from './workload.ts';

const MiB = 2 ** 20;
/** Requests under way at a time, each on a connection of its own that is kept. */
const CLIENTS = 8;

/** What is sent at a time: less than may wait in a socket of a swarmlet for whoever takes it (64 MiB). */
const PART = 16 * MiB;

/** Takes bytes and says so at each part; sends a part whenever it is sent a single one. */
const server = (tcp: number, http: number): string => `
exports.setup = function () { this.output('out'); };
exports.initialize = function () {
  var self = this;
  var piece = Buffer.alloc(65536);
  var tcp = new (require('socket').SocketServer)({ port: ${tcp}, hostInterface: '127.0.0.1', sendType: 'image', receiveType: 'image' });
  tcp.on('connection', function (socket) {
    var got = 0;
    socket.on('data', function (data) {
      if (data.length === 1 && got === 0) for (var i = 0; i < ${PART}; i += piece.length) socket.send(piece);
      else for (got += data.length; got >= ${PART}; got -= ${PART}) socket.send(piece.subarray(0, 1));
    });
  });
  tcp.start();
  var http = new (require('http-server').HttpServer)({ port: ${http} });
  http.on('request', function (request) { http.respond(request.requestID, 'on'); });
  http.on('listening', function () { self.send('out', 1); });
  http.start();
};`;

/**
 * Bytes a second, to whoever listens there or from there.
 * @throws Error if the connection ends before all are there
 */
function bytes(port: number, total: number, to: boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1').on('error', reject);
    const expected = to ? total / PART : total;
    let from = 0;
    let got = 0;
    socket.on('connect', () => {
      from = performance.now();
      if (!to) socket.write(Buffer.alloc(1));
      else for (let at = 0; at < total; at += MiB) socket.write(Buffer.alloc(MiB));
    });
    socket.on('data', (data) => {
      got += data.length;
      if (got === expected) {
        resolve((total / (performance.now() - from)) * 1000);
        socket.destroy();
      } else if (!to && got % PART === 0) socket.write(Buffer.alloc(1));
    });
    socket.on('close', () => reject(new Error(`streams: the connection ended after ${got} of ${expected} bytes that were to come`)));
  });
}

/** Requests a second. */
async function requests(port: number, count: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const ask = (): Promise<void> =>
    new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
    });
  const from = performance.now();
  const client = async (): Promise<void> => {
    for (let i = 0; i < count / CLIENTS; i++) await ask();
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  agent.destroy();
  return (count / (performance.now() - from)) * 1000;
}

/** What the edge carries for a swarmlet in its isolate, beside plain sockets of a process of its own. */
export const streams: Workload = {
  name: 'streams',
  title: 'TCP and HTTP of a swarmlet in its isolate, beside a process with plain sockets',
  async run({ short, step, wants }) {
    const total = (short ? 16 : 128) * MiB;
    const count = short ? 400 : 8000;
    const repetitions = short ? 2 : 5;
    const box = await BenchBox.start(1);
    const [tcp, http] = [await freePort(), await freePort()];
    const bare = await barePeer(PART);
    try {
      const to = await box.connect();
      await to.subscribe('peer', { outputs: true });
      const listening = new Promise((resolve) => to.on('output', resolve));
      const more = { capabilities: ['socket', 'http-server', `net:listen:${tcp}`, `net:listen:${http}`] };
      await to.deploy(await box.signed(to, 'peer', { 'Peer.js': server(tcp, http) }, box.keys, more));
      await listening;
      const rows: Row[] = [];
      for (const [name, inward] of [
        ['bytes to it', true],
        ['bytes from it', false],
      ] as const) {
        if (!wants(name)) continue;
        step(name);
        const rate = (port: number) => async (): Promise<number> => (await bytes(port, total, inward)) / MiB;
        rows.push({ name, unit: 'MiB/s', ...(await inTurns(repetitions, rate(tcp), rate(bare.tcp))) });
      }
      if (wants('requests')) {
        step('requests');
        const rate = (port: number) => (): Promise<number> => requests(port, count);
        rows.push({ name: 'requests', unit: 'requests/s', ...(await inTurns(repetitions, rate(http), rate(bare.http))) });
      }
      to.close();
      return rows;
    } finally {
      bare.stop();
      await box.stop();
    }
  },
};
