import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Policy } from '../../src/trust/index.ts';
import { initialize } from '../support/isolate.ts';
import { bounded, certificates, needing, start } from '../support/live.ts';
import { programsWith } from '../support/programs.ts';
import { freePort, Pushed } from '../support/pushed.ts';
import { rejection } from '../support/rejection.ts';
import { openBox, type TestBox } from '../support/service.ts';

/** Swarmlets pushed to a box, and the world outside it. */
const it = suite('the edge of a box');
const ends: (() => unknown)[] = [];
let box: TestBox;
let admin: Server;

it.before(async () => {
  admin = createServer((socket) => socket.end('admin')).listen(0, '127.0.0.1');
  await once(admin, 'listening');
  box = await openBox({
    tier: undefined,
    pool: 1,
    isolationMinimum: 'P1',
    policy: Policy.parse([{ capabilities: ['*'], isolation: 'inline' }]),
    ownPorts: () => [(admin.address() as AddressInfo).port],
  });
});
it.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
it.after(async () => {
  admin.close();
  await box.close();
});

/** A new name on the box. */
const swarmlet = (kind: string): Pushed => new Pushed(box.service, kind, ends);

/** What a server says to whoever connects; rejects where nobody listens. */
async function greeting(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part));
  await bounded(once(socket, 'close'), 'the end of a connection');
  return Buffer.concat(parts).toString();
}

const descriptors = (): number => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0);

const greeter = (port: number, text: string): string =>
  initialize(`
  var Server = require('socket').SocketServer;
  var server = new Server({ port: ${port}, hostInterface: '127.0.0.1' });
  server.on('listening', function () { self.send('out', '${text} listens'); });
  server.on('connection', function (s) { s.send('${text}'); s.close(); });
  server.on('error', function (error) { self.send('out', 'error ' + error); });
  server.start();`);

it('hands a listening port to the next version without a refused connection', async () => {
  const port = await freePort();
  const server = swarmlet('server');
  const more = { capabilities: ['socket', `net:listen:${port}`] };
  await server.push(greeter(port, 'one'), more);
  await server.value((value) => value === 'one listens');
  let ended = false;
  const said: string[] = [];
  const client = async (): Promise<void> => {
    while (!ended) said.push(await greeting(port));
  };
  const clients = Promise.all(Array.from({ length: 4 }, client));
  await server.push(greeter(port, 'two'), more);
  while (!said.includes('two')) await Promise.race([clients, new Promise((resolve) => setImmediate(resolve))]);
  ended = true;
  await clients; // rejects at the first that was refused
  assert.is(said.at(-1), 'two');
  assert.is(said.lastIndexOf('one') < said.length - 1, true);
  await server.stop();
  assert.match((await rejection(greeting(port))).message, /ECONNREFUSED/);
});

it('leaves a port with its version while the next one does not start', async () => {
  const port = await freePort();
  const server = swarmlet('server');
  const more = { capabilities: [`net:listen:${port}`] };
  await server.push(greeter(port, 'one'), more);
  await server.value((value) => value === 'one listens');
  const failing = greeter(port, 'two').replace('server.start();', "server.start(); throw new Error('not today');");
  assert.match((await rejection(server.push(failing, more))).message, /not today/);
  assert.is(await greeting(port), 'one');
});

for (const isolation of ['process', 'thread', 'inline']) {
  it(`keeps the folder of a swarmlet in the tier ${isolation} within its limit, over its versions`, async () => {
    const keeper = swarmlet('keeper');
    const more = { capabilities: ['files', 'local-storage'], limits: { storageMiB: 1 }, isolation };
    const full = `
      try { storage.setItem('large', 'x'.repeat(2000000)); } catch (error) { self.send('out', error.code); }`;
    const opening = "var storage = require('local-storage'); storage.initSync({ dir: 'kept' });";
    await keeper.push(initialize(`${opening} storage.setItem('lamp', 'on'); ${full}`), more);
    assert.is(await keeper.value(), 'ENOSPC');
    const reading = "self.send('out', [storage.getItem('lamp'), storage.length(), require('fs').readdirSync('.')]);";
    await keeper.push(initialize(`${opening} ${reading}`), more);
    assert.equal(await keeper.value((value) => Array.isArray(value)), ['on', 1, ['kept']]);
  });
}

