import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WallClock } from '../../../../hosts/common/index.ts';
import { plainEdge } from '../../../../hosts/node/edge/plain-edge.ts';
import { type Edge, EdgeScope, edgeModules, Modules, nodePlatform } from '../../../../hosts/node/index.ts';
import { bounded, certificates, needing, start } from '../../../support/live.ts';

const it = suite('modules over streams that are no sockets');
const certificate = certificates();
const withCertificate = needing(it, 'openssl', certificate);

/** A stream with nothing of a socket: as the ones that another process serves over a pipe. */
class Plain extends Duplex {
  readonly #inner: Duplex;

  constructor(inner: Duplex) {
    super();
    this.#inner = inner;
    inner.on('data', (part) => {
      if (!this.push(part)) inner.pause();
    });
    inner.on('end', () => this.push(null));
    inner.on('error', (error) => this.destroy(error));
    inner.on('close', () => this.destroy());
    inner.on('connect', () => this.emit('connect'));
  }

  override _read(): void {
    this.#inner.resume();
  }

  override _write(data: Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
    this.#inner.write(data, callback);
  }

  override _final(callback: () => void): void {
    this.#inner.end(callback);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#inner.destroy();
    callback(error);
  }
}

const plainStreams: Edge = {
  ...plainEdge,
  connect: (options) => new Plain(plainEdge.connect(options)),
  listen(options) {
    const listener = plainEdge.listen(options);
    const wrapped = new EventEmitter() as ReturnType<Edge['listen']>;
    listener.on('connection', (stream, from) => wrapped.emit('connection', new Plain(stream), from));
    listener.on('listening', (at) => wrapped.emit('listening', at));
    listener.on('close', () => wrapped.emit('close'));
    wrapped.close = () => listener.close();
    return wrapped;
  },
};

let scope: EdgeScope;
// biome-ignore lint/suspicious/noExplicitAny: modules have no common type
let load: (name: string) => any;
let server: Server | undefined;

it.before.each(() => {
  scope = new EdgeScope(() => plainStreams, new WallClock(nodePlatform), setImmediate);
  const modules = new Modules(edgeModules, () => assert.unreachable(), scope);
  load = (name) => modules.require(name);
});
it.after.each(() => {
  scope.close();
  server?.close();
  server = undefined;
});
it.after(() => certificate?.remove());

it('HTTP, kept connections included', async () => {
  server = createServer((request, response) => response.end(request.url)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  for (const keepAlive of [false, true, true]) {
    const answer = new Promise((resolve) => load('http-client').get({ url: `http://127.0.0.1:${port}/a`, keepAlive }, resolve));
    assert.is(((await bounded(answer, 'a response')) as { body: string }).body, '/a');
  }
});

withCertificate('HTTPS', async () => {
  server = createSecureServer({ cert: certificate?.cert, key: certificate?.key }, (_, response) => response.end('secret'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  for (const keepAlive of [false, true, true]) {
    const answer = new Promise((resolve) => load('http-client').get({ url, trustAll: true, keepAlive }, resolve));
    assert.is(((await bounded(answer, 'a response')) as { body: string }).body, 'secret');
  }
});

it('an HTTP server', async () => {
  const { HttpServer } = load('http-server');
  const own = new HttpServer({ port: 0 });
  own.on('request', ({ requestID }: { requestID: number }) => own.respond(requestID, 'here'));
  own.start();
  const [port] = await once(own, 'listening');
  assert.is(await (await fetch(`http://127.0.0.1:${port}`)).text(), 'here');
});

for (const secure of [false, true]) {
  (secure ? withCertificate : it)(`web sockets${secure ? ' with TLS' : ''}`, async () => {
    const own = secure ? { sslTls: true, pfxKeyCertPath: certificate?.pfxPath, pfxKeyCertPassword: 'lamp' } : {};
    const { Server } = load('web-socket-server');
    const listening = new Server({ port: 0, ...own });
    listening.on('connection', (socket: EventEmitter & { send(data: unknown): void }) =>
      socket.on('message', (message) => socket.send({ back: message })),
    );
    listening.start();
    const [port] = await once(listening, 'listening');
    const { Client } = load('web-socket-client');
    const client = new Client({ port, sslTls: secure, trustAll: true });
    client.open();
    client.send('ping');
    assert.equal(await bounded(once(client, 'message'), 'a message'), [{ back: 'ping' }]);
  });

  (secure ? withCertificate : it)(`TCP${secure ? ' with TLS' : ''}`, async () => {
    const own = secure ? { sslTls: true, pfxKeyCertPath: certificate?.pfxPath, pfxKeyCertPassword: 'lamp' } : {};
    const { SocketServer, SocketClient } = load('socket');
    const listening = new SocketServer({ port: 0, hostInterface: 'localhost', rawBytes: false, ...own });
    const peers: unknown[] = [];
    listening.on('connection', (socket: EventEmitter & { send(data: unknown): void; remoteHost(): string }) => {
      peers.push(socket.remoteHost());
      socket.on('data', (data) => socket.send(`${data} back`));
    });
    listening.start();
    const [port] = await once(listening, 'listening');
    const client = new SocketClient(port, 'localhost', { rawBytes: false, sslTls: secure, trustAll: true });
    client.open();
    client.send('ping');
    assert.equal(await bounded(once(client, 'data'), 'data'), ['ping back']);
    assert.equal(peers, ['127.0.0.1']);
  });
}

const mosquittoPort = 20_000 + Math.floor(Math.random() * 10_000);
const mosquitto = await start('mosquitto', ['-v', '-p', String(mosquittoPort)]);
it.after(() => mosquitto?.stop());

needing(
  it,
  'mosquitto',
  mosquitto,
)('MQTT', async () => {
  await mosquitto?.wrote(/mosquitto version .* running/);
  const client = load('mqtt').createClient(mosquittoPort, '127.0.0.1');
  client.start();
  await once(client, 'connect');
  client.subscribe('lamp');
  client.publish('lamp', 'on', { qos: 1 });
  assert.equal(await bounded(once(client, 'message'), 'a message'), ['lamp', 'on']);
});

it.run();
