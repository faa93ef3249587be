import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { library } from '../../support/library.ts';
import { bounded, certificates, give, type Live, live, needing, Outputs, Reports, silent } from '../../support/live.ts';

const it = suite('TCPSocketClient, TCPSocketServer');
const certificate = certificates();
const withCertificate = needing(it, 'openssl', certificate);
let host: Live;
let reports: Reports;
const opened: Server[] = [];

it.before.each(() => {
  host = live();
  reports = new Reports();
});
it.after.each(() => {
  host.end();
  reports.restore();
  for (const server of opened.splice(0)) server.close();
});
it.after(() => certificate?.remove());

async function peer(connected: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => connected(socket.on('error', () => {})));
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function nobody(): Promise<number> {
  const port = await peer(() => {});
  await new Promise((resolve) => opened.pop()?.close(resolve));
  return port;
}

async function serve(parameters: Record<string, unknown> = {}) {
  const server = host.run('net/TCPSocketServer', { port: 0, hostInterface: 'localhost', ...parameters });
  const outputs = new Outputs(server);
  return { server, outputs, port: Number(await outputs.value('listening')) };
}

function client(port: number, parameters: Record<string, unknown> = {}) {
  const accessor = host.run('net/TCPSocketClient', { reconnectInterval: 20, ...parameters }, { port });
  return { accessor, outputs: new Outputs(accessor) };
}

for (const [type, values, arrived = values] of [
  ['byte', [-128, 127, [1, -1]]],
  ['double', [Math.PI, [0.1, -1e300]]],
  ['float', [0.5, [0.25, -2]]],
  ['int', [-(2 ** 31), [1, 2]]],
  ['number', [1e-300, [1, 2]]],
  ['short', [-32768, [1, 2]]],
  ['unsignedbyte', [255, [0, 1]]],
  ['unsignedshort', [65535, [0, 1]]],
  ['string', ['grün', 'x'.repeat(300), ['a', 'b'], 5], ['grün', 'x'.repeat(300), 'ab', '5']],
  ['json', [{ lamp: [1, 'ü'] }, 'text', null, 5], [{ lamp: [1, 'ü'] }, 'text', 5]],
  ['image', [Buffer.from([1, 2, 3])]],
  ['unsignedbyte', [257, -1], [1, 255]],
  ['unsignedshort', [65536 + 7], [7]],
  ['byte', [200], [-56]],
] as const) {
  it(`framed, values of type ${type} arrive each whole: ${JSON.stringify(values).slice(0, 60)}`, async () => {
    const { outputs, port } = await serve({ receiveType: type });
    const { accessor } = client(port, { sendType: type });
    for (const toSend of values) give(accessor, { toSend });
    assert.equal(await outputs.values('received', arrived.length), [...arrived]);
    assert.equal(outputs.of('receivedID')[0], 1);
  });
}

it('without framing, numbers arrive one by one, also when they are torn apart on the way', async () => {
  const { outputs, port } = await serve({ receiveType: 'int', rawBytes: true });
  const socket = connect(port, '127.0.0.1');
  await outputs.value('connection');
  const bytes = Buffer.from([0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]);
  socket.write(bytes.subarray(0, 6));
  await outputs.value('received');
  socket.write(bytes.subarray(6));
  assert.equal(await outputs.values('received', 3), [1, 2, 3]);
  socket.destroy();
});

it('without framing, a character that is torn apart arrives whole', async () => {
  const { outputs, port } = await serve({ rawBytes: true });
  const socket = connect(port, '127.0.0.1');
  socket.write(Buffer.from([0x67, 0xc3]));
  assert.is(await outputs.value('received'), 'g');
  socket.end(Buffer.from([0xbc]));
  assert.is(await outputs.value('received', 2), 'ü');
});

