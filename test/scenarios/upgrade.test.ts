import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { Policy } from '../../src/trust/index.ts';
import { initialize } from '../support/isolate.ts';
import { bounded, certificates, needing } from '../support/live.ts';
import { freePort, Pushed } from '../support/pushed.ts';
import { rejection } from '../support/rejection.ts';
import { openBox, type TestBox } from '../support/service.ts';

/** What clients of a server see while its versions follow each other. */
const it = suite('upgrades of a server');
const UPGRADES = 10;
/** A server may take its time to end: clients on a busy machine are slow to ask the last time. */
const PATIENT = { wrapupMs: 40_000 };
const ends: (() => unknown)[] = [];
let box: TestBox;
let port = 0;

it.before(async () => {
  box = await openBox({
    tier: undefined,
    pool: 1,
    isolationMinimum: 'P1',
    policy: Policy.parse([{ capabilities: ['*'], limits: PATIENT }]),
  });
});
it.before.each(async () => {
  port = await freePort();
});
it.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
it.after(() => box.close());

/** Answers each request with its version, some time later. */
const answering = (version: number): string =>
  initialize(`
  var HttpServer = require('http-server').HttpServer;
  var server = new HttpServer({ port: ${port} });
  server.on('listening', function () { self.send('out', ${version}); });
  server.on('request', function (r) { setTimeout(function () { server.respond(r.requestID, '${version}'); }, 3); });
  server.start();`);

/** Asks again and again; rejects at the first request that nobody takes or answers. */
class Client {
  readonly heard: string[] = [];
  readonly done: Promise<void>;
  #ended = false;

  constructor(ask: () => Promise<string>) {
    this.done = (async () => {
      while (!this.#ended) this.heard.push(await bounded(ask(), 'an answer'));
    })();
    this.done.catch(() => {}); // looked at in the end
  }

  end(): Promise<void> {
    this.#ended = true;
    return this.done;
  }
}

function request(agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve(Buffer.concat(parts).toString()));
      response.on('error', reject);
    }).on('error', reject);
  });
}

/** A connection that says nothing yet. */
async function silent(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  ends.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function said(socket: Socket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part));
  await bounded(once(socket, 'close'), 'the end of a connection');
  return Buffer.concat(parts).toString().split('\r\n\r\n')[1] ?? '';
}

/** Pushes one version after the other; each has to have answered before the next comes. */
async function upgrade(
  server: Pushed,
  clients: readonly Client[],
  capabilities: readonly string[],
  code: (version: number) => string,
): Promise<void> {
  for (let version = 1; version <= UPGRADES; version++) {
    await server.push(code(version), { capabilities: [...capabilities, `net:listen:${port}`], limits: PATIENT });
    const all = Promise.all(clients.map(({ done }) => done));
    const last = (): boolean => clients.every(({ heard }) => heard.at(-1) === String(version));
    while (!last()) await Promise.race([all, new Promise((resolve) => setImmediate(resolve))]);
  }
}

it('answers every request, on new connections and on kept ones', async () => {
  const server = new Pushed(box.service, 'server', ends);
  await server.push(answering(0), { capabilities: ['http-server', `net:listen:${port}`], limits: PATIENT });
  await server.value((value) => value === 0);
  const kept = [0, 1, 2].map(() => new Agent({ keepAlive: true, maxSockets: 1 }));
  ends.push(() => kept.forEach((agent) => void agent.destroy()));
  const fresh = new Agent({ keepAlive: false });
  const clients = [...kept.map((agent) => new Client(() => request(agent))), ...kept.map(() => new Client(() => request(fresh)))];
  await upgrade(server, clients, ['http-server'], answering);
  for (const client of clients) {
    await client.end(); // rejects if one request was refused or not answered
    const versions = client.heard.map(Number);
    assert.equal(
      versions,
      [...versions].sort((a, b) => a - b),
      'an older version answered after a newer one',
    );
  }
});

it('gives a connection that has asked nothing to the next version, and leaves it where that one does not start', async () => {
  const server = new Pushed(box.service, 'server', ends);
  const capabilities = ['http-server', `net:listen:${port}`];
  await server.push(answering(0), { capabilities });
  await server.value((value) => value === 0);
  const [first, second] = [await silent(), await silent()];
  const failing = answering(1).replace('server.start();', "server.start(); throw new Error('not today');");
  assert.match((await rejection(server.push(failing, { capabilities }))).message, /not today/);
  assert.is(await said(first), '0');
  await server.push(answering(2), { capabilities });
  await server.push(answering(3), { capabilities });
  assert.is(await said(second), '3');
});

it('answers what it has begun to answer, and takes no longer than it may', async () => {
  const server = new Pushed(box.service, 'server', ends);
  const capabilities = ['http-server', `net:listen:${port}`];
  const slow = (version: number, ms: number): string => answering(version).replace('}, 3);', `}, ${ms});`);
  await server.push(slow(0, 200), { capabilities, limits: PATIENT });
  await server.value((value) => value === 0);
  const socket = await silent();
  const answer = said(socket);
  await box.service.list(); // a turn: the request is on its way
  await request(new Agent()); // behind the first one
  const late = said(await silent());
  await server.push(slow(1, 3), { capabilities });
  assert.is(await answer, '0');
  assert.ok(['0', '1'].includes(await late));
  await server.push(slow(2, 60_000), { capabilities });
  const never = said(await silent());
  await server.push(slow(3, 3), { capabilities, limits: { wrapupMs: 400 } });
  assert.is(await request(new Agent()), '3');
  await never; // closed when the old version's time was over
});

