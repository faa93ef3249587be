import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { packageRoot } from '../../../hosts/node/index.ts';
import { library } from '../../support/library.ts';
import { bounded, certificates, give, type Live, live, needing, Outputs, Reports, silent, start } from '../../support/live.ts';

const it = suite('WebSocketClient, WebSocketServer');
const certificate = certificates();
const withCertificate = needing(it, 'openssl', certificate);
const echo = await start('python3', [join(packageRoot, 'test/support/web-socket-echo.py')]);
const withEcho = needing(it, 'python3', echo);
let host: Live;
let reports: Reports;
const opened: Server[] = [];
let echoPort = 0;

it.before(async () => {
  if (echo) echoPort = Number((await echo.wrote(/port (\d+)/))[1]);
});
it.before.each(() => {
  host = live();
  reports = new Reports();
});
it.after.each(() => {
  host.end();
  reports.restore();
  for (const server of opened.splice(0)) server.close();
});
it.after(async () => {
  await echo?.stop();
  certificate?.remove();
});

/** A TCP server that does what is asked with each connection; its port. */
async function peer(connected: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => connected(socket.on('error', () => {})));
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A port where nobody listens. */
async function nobody(): Promise<number> {
  const port = await peer(() => {});
  await new Promise((resolve) => opened.pop()?.close(resolve));
  return port;
}

/** A server accessor, and the port it took. */
async function serve(parameters: Record<string, unknown> = {}) {
  const server = host.run('net/WebSocketServer', { port: 0, ...parameters });
  const outputs = new Outputs(server);
  return { server, outputs, port: Number(await outputs.value('listening')) };
}

function client(port: number, parameters: Record<string, unknown> = {}) {
  const accessor = host.run('net/WebSocketClient', { timeBetweenRetries: 20, ...parameters }, { port });
  return { accessor, outputs: new Outputs(accessor) };
}

withEcho('an echo server in Python gives back JSON, also what was sent before the connection was open', async () => {
  const { accessor, outputs } = client(echoPort);
  for (const toSend of [{ lamp: 'grün' }, 5, 'text', null, [1, 2]]) give(accessor, { toSend });
  assert.equal(await outputs.values('received', 4), [{ lamp: 'grün' }, 5, 'text', [1, 2]]);
  assert.equal(outputs.of('connected'), [true]);
});

withEcho('an echo server in Python gives back 10 MB of text, and bytes as a Buffer', async () => {
  const text = 'lamp '.repeat(2 ** 21);
  const one = client(echoPort, { sendType: 'text/plain', receiveType: 'text/plain' });
  give(one.accessor, { toSend: text });
  assert.ok((await one.outputs.value('received')) === text, 'the text came back as it was');
  const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 256));
  const other = client(echoPort, { sendType: 'png', receiveType: 'png' });
  give(other.accessor, { toSend: bytes });
  assert.equal(await other.outputs.value('received'), bytes);
});

withEcho('a peer that vanishes in the middle is told by connected', async () => {
  const { accessor, outputs } = client(echoPort);
  await outputs.value('connected');
  give(accessor, { toSend: 'vanish' });
  assert.is(await outputs.value('connected', 2), false);
  give(accessor, { toSend: 1 });
});

it('10,000 messages go through server and client and back, in order', async () => {
  const { server, port } = await serve();
  server.on('output', (name, value) => {
    if (name === 'received') server.provideInput('toSend', value);
    if (name === 'received') server.react();
  });
  const { accessor, outputs } = client(port);
  for (let i = 0; i < 10_000; i++) give(accessor, { toSend: i });
  assert.equal(
    await outputs.values('received', 10_000),
    Array.from({ length: 10_000 }, (_, i) => i),
  );
});

