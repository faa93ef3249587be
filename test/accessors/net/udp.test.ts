import { createSocket, type Socket } from 'node:dgram';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { library } from '../../support/library.ts';
import { bounded, give, type Live, live, Outputs, Reports } from '../../support/live.ts';

const it = suite('UDPSocketListener, UDPSocketSender');
let host: Live;
let reports: Reports;
const opened: Socket[] = [];

it.before.each(() => {
  host = live();
  reports = new Reports();
});
it.after.each(() => {
  host.end();
  reports.restore();
  for (const socket of opened.splice(0)) socket.close();
});

/** A socket of the test, with its port. */
async function peer(): Promise<{ socket: Socket; port: number }> {
  const socket = createSocket('udp4');
  opened.push(socket);
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { socket, port: socket.address().port };
}

/** A port that was free just now. */
async function freePort(): Promise<number> {
  const { socket, port } = await peer();
  opened.pop();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

async function listen(parameters: Record<string, unknown> = {}, address = '127.0.0.1') {
  const port = await freePort();
  const accessor = host.run('net/UDPSocketListener', parameters, { listeningAddress: address, listeningPort: port });
  const outputs = new Outputs(accessor);
  assert.is(await outputs.value('listening'), true);
  return { accessor, outputs, port };
}

/** The next datagrams that a socket of the test gets. */
function received(socket: Socket, count: number): Promise<Buffer[]> {
  const all: Buffer[] = [];
  return bounded(
    new Promise((resolve) =>
      socket.on('message', (data) => {
        all.push(data);
        if (all.length === count) resolve(all);
      }),
    ),
    `${count} datagrams`,
  );
}

for (const [receiveType, sent, expected] of [
  ['string', Buffer.from('grün'), 'grün'],
  ['unsignedbyte', Buffer.from([1, 255]), [1, 255]],
  ['byte', Buffer.from([1, 255]), [1, -1]],
  ['short', Buffer.from([0x80, 0, 0, 1]), [-32768, 1]],
  ['unsignedshort', Buffer.from([0x80, 0]), [32768]],
  ['int', Buffer.from([0, 0, 1, 0]), [256]],
  ['number', Buffer.from([0x3f, 0xe0, 0, 0, 0, 0, 0, 0]), [0.5]],
  ['image', Buffer.from([0, 1, 2]), Buffer.from([0, 1, 2])],
] as const) {
  it(`receives a datagram as ${receiveType}`, async () => {
    const { outputs, port } = await listen({ receiveType });
    const { socket } = await peer();
    socket.send(sent, port, '127.0.0.1');
    assert.equal(await outputs.value('message'), expected);
  });
}

for (const [sendType, value, expected] of [
  ['string', 'grün', Buffer.from('grün')],
  ['string', { on: 1 }, Buffer.from('{"on":1}')],
  ['string', [1, 256 + 2, -1], Buffer.from([1, 2, 255])],
  ['unsignedbyte', 7, Buffer.from([7])],
  ['number', 0.5, Buffer.from([0x3f, 0xe0, 0, 0, 0, 0, 0, 0])],
  ['string', Buffer.from([0, 255]), Buffer.from([0, 255])],
] as const) {
  it(`sends ${JSON.stringify(value)} as ${sendType}`, async () => {
    const { socket, port } = await peer();
    const sender = host.run('net/UDPSocketSender', { sendType }, { destinationPort: port });
    const arrived = received(socket, 1);
    give(sender, { toSend: value });
    assert.equal((await arrived)[0], expected);
  });
}

it('takes 10,000 datagrams in order, to a name that is looked up once', async () => {
  const { outputs, port } = await listen();
  const sender = host.run('net/UDPSocketSender', {}, { destinationPort: port });
  for (let i = 0; i < 10_000; i += 20) {
    for (let j = i; j < i + 20; j++) give(sender, { toSend: String(j) });
    await outputs.values('message', i + 20); // no more under way than a system keeps for a socket
  }
  assert.equal(
    outputs.of('message'),
    Array.from({ length: 10_000 }, (_, i) => String(i)),
  );
});

it('joins a multicast group on the loopback interface', async () => {
  const { outputs, port } = await listen({}, '239.255.77.77');
  const { socket } = await peer();
  socket.setMulticastInterface('127.0.0.1');
  socket.send('to the group', port, '239.255.77.77');
  assert.is(await outputs.value('message'), 'to the group');
});

it('listens at another port when it is told to, and at none with a negative one', async () => {
  const { accessor, outputs } = await listen();
  const other = await freePort();
  give(accessor, { listeningAddress: '127.0.0.1', listeningPort: other });
  assert.equal(await outputs.values('listening', 3), [true, false, true]);
  const { socket } = await peer();
  socket.send('there', other, '127.0.0.1');
  assert.is(await outputs.value('message'), 'there');
  give(accessor, { listeningPort: -1 });
  assert.is(await outputs.value('listening', 4), false);
});

it('reports a port that is taken, types, numbers and names that are none', async () => {
  const { port } = await listen();
  host.run('net/UDPSocketListener', {}, { listeningAddress: '127.0.0.1', listeningPort: port });
  await reports.matching(/EADDRINUSE/);
  host.run('net/UDPSocketListener', { receiveType: 'text' }, { listeningAddress: '127.0.0.1', listeningPort: await freePort() });
  await reports.matching(/Unsupported receive type text; the types are byte, /);
  const sender = host.run('net/UDPSocketSender', { sendType: 'number' }, { destinationPort: port });
  give(sender, { toSend: 'no number' });
  await reports.matching(/To be sent as number, "no number" should be a number/);
  give(sender, { toSend: 1, destinationPort: 70_000 });
  await reports.matching(/70000|port/i);
  give(sender, { toSend: 1, destinationAddress: 'no host' });
  await reports.matching(/There is no address of no host/);
});

it('a datagram that is too long is reported', async () => {
  const { port } = await listen();
  give(host.run('net/UDPSocketSender', {}, { destinationPort: port }), { toSend: 'x'.repeat(70_000) });
  await reports.matching(/EMSGSIZE/);
});

it('wrapup frees the port and sends nothing', async () => {
  const { accessor, outputs, port } = await listen();
  accessor.wrapup();
  const again = createSocket('udp4');
  opened.push(again);
  await bounded(new Promise<void>((resolve) => again.bind(port, '127.0.0.1', resolve)), 'listening at the same port');
  assert.equal(outputs.of('listening'), [true]);
});

it('derived accessors find the socket and that it runs', async () => {
  const { accessor } = await listen();
  assert.is(accessor.exports.running, true);
  assert.type(accessor.exports.socket.close, 'function');
});

it('a listener is refused in simulated time, and a sender is not', async () => {
  const { clock, run } = library();
  assert.throws(() => run('net/UDPSocketListener'), /Listening at UDP port 8084 is not possible in simulated time/);
  const { socket, port } = await peer();
  const sender = run('net/UDPSocketSender');
  sender.setDefault('destinationPort', port);
  const arrived = received(socket, 1);
  give(sender, { toSend: 'simulated' });
  await clock.run();
  assert.is(String((await arrived)[0]), 'simulated');
  sender.wrapup();
});

it.run();
