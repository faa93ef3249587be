import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { freePort } from '../../support/free-port.ts';
import { give, type Live, live, needing, Outputs, Reports, type Running, silent, start } from '../../support/live.ts';

const it = suite('MQTTPublisher, MQTTSubscriber');
let host: Live;
let reports: Reports;
const opened: Server[] = [];

/** Mosquitto without a configuration listens on loopback only, for everybody. */
async function broker(port: number): Promise<Running | undefined> {
  const running =
    (await start('mosquitto', ['-v', '-p', String(port)])) ?? (await start('/usr/sbin/mosquitto', ['-v', '-p', String(port)]));
  await running?.wrote(/mosquitto version .* running/);
  return running;
}

const port = await freePort();
const mosquitto = await broker(port);
const withBroker = needing(it, 'mosquitto', mosquitto);

it.before.each(() => {
  host = live();
  reports = new Reports();
});
it.after.each(() => {
  host.end();
  reports.restore();
  for (const server of opened.splice(0)) server.close();
});
it.after(() => mosquitto?.stop());

async function subscriber(topic: string, brokerPort = port) {
  const accessor = host.run('net/MQTTSubscriber', { brokerPort }, { subscribe: topic });
  const outputs = new Outputs(accessor);
  await outputs.value('subscription');
  return { accessor, outputs };
}

async function publisher(topic: string, parameters: Record<string, unknown> = {}) {
  const accessor = host.run('net/MQTTPublisher', { brokerPort: port, topic, ...parameters });
  const outputs = new Outputs(accessor);
  assert.is(await outputs.value('connection'), 'connected to broker');
  return accessor;
}

/** Resolves when the broker has taken the subscription: it answers a message that comes after it. */
async function settled(outputs: Outputs, topic: string): Promise<void> {
  const asking = await publisher(topic);
  give(asking, { toPublish: 'are you there' });
  await outputs.value('received');
  asking.wrapup();
}

withBroker('passes values of any kind as text, the topic after each', async () => {
  const { outputs } = await subscriber('lamp/1');
  assert.equal(outputs.all, [
    ['connection', 'connected to broker'],
    ['subscription', 'Topic: lamp/1 - subscribed'],
  ]);
  await settled(outputs, 'lamp/1');
  const lamp = await publisher('lamp/1');
  for (const toPublish of ['grün', 5, { on: true }, Buffer.from('bytes')]) give(lamp, { toPublish });
  assert.equal(await outputs.values('received', 5), ['are you there', 'grün', '5', '{"on":true}', 'bytes']);
  const names = outputs.all.slice(2).map(([name]) => name);
  assert.equal(names.slice(0, 4), ['received', 'receivedTopic', 'received', 'receivedTopic']);
});

withBroker('patterns match, and a topic that is subscribed twice comes once', async () => {
  const { accessor, outputs } = await subscriber('house/+/lamp');
  await outputs.value('subscription');
  give(accessor, { subscribe: 'house/+/lamp' });
  give(accessor, { subscribe: 'garden/#' });
  await settled(outputs, 'garden/x');
  give(await publisher('house/1/lamp'), { toPublish: 'on' });
  assert.is(await outputs.value('received', 2), 'on');
  give(await publisher('garden/2'), { toPublish: 'off' });
  assert.equal(await outputs.values('received', 3), ['are you there', 'on', 'off']);
  assert.equal(outputs.of('receivedTopic')[1], 'house/1/lamp');
});

withBroker('a topic that is unsubscribed comes no more', async () => {
  const { accessor, outputs } = await subscriber('a');
  give(accessor, { subscribe: 'b' });
  await settled(outputs, 'a');
  give(accessor, { unsubscribe: 'a' });
  assert.is(await outputs.value('subscription', 3), 'Topic: a - unsubscribed');
  const probe = await publisher('b');
  give(probe, { toPublish: 'after' });
  await outputs.value('received', 2); // the broker took the unsubscription before it
  give(await publisher('a'), { toPublish: 'lost' });
  give(probe, { toPublish: 'last' });
  await outputs.value('received', 3);
  assert.is(outputs.of('received').includes('lost'), false);
});