it('tells who connected, and sends to one or to all', async () => {
  const { server, outputs, port } = await serve();
  const [first, second] = [client(port), client(port)];
  await outputs.values('connection', 2);
  give(first.accessor, { toSend: 'from the first' });
  const received = (await outputs.value('received')) as { message: unknown; socketID: number };
  assert.is(received.message, 'from the first');
  give(server, { toSend: { socketID: received.socketID, message: { only: 1 } } });
  give(server, { toSend: { all: 2 } });
  assert.equal(await first.outputs.values('received', 2), [{ only: 1 }, { all: 2 }]);
  assert.equal(await second.outputs.values('received', 1), [{ all: 2 }]);
  first.accessor.wrapup();
  assert.equal(await outputs.value('connection', 3), { socketID: received.socketID, status: 'closed' });
  assert.equal(first.outputs.of('connected'), [true], 'nothing after wrapup');
});

it('text messages lose their quotes, and a derived server filters', async () => {
  const derived = host.node.host.instantiateFromCode(
    'derived',
    `exports.setup = function () { this.extend('net/WebSocketServer'); };
     exports.filterReceived = function (message, id) { return this.getName() + id + message; };
     exports.notifyClose = function (id) { this.send('received', 'gone ' + id); };`,
  );
  for (const [name, value] of [
    ['port', 0],
    ['receiveType', 'text/plain'],
  ] as const)
    derived.setParameter(name, value);
  derived.initialize();
  const outputs = new Outputs(derived);
  const { accessor } = client(Number(await outputs.value('listening')), { sendType: 'text/plain' });
  give(accessor, { toSend: '"quoted"' });
  assert.equal(await outputs.value('received'), { message: 'derived0quoted', socketID: 0 });
  accessor.wrapup();
  assert.is(await outputs.value('received', 2), 'gone 0');
});

