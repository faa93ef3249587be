import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Server as GrpcServer, loadPackageDefinition, ServerCredentials } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { boxModules, capabilityOf, pureModules } from '../../hosts/node/index.ts';
import { encode, fromPixels } from '../../hosts/node/modules/images/picture.ts';
import { Policy } from '../../src/trust/index.ts';
import { initialize } from '../support/isolate.ts';
import { needing, start } from '../support/live.ts';
import { freePort, Pushed } from '../support/pushed.ts';
import { openBox, type TestBox } from '../support/service.ts';

/** Each module that a box has, required by a swarmlet in a process of its own, with its capability and nothing else. */
const it = suite('modules of a box');
const ends: (() => unknown)[] = [];
let box: TestBox;

it.before(async () => {
  box = await openBox({ tier: undefined, pool: 1, isolationMinimum: 'P1', policy: Policy.parse([{ capabilities: ['*'] }]) });
});
it.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
it.after(() => box.close());

interface Trial {
  /** Beyond the capability that gives the module. */
  readonly capabilities?: readonly string[];
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Of `initialize`; `self` is the accessor, `m` the module. */
  readonly code: string;
  /** What has to come, in this order. */
  readonly sends: readonly unknown[];
}

interface Needs {
  readonly what: string;
  readonly found: unknown;
}

/** With `m` as its module. */
async function values(name: string, { capabilities = [], parameters = {}, code, sends }: Trial, isPure: boolean): Promise<unknown[]> {
  const swarmlet = new Pushed(box.service, name.toLowerCase().replace(/[^a-z0-9]+/g, '-'), ends);
  const declared = Object.keys(parameters).map((key) => `this.parameter('${key}');`);
  const text = initialize(`var m = require('${name}'); ${code}`).replace(
    "this.output('out');",
    `this.output('out'); ${declared.join(' ')}`,
  );
  const asked = [...(isPure ? [] : [capabilityOf(name)]), ...capabilities];
  await swarmlet.push(text, { ...(asked.length > 0 && { capabilities: asked }), parameters });
  await swarmlet.value(() => swarmlet.values.length >= sends.length);
  return swarmlet.values;
}

const tried = new Set<string>();