withBroker('10,000 messages of each quality come in order, and one of 10 MB', async () => {
  for (const qosLevel of [0, 1, 2]) {
    const topic = `many/${qosLevel}`;
    const { accessor, outputs } = await subscriber(topic);
    await settled(outputs, topic);
    const lamp = await publisher(topic, { qosLevel });
    for (let i = 0; i < 10_000; i++) {
      give(lamp, { toPublish: i });
      if (i % 500 === 499) await outputs.values('received', i + 2); // a broker drops what it cannot keep
    }
    assert.equal(
      outputs.of('received').slice(1),
      Array.from({ length: 10_000 }, (_, i) => String(i)),
    );
    accessor.wrapup();
    lamp.wrapup();
  }
  const { outputs } = await subscriber('large');
  await settled(outputs, 'large');
  const text = 'lamp '.repeat(2 ** 21);
  give(await publisher('large'), { toPublish: text });
  assert.ok((await outputs.value('received', 2)) === text, 'the text came as it was');
});

withBroker('a broker that goes and comes back is found again, with all topics', async () => {
  const own = await freePort();
  const first = await broker(own);
  const { accessor, outputs } = await subscriber('lamp', own);
  give(accessor, { subscribe: 'other' });
  await first?.stop();
  await reports.matching(/ECONNREFUSED/);
  give(accessor, { subscribe: 'too late' });
  await reports.matching(/Not connected to the broker; topic too late not subscribed/);
  const second = await broker(own);
  await outputs.value('connection', 2);
  const lamp = host.run('net/MQTTPublisher', { brokerPort: own, topic: 'other' });
  await new Outputs(lamp).value('connection');
  await second?.wrote(/other \(QoS 0\)/); // the broker's line for the subscription
  give(lamp, { toPublish: 'again' });
  assert.is(await outputs.value('received'), 'again');
  accessor.wrapup();
  lamp.wrapup();
  await second?.stop();
});

withBroker('wrapup sends what was published, and says farewell', async () => {
  const { outputs } = await subscriber('last words');
  await settled(outputs, 'last words');
  const lamp = await publisher('last words');
  give(lamp, { toPublish: 'goodbye' });
  lamp.wrapup();
  assert.is(await outputs.value('received', 2), 'goodbye');
});

it('reports a broker that is absent, and a value that is lost', async () => {
  const { log } = console;
  const notes: string[] = [];
  console.log = (...args: unknown[]) => notes.push(args.join(' '));
  try {
    const lamp = host.run('net/MQTTPublisher', { brokerPort: await freePort(), topic: 'lamp' });
    await reports.matching(/ECONNREFUSED/);
    give(lamp, { toPublish: 'lost' });
  } finally {
    console.log = log;
  }
  assert.match(notes.join('\n'), /not connected to the broker; value not published/);
});

it('survives a peer that is no broker, or closes at once', async () => {
  for (const answer of [(socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), (socket: Socket) => socket.destroy()]) {
    const taken: Socket[] = [];
    const server = createServer((socket) => {
      taken.push(socket.on('error', () => {}));
      answer(socket);
    });
    opened.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const accessor = host.run('net/MQTTSubscriber', { brokerPort: (server.address() as AddressInfo).port });
    const outputs = new Outputs(accessor);
    await new Promise<void>((resolve) => server.on('connection', () => taken.length > 1 && resolve())); // it comes back
    assert.equal(outputs.all, []);
    accessor.wrapup();
  }
});

it('a broker that never answers is left at wrapup, and nothing is reported', async () => {
  const mute = await silent();
  const { log } = console;
  console.log = () => {};
  try {
    const lamp = host.run('net/MQTTPublisher', { brokerPort: mute.port, topic: 'lamp' });
    const outputs = new Outputs(lamp);
    await mute.heard(1); // CONNECT
    give(lamp, { toPublish: 'lost' });
    lamp.wrapup();
    await mute.left(1);
    assert.equal([outputs.all, reports.lines], [[], []]);
  } finally {
    console.log = log;
    mute.close();
  }
});

it('a broker that never answers is given up and tried again', async () => {
  const mute = await silent();
  const patient = host.node.host.instantiateFromCode(
    'patient',
    `const { createClient } = require('@accessors-modules/mqtt');
     let client;
     exports.setup = function () { this.parameter('port'); };
     exports.initialize = function () {
       client = createClient(this.getParameter('port'), 'localhost', { connectTimeout: 50, reconnectPeriod: 20 });
       client.on('error', (error) => this.error(error.message));
       client.start();
     };
     exports.wrapup = function () { client.end(); };`,
  );
  patient.setParameter('port', mute.port);
  patient.initialize();
  await mute.left(2);
  patient.wrapup();
  await mute.left(2);
  mute.close();
});

it.run();