it('reports what is no JSON and goes on', async () => {
  const { outputs, port } = await serve();
  const stranger = new WebSocket(`ws://127.0.0.1:${port}`);
  await new Promise((resolve) => stranger.once('open', resolve));
  stranger.send('{"half": ');
  stranger.send('{"whole": 1}');
  await reports.matching(/no JSON: \{"half"/);
  assert.equal(await outputs.value('received'), { message: { whole: 1 }, socketID: 0 });
  stranger.terminate();
  await outputs.value('connection', 2);
});

it('tries to connect as often as it is told, and no more', async () => {
  const { outputs } = client(await nobody(), { numberOfRetries: 2 });
  await reports.matching(/ECONNREFUSED.*no further try/);
  assert.is(reports.lines.filter((line) => /next try in 20 ms/.test(line)).length, 2);
  assert.equal(outputs.all, []);
});

it('connects once the server is there', async () => {
  const port = await nobody();
  const { accessor, outputs } = client(port, { numberOfRetries: 1000 });
  give(accessor, { toSend: 'waiting' });
  await reports.matching(/ECONNREFUSED/);
  const late = await serve({ port });
  assert.equal(await late.outputs.value('received'), { message: 'waiting', socketID: 0 });
  assert.equal(outputs.of('connected'), [true]);
});

it('gives up a peer that does not answer', async () => {
  const port = await peer(() => {});
  client(port, { connectTimeout: 50, numberOfRetries: 0 });
  await reports.matching(/no answer within 50 ms; no further try/);
});

it('gives up a peer that never answers the handshake of TLS, and leaves it', async () => {
  const mute = await silent();
  const { outputs } = client(mute.port, { sslTls: true, connectTimeout: 100, numberOfRetries: 1 });
  await reports.matching(/no answer within 100 ms; next try in 20 ms/);
  await reports.matching(/no answer within 100 ms; no further try/);
  await mute.left(2);
  assert.equal(outputs.all, []);
  mute.close();
});

for (const sslTls of [false, true]) {
  it(`wrapup in the middle of the handshake leaves nothing open, ${sslTls ? 'with' : 'without'} TLS`, async () => {
    const mute = await silent();
    const { accessor } = client(mute.port, { sslTls, connectTimeout: 0 });
    await mute.heard(1);
    accessor.wrapup();
    await mute.left(1);
    assert.equal(reports.lines, []);
    mute.close();
  });
}

it('reports a peer that is no web socket server', async () => {
  const plain = createHttpServer((_, response) => response.end('hello'));
  opened.push(plain);
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  client((plain.address() as AddressInfo).port, { numberOfRetries: 0 });
  await reports.matching(/Unexpected server response: 200/);
});

it('reports a name that is none', async () => {
  host.run('net/WebSocketClient', { numberOfRetries: 0 }, { server: 'no host', port: 1 });
  await reports.matching(/Cannot connect to no host:1: .*Invalid URL/);
});

it('follows another port, and a negative one ends the connection', async () => {
  const [one, other] = [await serve(), await serve()];
  const { accessor, outputs } = client(one.port);
  await outputs.value('connected');
  give(accessor, { port: other.port, toSend: 'to the other' });
  assert.equal(await other.outputs.value('received'), { message: 'to the other', socketID: 0 });
  assert.equal(await outputs.values('connected', 3), [true, false, true]);
  give(accessor, { port: other.port });
  give(accessor, { port: -1 });
  assert.is(await outputs.value('connected', 4), false);
  assert.is(other.outputs.of('connection').filter((c) => (c as { status: string }).status === 'open').length, 1);
});

it('discards what comes before the connection when told to', async () => {
  const { port, outputs } = await serve();
  const one = client(port, { discardMessagesBeforeOpen: true });
  give(one.accessor, { toSend: 'lost' });
  await one.outputs.value('connected');
  give(one.accessor, { toSend: 'kept' });
  assert.equal(await outputs.value('received'), { message: 'kept', socketID: 0 });
});

it('wrapup ends attempts, connections and the port', async () => {
  const { server, outputs, port } = await serve();
  const trying = client(await nobody(), { numberOfRetries: 1000 });
  const there = client(port);
  await outputs.value('connection');
  await reports.matching(/ECONNREFUSED/);
  trying.accessor.wrapup();
  const before = reports.lines.length;
  const closed = there.outputs.value('connected', 2);
  server.wrapup();
  assert.is(await closed, false);
  await bounded(new Promise((resolve) => connect(port, '127.0.0.1').once('error', resolve)), 'the end of the port');
  assert.is(reports.lines.length, before);
});

it('reports a port that is taken', async () => {
  const { port } = await serve();
  host.run('net/WebSocketServer', { port });
  await reports.matching(/EADDRINUSE/);
});

it('a server is refused in simulated time, with the way out', () => {
  assert.throws(
    () => library().run('net/WebSocketServer', { port: 0 }),
    /Listening at port 0 is not possible in simulated time; run the swarmlet without --simulate/,
  );
});

const secure = { sslTls: true, pfxKeyCertPath: certificate?.pfxPath, pfxKeyCertPassword: 'lamp' };

withCertificate('TLS: a certificate is checked against the given authority, or not at all', async () => {
  const { port, outputs } = await serve(secure);
  const trusting = client(port, { sslTls: true, trustedCACertPath: certificate?.caPath });
  give(trusting.accessor, { toSend: 'known' });
  assert.equal(await outputs.value('received'), { message: 'known', socketID: 0 });
  const careless = client(port, { sslTls: true, trustAll: true });
  give(careless.accessor, { toSend: 'whoever' });
  assert.equal(await outputs.value('received', 2), { message: 'whoever', socketID: 1 });
  client(port, { sslTls: true, numberOfRetries: 0 });
  await reports.matching(/self-signed certificate/);
});

withCertificate('TLS: reports a wrong password, and a certificate that is not there', async () => {
  host.run('net/WebSocketServer', { ...secure, port: 0, pfxKeyCertPassword: 'wrong' });
  await reports.matching(/certificate .*pfx cannot be used: .*mac verify failure/);
  host.run('net/WebSocketServer', { ...secure, port: 0, pfxKeyCertPath: '/nowhere/pfx' });
  await reports.matching(/Cannot read the certificate \/nowhere\/pfx: ENOENT/);
});

it.run();