it('the length is a byte up to 254, then 255 and four', async () => {
  const parts: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    peer((socket) => socket.on('data', (part) => parts.push(part)).on('end', resolve)).then((port) => {
      const { accessor, outputs } = client(port);
      outputs.value('connected').then(() => {
        for (const length of [0, 254, 255, 256]) give(accessor, { toSend: 'x'.repeat(length) });
        accessor.wrapup();
      }, reject);
    }, reject);
  });
  await bounded(ended, 'the end of the connection');
  const data = Buffer.concat(parts);
  assert.equal([...data.subarray(0, 2)], [0, 254]);
  assert.equal([...data.subarray(2 + 254, 2 + 254 + 5)], [255, 0, 0, 0, 255]);
  assert.equal([...data.subarray(2 + 254 + 5 + 255, 2 + 254 + 5 + 255 + 5)], [255, 0, 0, 1, 0]);
  assert.is(data.length, 2 + 254 + 5 + 255 + 5 + 256);
});

it('10,000 messages and one of 10 MB go there and back in order', async () => {
  const { server, outputs, port } = await serve();
  const { accessor, outputs: back } = client(port, { maxUnsentMessages: 0 });
  server.on('output', (name, value) => {
    if (name === 'received') give(server, { toSend: value });
  });
  const large = 'lamp '.repeat(2 ** 21);
  for (let i = 0; i < 10_000; i++) give(accessor, { toSend: String(i) });
  give(accessor, { toSend: large });
  assert.equal(
    (await back.values('received', 10_000)).slice(),
    Array.from({ length: 10_000 }, (_, i) => String(i)),
  );
  assert.ok((await back.value('received', 10_001)) === large, 'the large one came back as it was');
  assert.is(outputs.of('received').length, 10_001);
});

it('tells who connected, and sends to one or to all', async () => {
  const { server, outputs, port } = await serve();
  const [first, second] = [client(port), client(port)];
  await outputs.values('connection', 2);
  const { remoteHost, remotePort, ...rest } = outputs.of('connection')[0] as Record<string, unknown>;
  assert.equal([rest, remoteHost, typeof remotePort], [{ id: 1, status: 'open' }, '127.0.0.1', 'number']);
  give(first.accessor, { toSend: 'from the first' });
  const id = await outputs.value('receivedID');
  give(server, { toSendID: id, toSend: 'for one' });
  give(server, { toSend: 'for all' });
  assert.equal(await first.outputs.values('received', 2), ['for one', 'for all']);
  assert.equal(await second.outputs.values('received', 1), ['for all']);
  give(server, { toSendID: 9, toSend: 'for nobody' });
  await reports.matching(/no open socket with ID 9/);
  first.accessor.wrapup();
  const closed = (await outputs.value('connection', 3)) as Record<string, unknown>;
  assert.equal([closed.id, closed.status], [id, 'closed']);
});

it('tries to connect as often as it is told; keeps no more than it is told', async () => {
  const { accessor, outputs } = client(await nobody(), { reconnectAttempts: 2, maxUnsentMessages: 1 });
  give(accessor, { toSend: 'kept' });
  give(accessor, { toSend: 'one too many' });
  await reports.matching(/1 messages \(maxUnsentMessages\) wait for the connection .* Message dropped/);
  await reports.matching(/ECONNREFUSED.*; no further try/);
  assert.is(reports.lines.filter((line) => /next try in 20 ms/.test(line)).length, 2);
  assert.equal(outputs.all, []);
});

it('a peer that closes in the middle of a message is told, and half a message is none', async () => {
  const port = await peer((socket) => socket.end(Buffer.from([10, 1, 2, 3])));
  const { accessor, outputs } = client(port);
  assert.equal(await outputs.values('connected', 2), [true, false]);
  assert.equal(outputs.of('received'), []);
  give(accessor, { toSend: 'late' });
});

it('a length that cannot be one ends the connection', async () => {
  const port = await peer((socket) => socket.write(Buffer.from([255, 255, 255, 255, 255])));
  const { outputs } = client(port);
  await reports.matching(/A message of 4294967295 bytes was announced/);
  assert.is(await outputs.value('connected', 2), false);
});

it('a silent connection is closed after idleTimeout', async () => {
  const port = await peer(() => {});
  const { outputs } = client(port, { idleTimeout: 1 });
  assert.equal(await outputs.values('connected', 2), [true, false]);
});

it('reports ports and values that are none', async () => {
  client(70_000, { reconnectAttempts: 0 });
  await reports.matching(/Cannot connect to localhost:70000: .*65536.*no further try/);
  const { port } = await serve();
  const { accessor, outputs } = client(port, { sendType: 'int' });
  await outputs.value('connected');
  give(accessor, { toSend: 'no number' });
  await reports.matching(/To be sent as int, "no number" should be a number/);
});