/** @param trial  made when its turn has come: servers are opened then */
function trial(name: string, make: () => Trial | Promise<Trial>, needs?: Needs): void {
  tried.add(name);
  const isPure = pureModules.some((module) => module.name === name);
  (needs ? needing(it, needs.what, needs.found) : it)(`${name} works in an isolate`, async () => {
    const made = await make();
    assert.equal(await values(name, made, isPure), made.sends);
  });
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

// ---------------------------------------------------------------------------------------------- those that compute

trial('assert', () => ({ code: "try { m.equal(1, 2); } catch (e) { self.send('out', e.name); }", sends: ['AssertionError'] }));
trial('events', () => ({
  code: "var e = new m.EventEmitter(); e.on('a', function (v) { self.send('out', v); }); e.emit('a', 1);",
  sends: [1],
}));
trial('path', () => ({ code: "self.send('out', m.join('a', '../b'));", sends: ['b'] }));
trial('querystring', () => ({ code: "self.send('out', m.parse('a=1').a);", sends: ['1'] }));
trial('string_decoder', () => ({
  code: "self.send('out', new m.StringDecoder('utf8').write(Buffer.from('ö')));",
  sends: ['ö'],
}));
trial('url', () => ({ code: "self.send('out', m.parse('http://a/b').pathname);", sends: ['/b'] }));
trial('util', () => ({ code: "self.send('out', m.inspect({ a: 1 }));", sends: ['{ a: 1 }'] }));
trial('base64-js', () => ({ code: "self.send('out', m.fromByteArray(m.toByteArray('ABCD')));", sends: ['ABCD'] }));
trial('text-display', () => ({
  code: "new m.TextDisplay('lamp').displayText('on'); self.send('out', 'shown');",
  sends: ['shown'],
}));

const red = async (width: number, height: number): Promise<string> =>
  (await encode(fromPixels(width, height, Buffer.alloc(width * height * 4, Buffer.from([255, 0, 0, 255]))))).toString('base64');
trial('images', async () => ({
  parameters: { picture: await red(4, 4) },
  code: `
    var picture = Buffer.from(self.getParameter('picture'), 'base64');
    var svg = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="4" height="4" fill="#00f"/></svg>';
    m.filter(picture, 'Invert', {}, function (error, inverted) {
      m.pixels(inverted, function (e, p) { self.send('out', [String(error || e), p.width, p.height, Array.from(p.data.subarray(0, 4))]); });
      m.annotate(picture, svg, { scale: 1, rotation: 0 }, function (error, drawn) {
        m.pixels(drawn, function (e, p) { self.send('out', [String(error || e), Array.from(p.data.subarray(0, 4))]); });
      });
    });`,
  sends: [
    ['null', 4, 4, [0, 255, 255, 255]],
    ['null', [0, 0, 255, 255]],
  ],
}));

trial('schedule', () => ({
  code: "self.send('out', new Date(m.schedule('30 7 * * *', 'Europe/Berlin').next(Date.UTC(2024, 4, 10))).toISOString());",
  sends: ['2024-05-10T05:30:00.000Z'],
}));

for (const { name } of pureModules) {
  if (tried.has(name)) continue;
  tried.add(name);
  it(`${name} says in an isolate what is missing, when it is used`, async () => {
    const code = "try { new m.Anything(); } catch (error) { self.send('out', error.message); }";
    const [said] = await values(name, { code, sends: [''] }, true);
    assert.match(String(said), new RegExp(`^${name}: `));
  });
}

// --------------------------------------------------------------------------------------------- those that reach out

trial('audio-io', () => ({
  capabilities: ['files'],
  code: `
    var data = Buffer.alloc(44 + 800000);
    data.write('RIFF', 0); data.writeUInt32LE(data.length - 8, 4); data.write('WAVEfmt ', 8);
    data.writeUInt32LE(16, 16); data.writeUInt16LE(1, 20); data.writeUInt16LE(1, 22); data.writeUInt32LE(8000, 24);
    data.writeUInt32LE(16000, 28); data.writeUInt16LE(2, 32); data.writeUInt16LE(16, 34); data.write('data', 36);
    data.writeUInt32LE(800000, 40); data.writeInt16LE(16384, 44);
    require('fs').writeFileSync('a.wav', data);
    m.readWavFile('a.wav', function (error, channels) { self.send('out', error ? error.message : [channels[0].length, channels[0][0]]); });`,
  sends: [[400000, 0.5]],
}));
trial('cameras', () => ({
  code: "self.send('out', m.cameras()); try { new m.Camera('a'); } catch (e) { self.send('out', e.message.slice(0, 8)); }",
  sends: [[], 'cameras:'],
}));
const outer = Object.values(networkInterfaces()).flatMap((all = []) =>
  all.filter(({ family, internal }) => family === 'IPv4' && !internal),
)[0];
trial('discovery', () => ({
  code: `var d = new m.DiscoveryService(); self.send('out', d.getHostAddress() || null);
    d.discoverMacAddress('127.0.0.1', function (mac) { self.send('out', mac); });`,
  sends: [outer?.address ?? null, ''],
}));
/** What gpsd says, at its own port: no other is granted to the module. */
async function gpsd(): Promise<Server | undefined> {
  const fix = { class: 'TPV', mode: 3, time: new Date().toISOString(), lat: 37.5, lon: -122.5, altMSL: 50, eph: 3 };
  const server = createTcpServer((socket) => socket.on('error', () => {}).on('data', () => socket.write(`${JSON.stringify(fix)}\n`)));
  server.listen(2947, '127.0.0.1');
  return new Promise((resolve) => server.on('listening', () => resolve(server)).on('error', () => resolve(undefined)));
}
const positions = await gpsd();
it.after(() => void positions?.close());
trial(
  'geolocation',
  () => ({
    code: `m.getCurrentPosition({}, function (error, place) { self.send('out', error ? error.message : [place.latitude, place.longitude]); });`,
    sends: [[37.5, -122.5]],
  }),
  { what: 'port 2947 of gpsd, which is free', found: positions },
);
trial('grpc', async () => {
  const field = (name: string) => ({ fields: { [name]: { type: 'string', id: 1 } } });
  const types = { G: { methods: { Hi: { requestType: 'Q', responseType: 'R' } } }, Q: field('name'), R: field('message') };
  const { g } = loadPackageDefinition(fromJSON({ nested: { g: { nested: types } } } as never)) as never as { g: { G: { service: never } } };
  const server = new GrpcServer();
  server.addService(g.G.service, { Hi: (_: unknown, answer: (e: null, m: object) => void) => answer(null, { message: 'hello' }) } as never);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  ends.push(() => server.forceShutdown());
  return {
    capabilities: [`net:connect:127.0.0.1:${port}`],
    code: `new m.Client('127.0.0.1:${port}').call('/g.G/Hi', m.stringField(1, 'me'), function (error, reply) {
        self.send('out', error ? error.message : m.readStringField(reply, 1));
      });`,
    sends: ['hello'],
  };
});
trial('http-client', async () => {
  const port = await listening(createServer((_, response) => response.end('on')));
  return { code: `m.get('http://127.0.0.1:${port}', function (r) { self.send('out', r.body); });`, sends: ['on'] };
});
/** Asks its own server, as it may connect to that port too. */
const asking = (port: number, path: string): string => `
  require('http-client').get('http://127.0.0.1:${port}${path}', function (r) { self.send('out', r && r.body.slice(0, 15)); });`;
const unsecured = "{ host: '127.0.0.1', sslTls: false, username: '', user: 'me', password: '', database: 0, port:";
/** A PostgreSQL server that trusts everybody and has one row for whatever is asked (its manual, 55.7 Message Formats). */
async function postgres(): Promise<number> {
  const message = (type: string, ...parts: (string | number[])[]): Buffer => {
    const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : Buffer.from(part))));
    const head = Buffer.from([...Buffer.from(type), 0, 0, 0, 0]);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const ready = message('Z', [0x49]);
  const textColumn = [0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 255, 255, 255, 255, 255, 255, 0, 0];
  const row = [message('T', [0, 1], 'lamp', textColumn), message('D', [0, 1, 0, 0, 0, 2], [0x6f, 0x6e]), message('C', 'SELECT 1')];
  return listening(
    createTcpServer((socket) => {
      let started = false;
      socket
        .on('error', () => {})
        .on('data', (data) => {
          if (!started) socket.write(Buffer.concat([message('R', [0, 0, 0, 0]), ready]));
          else if (data[0] === 0x51) socket.write(Buffer.concat([...row, ready]));
          started = true;
        });
    }) as never,
  );
}
trial('postgres', async () => ({
  code: `var c = m.createClient(${unsecured} ${await postgres()} }); c.on('error', function (e) { self.send('out', e.message); });
    c.start(); c.query('SELECT', [], function (error, rows) { self.send('out', error ? error.message : rows); });`,
  sends: [[{ lamp: 'on' }]],
}));
const redisPort = await freePort();
const redis = await start('redis-server', ['--save', '', '--bind', '127.0.0.1', '--port', String(redisPort)]);
await redis?.wrote(/Ready to accept connections/);
it.after(() => redis?.stop());
trial(
  'redis',
  () => ({
    code: `var c = m.createClient(${unsecured} ${redisPort} }); c.on('error', function (e) { self.send('out', e.message); });
      c.start(); c.command(['PING', 'lamp'], function (error, reply) { self.send('out', error ? error.message : reply); });`,
    sends: ['lamp'],
  }),
  { what: 'redis-server', found: redis },
);
trial('http-server', async () => {
  const port = await freePort();
  return {
    capabilities: ['http-client', `net:listen:${port}`],
    code: `var s = new m.HttpServer({ port: ${port} }); s.on('request', function (r) { s.respond(r.requestID, r.path); });
      s.on('listening', function () { ${asking(port, '/lamp')} }); s.start();`,
    sends: ['/lamp'],
  };
});
trial('user-interface', async () => {
  const port = await freePort();
  return {
    capabilities: ['http-client', `net:listen:${port}`],
    code: `var ui = new m.UserInterface({ port: ${port} }, '<title>a</title>', 'lamp');
      ui.addListener('listening', function () { ${asking(port, '/')} });`,
    sends: ['<!doctype html>'],
  };
});
trial('image-display', async () => ({
  parameters: { picture: await red(2, 2) },
  code: `var d = new m.ImageDisplay('lamp', function (error) { self.send('out', error.message.slice(0, 9)); });
    d.displayImage(Buffer.from(self.getParameter('picture'), 'base64')); d.displayImage('none');`,
  sends: ['A picture'],
}));
trial('web-socket-server', async () => {
  const port = await freePort();
  return {
    capabilities: ['web-socket-client', `net:listen:${port}`],
    code: `var s = new m.Server({ port: ${port} });
      s.on('connection', function (c) { c.on('message', function (t) { c.send(t + ' back'); }); });
      s.on('listening', function () {
        var c = new (require('web-socket-client').Client)({ port: ${port}, host: '127.0.0.1' });
        c.on('message', function (t) { self.send('out', t); }); c.open(); c.send('ping');
      }); s.start();`,
    sends: ['ping back'],
  };
});
tried.add('web-socket-client'); // by the one before
trial('local-storage', () => ({
  code: "m.initSync(); m.setItem('a', 'on'); self.send('out', [m.getItem('a'), m.length()]);",
  sends: [['on', 1]],
}));
trial('fs', () => ({
  code: "m.writeFileSync('a/b', 'on'); self.send('out', [m.readFileSync('a/b', 'utf8'), m.readdirSync('a')]);",
  sends: [['on', ['b']]],
}));
const brokerPort = await freePort();
const broker = await start('mosquitto', ['-p', String(brokerPort)]);
it.after(() => broker?.stop());
trial(
  'mqtt',
  () => ({
    code: `var c = m.createClient(${brokerPort}, '127.0.0.1');
      c.on('message', function (topic, text) { self.send('out', topic + ' ' + text); });
      c.on('connect', function () { c.subscribe('a/+'); c.publish('a/b', 'hello'); }); c.start();`,
    sends: ['a/b hello'],
  }),
  { what: 'mosquitto', found: broker },
);
trial('serial', () => ({
  code: `m.hostSerialPorts(function (ports) { self.send('out', ports[0]); });
    var p = new m.SerialPort('loopback', self, 1000, {}); p.on('data', function (d) { self.send('out', d); }); p.open(function () { p.send('on'); });`,
  sends: ['on', 'loopback'],
}));
trial('shell', () => ({
  code: "var s = new m.Shell({ cmd: 'echo on' }); s.on('message', function (t) { self.send('out', t.trim()); }); s.start();",
  sends: ['on'],
}));
trial('socket', async () => {
  const port = await freePort();
  return {
    code: `var s = new m.SocketServer({ port: ${port}, hostInterface: '127.0.0.1' });
      s.on('connection', function (c) { c.on('data', function (t) { c.send(t + ' back'); }); });
      s.on('listening', function () {
        var c = new m.SocketClient(${port}, '127.0.0.1'); c.on('data', function (t) { self.send('out', t); }); c.open(); c.send('ping');
      }); s.start();`,
    sends: ['ping back'],
  };
});
trial('udp-socket', () => ({
  code: `var a = m.createSocket('udp4', function (t) { self.send('out', t); });
    a.on('listening', function () {}); a.bind(0, '127.0.0.1', function () { self.send('out', 'bound'); a.close(); });`,
  sends: ['bound'],
}));
trial(
  'tesseract',
  async () => ({
    parameters: { picture: await red(64, 32) },
    code: `m.recognize(Buffer.from(self.getParameter('picture'), 'base64'), {}, function (error, text) { self.send('out', error ? error.message : text); });`,
    sends: [''],
  }),
  { what: 'tesseract', found: spawnSync('tesseract', ['--version']).status === 0 },
);
trial('wifi-scanner', () => ({
  code: `m.scan(function (error, found) { self.send('out', error ? /nmcli/.test(error.message) : Array.isArray(found)); });`,
  sends: [true],
}));

it('has a trial of each module', () => {
  assert.equal(
    [...pureModules, ...boxModules].map(({ name }) => name).filter((name) => !tried.has(name)),
    [],
  );
});

it.run();