it('takes every web socket while versions change, and tells those that are open to go', async () => {
  const server = new Pushed(box.service, 'server', ends);
  const echo = (version: number): string =>
    initialize(`
    var Server = require('web-socket-server').Server;
    var server = new Server({ port: ${port}, sendType: 'text/plain', receiveType: 'text/plain' });
    server.on('listening', function () { self.send('out', ${version}); });
    server.on('connection', function (s) { s.send('${version}'); });
    server.start();`);
  await server.push(echo(0), { capabilities: ['web-socket-server', `net:listen:${port}`], limits: PATIENT });
  await server.value((value) => value === 0);
  const open = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(open, 'message');
  const gone = once(open, 'close');
  const ask = async (): Promise<string> => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    const [[message]] = await Promise.all([once(socket, 'message'), once(socket, 'open')]); // rejects at an error
    socket.terminate();
    return String(message);
  };
  const clients = [new Client(ask), new Client(ask)];
  await upgrade(server, clients, ['web-socket-server'], echo);
  for (const client of clients) await client.end();
  assert.is((await bounded(gone, 'the end of the web socket'))[0], 1001);
});

const certificate = certificates();
it.after(() => certificate?.remove());
needing(
  it,
  'openssl',
  certificate,
)('takes every web socket over TLS while versions change', async () => {
  const { cert, pfxPath } = certificate as NonNullable<typeof certificate>;
  const answers = (version: number): string =>
    initialize(`
    require('fs').writeFileSync('pfx', Buffer.from('${readFileSync(pfxPath).toString('base64')}', 'base64'));
    var Server = require('web-socket-server').Server;
    var server = new Server({
      port: ${port}, sslTls: true, pfxKeyCertPath: 'pfx', pfxKeyCertPassword: 'lamp', sendType: 'text/plain', receiveType: 'text/plain'
    });
    server.on('listening', function () { self.send('out', ${version}); });
    server.on('connection', function (s) { s.send('${version}'); });
    server.start();`);
  const server = new Pushed(box.service, 'server', ends);
  await server.push(answers(0), { capabilities: ['files', 'web-socket-server', `net:listen:${port}`], limits: PATIENT });
  await server.value((value) => value === 0);
  const ask = async (): Promise<string> => {
    const socket = new WebSocket(`wss://127.0.0.1:${port}`, { ca: cert });
    const [[message]] = await Promise.all([once(socket, 'message'), once(socket, 'open')]); // rejects at an error
    socket.terminate();
    return String(message);
  };
  const clients = [new Client(ask), new Client(ask)];
  await upgrade(server, clients, ['files', 'web-socket-server'], answers);
  for (const client of clients) await client.end();
});

/** Counts to a port by datagrams, each 1 ms a number, and keeps what is answered: which version had which number. */
class Counter {
  /** Of each number, the versions that answered it. */
  readonly answers: number[][] = [];
  readonly failed: Promise<never>;
  readonly #socket = createSocket('udp4');
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.failed = new Promise((_, reject) => this.#socket.on('error', reject));
    this.failed.catch(() => {}); // looked at in the end
    let isConnected = false;
    this.#socket.connect(port, '127.0.0.1', () => {
      isConnected = true; // so it hears when nobody is there
    });
    this.#socket.on('message', (text) => {
      const [version = Number.NaN, number = Number.NaN] = String(text).split(' ').map(Number);
      this.answers[number]?.push(version);
    });
    this.#timer = setInterval(() => {
      if (isConnected) this.#socket.send(String(this.answers.push([]) - 1));
    }, 1);
    ends.push(() => {
      clearInterval(this.#timer);
      this.#socket.close();
    });
  }

  has(version: number): boolean {
    return this.answers.some((versions) => versions.includes(version));
  }

  /** Rejects when the port was closed. */
  async until(holds: () => boolean, what: string): Promise<void> {
    const looking = async (): Promise<void> => {
      while (!holds()) await Promise.race([this.failed, new Promise((resolve) => setImmediate(resolve))]);
    };
    await bounded(looking(), what);
  }

  /** Resolves when all numbers have been answered. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.until(() => this.answers.every((versions) => versions.length > 0), 'an answer to each number');
  }

  /** What becomes of one more. */
  async more(): Promise<NodeJS.ErrnoException> {
    this.#socket.send('more');
    return rejection(bounded(this.failed, 'a refusal'));
  }
}

it('gives each datagram to a version that runs, and never closes the port', async () => {
  const counting = (version: number): string =>
    initialize(`
    var socket = require('udp-socket').createSocket('udp4', function (number, info) {
      var from = JSON.parse(info);
      socket.send('${version} ' + number, from.port, from.address);
    });
    socket.on('listening', function () { self.send('out', ${version}); });
    socket.bind(${port}, '127.0.0.1');`);
  const server = new Pushed(box.service, 'server', ends);
  const capabilities = ['udp-socket', `net:listen:${port}`];
  await server.push(counting(0), { capabilities });
  await server.value((value) => value === 0);
  const counter = new Counter();
  for (let version = 1; version <= 5; version++) {
    await counter.until(() => counter.has(version - 1), `an answer of version ${version - 1}`);
    const failing = counting(99).replace("'127.0.0.1');", "'127.0.0.1'); throw new Error('not today');");
    if (version === 3) assert.match((await rejection(server.push(failing, { capabilities }))).message, /not today/);
    await server.push(counting(version), { capabilities });
  }
  await counter.until(() => counter.has(5), 'an answer of version 5');
  await counter.end();
  assert.ok(counter.answers.every((versions) => versions.length === 1));
  const versions = counter.answers.flat();
  assert.equal(
    versions,
    [...versions].sort((a, b) => a - b),
    'an older version got a later datagram',
  );
  await server.stop();
  assert.is((await counter.more()).code, 'ECONNREFUSED');
});

it.run();