it('a peer that takes nothing is reported instead of filling the memory', async () => {
  const port = await peer((socket) => socket.pause());
  const { accessor, outputs } = client(port);
  await outputs.value('connected');
  const large = 'x'.repeat(2 ** 24);
  for (let i = 0; i < 6; i++) give(accessor, { toSend: large });
  await reports.matching(/The peer takes nothing; \d+ bytes wait\. Message dropped/);
});

it('wrapup sends what was sent, then ends; the port is free', async () => {
  const { server, outputs, port } = await serve();
  const { accessor, outputs: mine } = client(port);
  await mine.value('connected');
  give(accessor, { toSend: 'farewell' });
  accessor.wrapup();
  assert.is(await outputs.value('received'), 'farewell');
  await outputs.value('connection', 2);
  server.wrapup();
  await bounded(new Promise((resolve) => connect(port, '127.0.0.1').once('error', resolve)), 'the end of the port');
  assert.equal(mine.of('connected'), [true]);
});

it('wrapup while it connects leaves nothing', async () => {
  const { accessor, outputs } = client(await nobody(), { reconnectAttempts: 1000 });
  await reports.matching(/ECONNREFUSED/);
  accessor.wrapup();
  const count = reports.lines.length;
  await serve(); // by now another attempt would have been made
  assert.equal([outputs.all, reports.lines.length], [[], count]);
});

it('TLS: a peer that never answers the handshake is given up, and left', async () => {
  const mute = await silent();
  const { outputs } = client(mute.port, { sslTls: true, connectTimeout: 100, reconnectAttempts: 1 });
  await reports.matching(/no answer within 100 ms; next try in 20 ms/);
  await reports.matching(/no answer within 100 ms; no further try/);
  await mute.left(2);
  assert.equal(outputs.all, []);
  mute.close();
});

it('TLS: wrapup in the middle of the handshake leaves nothing open', async () => {
  const mute = await silent();
  const { accessor } = client(mute.port, { sslTls: true });
  await mute.heard(1);
  accessor.wrapup();
  await mute.left(1);
  assert.equal(reports.lines, []);
  mute.close();
});

it('a server is refused in simulated time, with the way out', () => {
  assert.throws(() => library().run('net/TCPSocketServer', { port: 0 }), /not possible in simulated time/);
});

withCertificate('TLS: a certificate is checked against the given authority, or not at all', async () => {
  const secure = { sslTls: true, pfxKeyCertPath: certificate?.pfxPath, pfxKeyCertPassword: 'lamp' };
  const { outputs, port } = await serve(secure);
  const trusting = client(port, { sslTls: true, trustedCACertPath: certificate?.caPath });
  give(trusting.accessor, { toSend: 'known' });
  assert.is(await outputs.value('received'), 'known');
  const connection = outputs.of('connection')[0] as Record<string, unknown>;
  assert.equal([connection.remoteHost, typeof connection.remotePort], ['127.0.0.1', 'number']);
  client(port, { sslTls: true, reconnectAttempts: 0 });
  await reports.matching(/self-signed certificate.*; no further try/);
  const careless = client(port, { sslTls: true, trustAll: true });
  give(careless.accessor, { toSend: 'whoever' });
  assert.is(await outputs.value('received', 2), 'whoever');
});

withCertificate('TLS: clients show a certificate where it is required', async () => {
  const own = { pfxKeyCertPath: certificate?.pfxPath, pfxKeyCertPassword: 'lamp', trustedCACertPath: certificate?.caPath, sslTls: true };
  const { outputs, port } = await serve({ ...own, clientAuth: 'required' });
  const stranger = connectSecurely({ port, host: 'localhost', rejectUnauthorized: false });
  await bounded(new Promise((resolve) => stranger.on('error', () => {}).on('close', resolve)), 'the refusal');
  const { accessor } = client(port, own);
  give(accessor, { toSend: 'with a certificate' });
  assert.is(await outputs.value('received'), 'with a certificate');
  assert.is(outputs.of('connection').length, 1);
});

it.run();