it('tells which capability is missing', async () => {
  const nothing = swarmlet('nothing');
  const error = await rejection(nothing.push(initialize("require('@accessors-modules/mqtt');")));
  assert.is((error as { code?: string }).code, 'SETUP_FAILED');
  assert.match(error.message, 'capability "mqtt"');
});

for (const isolation of ['process', 'thread', 'inline']) {
  it(`lets two swarmlets in the tier ${isolation} speak by web sockets`, async () => {
    const port = await freePort();
    const server = swarmlet('server');
    await server.push(
      initialize(`
      var Server = require('@accessors-modules/web-socket-server').Server;
      var server = new Server({ port: ${port} });
      server.on('listening', function () { self.send('out', 'listening'); });
      server.on('connection', function (s) { s.on('message', function (m) { s.send({ back: m }); }); });
      server.start();`),
      { capabilities: ['web-socket-server'], isolation },
    );
    await server.value();
    const client = swarmlet('client');
    await client.push(
      initialize(`
      var Client = require('web-socket-client').Client;
      var client = new Client({ port: ${port}, host: '127.0.0.1' });
      client.on('message', function (m) { self.send('out', m); });
      client.on('error', function (e) { self.send('out', String(e)); });
      client.open(); client.send('ping');`),
      { capabilities: ['web-socket-client', `net:connect:127.0.0.1:${port}`], isolation },
    );
    assert.equal(await client.value(), { back: 'ping' });
  });
}

