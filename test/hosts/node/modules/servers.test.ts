import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { plainEdge } from '../../../../hosts/node/edge/plain-edge.ts';
import type { EdgeScope } from '../../../../hosts/node/index.ts';
import { moduleOn } from '../../../support/edge.ts';
import { bounded, certificates, needing } from '../../../support/live.ts';

const it = suite('servers over TLS that come to their end');
const certificate = certificates();
const withCertificate = needing(it, 'openssl', certificate);
/** More than a test may take: nothing is ended by the clock. */
const NEVER_MS = 600_000;
const ends: (() => unknown)[] = [];

it.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
it.after(() => certificate?.remove());

// biome-ignore lint/suspicious/noExplicitAny: modules have no common type
type Any = any;

interface Opened {
  readonly module: Any;
  readonly scope: EdgeScope;
  /** Connections as the server got them, once it has so many. */
  taken(count: number): Promise<readonly Duplex[]>;
}

function open(name: string): Opened {
  const streams: Duplex[] = [];
  let look = (): void => {};
  const { module, scope } = moduleOn(name, {
    listen(options) {
      return plainEdge.listen(options).on('connection', (stream) => {
        streams.push(stream);
        look();
      });
    },
  });
  ends.push(() => scope.close(0));
  const taken = (count: number): Promise<readonly Duplex[]> => {
    const there = new Promise<readonly Duplex[]>((resolve) => {
      look = () => streams.length >= count && resolve(streams);
      look();
    });
    return bounded(there, `connection ${count}`);
  };
  return { module, scope, taken };
}

const own = () => ({ sslTls: true, pfxKeyCertPath: certificate?.pfxPath, pfxKeyCertPassword: 'lamp' });

/** Connected, and in no hurry to begin with TLS. */
async function hesitating(port: number): Promise<Socket> {
  const socket = connectPlain(port, '127.0.0.1').on('error', () => {});
  ends.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

function secured(socket: Socket): TLSSocket {
  return connect({ socket, servername: 'localhost', ca: certificate?.cert as Buffer });
}

/** Whether a promise has resolved, once everything that is under way at the moment is over. */
async function isOver(promise: Promise<unknown>): Promise<boolean> {
  let over = false;
  void promise.then(() => {
    over = true;
  });
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  return over;
}

async function webSockets(): Promise<Opened & { readonly port: number }> {
  const opened = open('web-socket-server');
  const server = new opened.module.Server({ port: 0, ...own(), sendType: 'text/plain', receiveType: 'text/plain' });
  server.on('connection', (socket: Any) => socket.send('welcome'));
  server.start();
  return { ...opened, port: (await once(server, 'listening'))[0] };
}

function webSocketOver(socket: Socket): WebSocket {
  const client = new WebSocket('wss://localhost', { createConnection: () => secured(socket) });
  return client.on('error', () => {});
}

withCertificate('a web socket whose handshake is late is served, whoever leaves meanwhile, and told to go', async () => {
  const { scope, port, taken } = await webSockets();
  const early = webSocketOver(await hesitating(port));
  await bounded(once(early, 'message'), 'the first welcome');
  const late = await hesitating(port);
  const [first] = await taken(2);
  const drained = scope.drain(NEVER_MS) as Promise<void>;
  const left = once(first as Duplex, 'close');
  early.terminate();
  await bounded(left, 'the end of the first');
  assert.not.ok(await isOver(drained));
  const client = webSocketOver(late);
  const [message] = await bounded(once(client, 'message'), 'the second welcome');
  assert.is(String(message), 'welcome');
  await bounded(drained, 'the end of the draining');
  const gone = once(client, 'close');
  await bounded(Promise.all([scope.close(NEVER_MS), gone]), 'the end');
  assert.is((await gone)[0], 1001);
});

withCertificate('a TCP connection whose handshake is late is served', async () => {
  const { module, scope, taken } = open('socket');
  const server = new module.SocketServer({ port: 0, hostInterface: '127.0.0.1', ...own(), sendType: 'string' });
  server.on('connection', (socket: Any) => socket.send('welcome'));
  server.start();
  const [port] = await once(server, 'listening');
  const late = await hesitating(port);
  await taken(1);
  const drained = scope.drain(NEVER_MS) as Promise<void>;
  assert.not.ok(await isOver(drained));
  const client = secured(late);
  const heard = once(client, 'data');
  await bounded(drained, 'the end of the draining');
  await bounded(Promise.all([scope.close(NEVER_MS), heard]), 'the end');
  assert.is(String((await heard)[0]), 'welcome');
});

for (const name of ['web-socket-server', 'socket']) {
  withCertificate(`${name}: a connection that is in its handshake when the server stops is closed with it`, async () => {
    const { module, scope, taken } = open(name);
    const server = new (module.Server ?? module.SocketServer)({ port: 0, ...own() });
    server.start();
    const [port] = await once(server, 'listening');
    const late = await hesitating(port);
    await taken(1);
    const gone = once(late.resume(), 'close');
    server.stop();
    await bounded(gone, 'the end of the connection');
    await bounded(scope.close(NEVER_MS), 'the end of all');
  });
}

it.run();