const certificate = certificates();
it.after(() => certificate?.remove());
needing(
  it,
  'openssl',
  certificate,
)('speaks TLS inside the isolate', async () => {
  const server = createSecureServer({ cert: certificate?.cert, key: certificate?.key }, (_, response) => response.end('secret'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  const client = swarmlet('client');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const code = initialize(
    `require('http-client').get({ url: '${url}', trustAll: true }, function (m) { self.send('out', m && m.body); });`,
  );
  await client.push(code, { capabilities: ['http-client'] });
  assert.is(await client.value(), 'secret');
});

const mosquittoPort = await freePort();
const mosquitto = await start('mosquitto', ['-v', '-p', String(mosquittoPort)]);
it.after(() => mosquitto?.stop());
needing(
  it,
  'mosquitto',
  mosquitto,
)('publishes and subscribes by MQTT', async () => {
  await mosquitto?.wrote(/mosquitto version .* running/);
  const client = swarmlet('client');
  const code = initialize(`
    var client = require('@accessors-modules/mqtt').createClient(${mosquittoPort}, 'localhost');
    client.on('connect', function () { client.subscribe('a/+'); client.publish('a/b', 'hello'); });
    client.on('message', function (topic, text) { self.send('out', topic + ' ' + text); });
    client.on('error', function (e) { self.send('out', String(e)); });
    client.start();`);
  await client.push(code, { capabilities: ['mqtt', `net:connect:localhost:${mosquittoPort}`] });
  assert.is(await client.value(), 'a/b hello');
});

it('exchanges datagrams', async () => {
  const port = await freePort();
  const server = swarmlet('server');
  const answering = initialize(`
    var socket = require('udp-socket').createSocket('udp4', function (m, info) {
      var from = JSON.parse(info);
      socket.send(m + ' back', from.port, from.address);
    });
    socket.on('error', function (e) { self.send('out', 'error ' + e); });
    socket.on('listening', function () { self.send('out', 'listening'); });
    socket.bind(${port}, '127.0.0.1');`);
  await server.push(answering, { capabilities: ['udp-socket', `net:listen:${port}`] });
  assert.is(await server.value(), 'listening');
  const client = swarmlet('client');
  const asking = initialize(`
    var socket = require('udp-socket').createSocket('udp4', function (m) { self.send('out', m); });
    socket.on('error', function (e) { self.send('out', 'error ' + e); });
    socket.bind(0, '127.0.0.1', function () { socket.send('ping', ${port}, 'localhost'); });`);
  await client.push(asking, { capabilities: ['udp-socket', `net:connect:localhost:${port}`, 'net:listen:*'] });
  assert.is(await client.value(), 'ping back');
});

it('runs programs without the environment of the box, and ends them with the swarmlet', async () => {
  process.env.BOX_SECRET = 'lamp';
  ends.push(() => delete process.env.BOX_SECRET);
  const runner = swarmlet('runner');
  const marker = `${60_000 + process.pid}.5`;
  const code = initialize(`
    var Shell = require('shell/shell').Shell;
    var env = new Shell({ cmd: 'env' });
    env.on('message', function (text) { self.send('out', { env: text }); });
    env.start();
    var stay = new Shell({ cmd: ['sh', '-c', 'sleep "$0" & echo on; wait', '${marker}'] });
    stay.on('message', function () { self.send('out', { on: true }); });
    stay.on('error', function (text) { self.send('out', { error: text }); });
    stay.start();`);
  await runner.push(code, { capabilities: ['exec'] });
  const { env } = (await runner.value((value) => (value as { env?: string }).env !== undefined)) as { env: string };
  assert.match(env, 'PATH=');
  assert.not.match(env, 'lamp');
  await runner.value((value) => (value as { on?: boolean }).on === true);
  assert.ok(programsWith(marker) > 0);
  await runner.stop();
  assert.is(programsWith(marker), 0);
});

const [left, right] = [`/tmp/line-${process.pid}-a`, `/tmp/line-${process.pid}-b`];
const socat = await start('socat', [`pty,raw,echo=0,link=${left}`, `pty,raw,echo=0,link=${right}`]);
it.after(() => socat?.stop());
needing(
  it,
  'socat',
  socat,
)('reads and writes a serial line', async () => {
  const client = swarmlet('client');
  const code = initialize(`
    var SerialPort = require('serial').SerialPort;
    var a = new SerialPort('${left}', self, 1000, { baudRate: 9600 });
    var b = new SerialPort('${right}', self, 1000, { baudRate: 9600 });
    var text = '';
    b.on('data', function (d) { text += d; if (text.length >= 5) self.send('out', text); });
    [a, b].forEach(function (p) { p.on('error', function (e) { self.send('out', 'error ' + e); }); });
    b.open(function () { a.open(function () { a.send('hello'); }); });`);
  await client.push(code, { capabilities: ['serial'] });
  assert.is(await client.value(), 'hello');
});

// ------------------------------------------------------------------------------------------------ X15

const connecting = (host: string, port: number): string =>
  initialize(`
  var Client = require('socket').SocketClient;
  var client = new Client(${port}, '${host}', { reconnectAttempts: 0, connectTimeout: 3000 });
  client.on('open', function () { self.send('out', 'open'); });
  client.on('error', function (e) { self.send('out', String(e)); });
  client.open();`);
const deployPort = (): number => box.service.address?.port ?? 0;
const adminPort = (): number => (admin.address() as AddressInfo).port;

const refusals: readonly [what: string, code: () => string, capabilities: () => string[], answer: RegExp][] = [
  ['its own deploy port', () => connecting('127.0.0.1', deployPort()), () => ['socket'], /is the box's own.*net:connect:127.0.0.1:\d+/],
  ['its own deploy port by name', () => connecting('localhost', deployPort()), () => ['socket', 'net:connect:*:*'], /is the box's own/],
  ['the page of the box', () => connecting('127.0.0.1', adminPort()), () => ['net:connect:127.0.0.1:*'], /is the box's own/],
  ['the page, by an address of another form', () => connecting('::ffff:127.0.0.1', adminPort()), () => ['socket'], /is the box's own/],
  ['where clouds tell secrets', () => connecting('169.254.169.254', 80), () => ['socket'], /of this link only/],
  ['another host', () => connecting('10.255.255.1', 80), () => ['net:connect:10.255.255.2:80'], /may not connect to 10.255.255.1:80/],
  ['another port', () => connecting('127.0.0.1', 9), () => ['net:connect:127.0.0.1:10'], /net:connect:127.0.0.1:9/],
  ['a port to listen at', () => greeter(4321, 'one'), () => ['net:listen:4322'], /may not listen at port 4321.*net:listen:4321/],
  ['any place with a listener only', () => connecting('127.0.0.1', 9), () => ['net:listen:4322'], /may not connect/],
  [
    'discovery by UDP',
    () =>
      initialize(`
    var socket = require('udp-socket').createSocket('udp4');
    socket.on('error', function (e) { self.send('out', String(e)); });
    socket.send('who', 5353, '224.0.0.251');`),
    () => ['udp-socket', 'net:connect:*.lab:*'],
    /may not (?:connect to|look up) 224.0.0.251/,
  ],
  ['a program', () => initialize("require('shell');"), () => ['discovery'], /capability "exec"/],
];
for (const [what, code, capabilities, answer] of refusals) {
  it(`X15 refuses ${what} that was not granted`, async () => {
    const one = swarmlet('hostile');
    try {
      await one.push(code(), { capabilities: capabilities() });
    } catch (error) {
      assert.match((error as Error).message, answer);
      return;
    }
    assert.match(String(await one.value()), answer);
  });
}

it('X15 gives a port of the box to who was granted it by number', async () => {
  const one = swarmlet('manager');
  await one.push(connecting('127.0.0.1', adminPort()), { capabilities: [`net:connect:127.0.0.1:${adminPort()}`] });
  assert.is(await one.value(), 'open');
});

it('X09 holds no more than it may open, and gives all of it back', async () => {
  const taken: Socket[] = [];
  const server = createServer((socket) => void taken.push(socket.on('error', () => {}))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const before = descriptors();
  const leaking = swarmlet('leak');
  const code = initialize(`
    var Socket = require('socket');
    var told = { open: 0, refused: 0 }, tell = function (what) { if (++told[what] && told.open + told.refused === 320) self.send('out', told); };
    for (var i = 0; i < 300; i++) {
      var client = new Socket.SocketClient(${port}, '127.0.0.1', { reconnectAttempts: 0 });
      client.on('open', tell.bind(null, 'open')); client.on('error', tell.bind(null, 'refused')); client.open();
    }
    for (i = 0; i < 20; i++) {
      var listener = new Socket.SocketServer({ port: 0, hostInterface: '127.0.0.1' });
      listener.on('listening', tell.bind(null, 'open')); listener.on('error', tell.bind(null, 'refused')); listener.start();
    }`);
  await leaking.push(code, { capabilities: ['socket'] });
  assert.equal(await leaking.value(), { open: 256, refused: 64 });
  await leaking.stop();
  await Promise.all(taken.map((socket) => (socket.closed ? undefined : once(socket.resume(), 'close'))));
  const deadline = Date.now() + 10_000;
  const spare = 16; // what another isolate of the pool has
  while (descriptors() > before + spare && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(descriptors() <= before + spare, `${descriptors()} descriptors, there were ${before}`);
});

it('X23 stores no more than its limit, in few files or many, however it asks', async () => {
  const filling = swarmlet('fill');
  const code = initialize(`
    var fs = require('fs'), storage = require('local-storage'), told = [];
    var until = function (act, then, i) {
      try { act(i); } catch (error) { told.push(error.code, i); return then(); }
      setTimeout(function () { until(act, then, i + 1); }, 0);
    };
    storage.initSync();
    until(function () { fs.appendFileSync('large', Buffer.alloc(262144)); }, function () {
      fs.unlinkSync('large');
      until(function (i) { fs.appendFileSync('small/' + i, ''); }, function () {
        fs.rmSync('small');
        until(function (i) { fs.mkdirSync('deep/' + i); }, function () {
          fs.rmSync('deep');
          until(function (i) { storage.setItem('item' + i, new Array(100001).join('x')); }, function () { self.send('out', told); }, 0);
        }, 0);
      }, 0);
    }, 0); fs.mkdirSync('small');`);
  await filling.push(code, { capabilities: ['files', 'local-storage'], limits: { storageMiB: 1 } });
  const [large, larges, small, smalls, deep, deeps, kept, items] = (await filling.value()) as [
    string,
    number,
    string,
    number,
    string,
    number,
    string,
    number,
  ];
  assert.equal([large, small, deep, kept], Array(4).fill('ENOSPC'));
  assert.ok(larges <= 4 && smalls <= 256 && deeps <= 256 && items <= 10, `${[larges, smalls, deeps, items]}`);
  assert.ok(larges >= 3 && smalls >= 200 && deeps >= 100 && items >= 8, `${[larges, smalls, deeps, items]}`);
});

it.run();
