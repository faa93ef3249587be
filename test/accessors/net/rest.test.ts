import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedClock } from '../../../hosts/common/index.ts';
import { library } from '../../support/library.ts';
import { bounded, certificates, give, type Live, live, needing, Outputs, Reports, silent } from '../../support/live.ts';

const it = suite('REST, KeyValueStore');
const certificate = certificates();
const withCertificate = needing(it, 'openssl', certificate);
let host: Live;
let reports: Reports;
let handle: (request: IncomingMessage, response: ServerResponse, body: string) => void;
let server: Server;
let url = '';

it.before(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part) => (body += part));
    request.on('end', () => handle(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
it.before.each(() => {
  host = live();
  reports = new Reports();
  handle = ({ method, url }, response, body) => response.end(`${method} ${url} ${body}`);
});
it.after.each(() => {
  host.end();
  reports.restore();
});
it.after(() => {
  server.close();
  server.closeAllConnections();
  certificate?.remove();
});

function port(): number {
  return (server.address() as AddressInfo).port;
}

for (const [title, inputs, expected] of [
  ['a URL alone', () => ({ options: url }), 'GET / '],
  ['a URL and a command', () => ({ options: url, command: 'lamp/1' }), 'GET /lamp/1 '],
  ['a command with a slash in front', () => ({ options: url, command: '/lamp' }), 'GET /lamp '],
  ['a URL with a path and a slash behind', () => ({ options: `${url}/v1/`, command: 'lamp' }), 'GET /v1/lamp '],
  ['arguments', () => ({ options: url, command: 'lamp', arguments: { q: 'a b', n: 2 } }), 'GET /lamp?q=a%20b&n=2 '],
  ['an object with a URL', () => ({ options: { url, method: 'PUT', body: 'on' }, command: 'x' }), 'PUT /x on'],
  [
    'an object with an object, whose path is replaced',
    () => ({ options: { url: { host: '127.0.0.1', port: port(), path: '/y' } }, command: 'x' }),
    'GET /x ',
  ],
  ['a body', () => ({ options: { url, method: 'POST' }, body: 'grün' }), 'POST / grün'],
  ['a body that is an object', () => ({ options: { url, method: 'POST' }, body: { on: true } }), 'POST / {"on":true}'],
] as const) {
  it(`sends what ${title} asks for`, async () => {
    const rest = host.run('net/REST');
    const outputs = new Outputs(rest);
    give(rest, { ...inputs(), trigger: true });
    assert.is(await outputs.value('response'), expected);
  });
}

it('sends response, status and headers in that order, error codes included', async () => {
  handle = (_, response) => response.writeHead(404, { 'X-Lamp': 'off' }).end('nothing');
  const rest = host.run('net/REST', {}, { options: url });
  const outputs = new Outputs(rest);
  give(rest, { trigger: true });
  await outputs.values('headers', 1);
  assert.equal(
    outputs.all.map(([name]) => name),
    ['response', 'status', 'headers'],
  );
  assert.is(outputs.of('status')[0], '404: Not Found');
  assert.is((outputs.of('headers')[0] as Record<string, string>)['x-lamp'], 'off');
});

it('sends empty text for an empty body', async () => {
  handle = (_, response) => response.writeHead(204).end();
  const rest = host.run('net/REST', {}, { options: url });
  const outputs = new Outputs(rest);
  give(rest, { trigger: true });
  assert.is(await outputs.value('response'), '');
});

it('leaves the options of the swarmlet as they are', async () => {
  const options = { url: { host: '127.0.0.1', port: port() }, headers: { 'X-Lamp': ['a', 'b'] }, method: 'POST', body: 'on' };
  const before = structuredClone(options);
  handle = ({ headers }, response) => response.end(String(headers['x-lamp']));
  const rest = host.run('net/REST', {}, { options });
  const outputs = new Outputs(rest);
  give(rest, { trigger: true });
  assert.is(await outputs.value('response'), 'a, b');
  assert.equal(options, before);
});

it('repeats a redirected request with method and body, and keeps its credentials from others', async () => {
  const other = createServer(({ headers, method }, response) => response.end(`${method} ${headers.authorization}`));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const there = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
  handle = (request, response, body) => {
    if (request.url === '/a') response.writeHead(302, { location: '/b' }).end('moved');
    else if (request.url === '/c') response.writeHead(307, { location: there }).end();
    else response.end(`${request.method} ${request.headers.authorization} ${body}`);
  };
  const rest = host.run('net/REST', {}, { options: { url, method: 'POST', body: 'on', headers: { Authorization: 'secret' } } });
  const outputs = new Outputs(rest);
  give(rest, { command: 'a', trigger: true });
  assert.is(await outputs.value('response'), 'POST secret on');
  give(rest, { command: 'c', trigger: true });
  assert.is(await outputs.value('response', 2), 'POST undefined');
  other.close();
});

it('gives up a circle of redirections', async () => {
  handle = (_, response) => response.writeHead(302, { location: '/' }).end();
  give(host.run('net/REST', {}, { options: url }), { trigger: true });
  await reports.matching(/more than 20 redirections/);
});

it('sends every part as it comes when asked to, whole characters only', async () => {
  const [first, second] = [Buffer.from('gr\xc3', 'latin1'), Buffer.from('\xbcn', 'latin1')];
  let more = (): void => {};
  handle = (_, response) => {
    response.write(first);
    more = () => response.end(second);
  };
  const rest = host.run('net/REST', { outputCompleteResponseOnly: false }, { options: url });
  const outputs = new Outputs(rest);
  give(rest, { trigger: true });
  assert.is(await outputs.value('response'), 'gr');
  more();
  assert.is(await outputs.value('response', 2), 'ün');
  assert.is(outputs.of('status').length, 2);
});

it('reports a peer that is absent', async () => {
  const rest = host.run('net/REST', {}, { options: 'http://localhost:1' });
  const outputs = new Outputs(rest);
  give(rest, { trigger: true });
  await reports.matching(/ECONNREFUSED/);
  assert.equal(outputs.all, []);
});

it('reports a slow peer once, and nothing after a response', async () => {
  handle = (request, response) => {
    if (request.url !== '/slow') response.end('here');
  };
  const rest = host.run('net/REST', { timeout: 100 }, { options: url });
  const outputs = new Outputs(rest);
  give(rest, { trigger: true });
  await outputs.value('response');
  give(rest, { command: 'slow', trigger: true });
  await reports.matching(/The timeout period of 100ms has been exceeded\./);
  assert.is(reports.lines.length, 1);
  assert.is(outputs.all.length, 3);
});

it('lets requests that overlap each have their own response and time', async () => {
  handle = (request, response) => {
    if (request.url === '/never') return;
    setTimeout(() => response.end(request.url), request.url === '/a' ? 60 : 10);
  };
  const rest = host.run('net/REST', { timeout: 1000 }, { options: url });
  const outputs = new Outputs(rest);
  for (const command of ['never', 'a', 'b']) give(rest, { command, trigger: true });
  assert.equal(await outputs.values('response', 2), ['/b', '/a']);
  await reports.matching(/1000ms/);
});

it('reports a peer that closes in the middle of a response', async () => {
  handle = (_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('only this', () => response.destroy());
  };
  const rest = host.run('net/REST', {}, { options: url });
  const outputs = new Outputs(rest);
  give(rest, { trigger: true });
  await reports.matching(/closed the connection before the response was complete/);
  assert.equal(outputs.all, []);
});

for (const [bad, message] of [
  ['nonsense', /should be like http:\/\/host/],
  ['ftp://localhost/x', /should be http or https, got "ftp:"/],
  [{ url: { host: 'localhost', port: 70_000 } }, /port should be a number from 1 to 65535/],
  [{ url: 'http://localhost:1', headers: { 'bad name': 'x' } }, /Invalid|valid/],
] as const) {
  it(`reports options that make no request: ${JSON.stringify(bad)}`, async () => {
    give(host.run('net/REST', {}, { options: bad }), { trigger: true });
    await reports.matching(message);
  });
}

it('passes 10 MB of text whole, and binary bodies as Buffers', async () => {
  const text = 'lamp '.repeat(2 ** 21);
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  handle = (request, response, body) => {
    if (request.method === 'POST') response.end(body);
    else response.writeHead(200, { 'content-type': 'image/png' }).end(bytes);
  };
  const rest = host.run('net/REST');
  const outputs = new Outputs(rest);
  give(rest, { options: { url, method: 'POST' }, body: text, trigger: true });
  assert.ok((await outputs.value('response')) === text, 'the text came back as it was');
  give(rest, { options: url, trigger: true });
  assert.equal(await outputs.value('response', 2), bytes);
});

it('aborts what is under way at wrapup, and says nothing of it', async () => {
  let aborted: Promise<void> | undefined;
  const arrived = new Promise<void>((resolve) => {
    handle = (_, response) => {
      aborted = new Promise((done) => response.on('close', () => done()));
      resolve();
    };
  });
  const rest = host.run('net/REST', {}, { options: url });
  const outputs = new Outputs(rest);
  give(rest, { trigger: true });
  await bounded(arrived, 'the request');
  rest.wrapup();
  await bounded(aborted as Promise<void>, 'the end of the connection');
  assert.equal([outputs.all, reports.lines], [[], []]);
});

it('gets 10,000 responses over connections that are kept, each once', async () => {
  handle = (request, response) => response.end(request.url);
  const rest = host.run('net/REST', {}, { options: { url, keepAlive: true } });
  const outputs = new Outputs(rest);
  for (let i = 0; i < 10_000; i++) {
    give(rest, { command: String(i), trigger: true });
    if (i % 100 === 99) await outputs.values('response', i + 1); // at most 100 at a time
  }
  assert.is(new Set(outputs.of('response')).size, 10_000);
});

it('repeats a request whose kept connection the server has closed before it came', async () => {
  let connections = 0;
  const closing = createTcpServer((socket) => {
    const first = ++connections === 1;
    let requests = 0;
    socket
      .on('error', () => {})
      .on('data', () => {
        if (first && ++requests === 2) socket.resetAndDestroy();
        else socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${connections}`);
      });
  });
  await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve));
  const there = `http://127.0.0.1:${(closing.address() as AddressInfo).port}`;
  const rest = host.run('net/REST', {}, { options: { url: there, keepAlive: true } });
  const outputs = new Outputs(rest);
  give(rest, { trigger: true });
  await outputs.value('headers');
  await new Promise((resolve) => setImmediate(resolve)); // the connection is given back
  give(rest, { trigger: true });
  assert.equal(await outputs.values('response', 2), ['1', '2']);
  rest.wrapup();
  closing.close();
});

it('lets simulated time stand still while a request is under way', async () => {
  const { clock, run } = library();
  handle = (_, response) => setTimeout(() => response.end('late'), 50);
  const rest = run('net/REST', { timeout: 1000 });
  rest.setDefault('options', url);
  const outputs = new Outputs(rest);
  rest.stopAt(10);
  give(rest, { trigger: true });
  await clock.run();
  assert.is(outputs.of('response')[0], 'late');
  assert.instance(clock, SimulatedClock);
});

it('calls the functions that a derived accessor replaces', async () => {
  const derived = host.node.host.instantiateFromCode(
    'derived',
    `exports.setup = function () { this.extend('net/REST'); };
     exports.encodePath = function () { return 'lamp/' + this.get('command'); };
     exports.filterResponse = function (body) { if (body.includes('bad')) throw new Error('no lamp'); return this.getName() + ' ' + body; };
     exports.handleError = function (message) { this.send('status', 'failed: ' + message); };`,
  );
  derived.setDefault('options', url);
  derived.initialize();
  const outputs = new Outputs(derived);
  give(derived, { command: 1, trigger: true });
  assert.is(await outputs.value('response'), 'derived GET /lamp/1 ');
  give(derived, { command: 'bad', trigger: true });
  assert.match(String(await outputs.value('status', 2)), /failed: .*no lamp/);
});

withCertificate('refuses a certificate that nobody it knows has signed, unless told to trust all', async () => {
  const secure = createSecureServer({ cert: certificate?.cert, key: certificate?.key }, (_, response) => response.end('secret'));
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  const there = `https://localhost:${(secure.address() as AddressInfo).port}`;
  const rest = host.run('net/REST');
  const outputs = new Outputs(rest);
  give(rest, { options: there, trigger: true });
  await reports.matching(/self-signed certificate/);
  assert.equal(outputs.all, []);
  give(rest, { options: { url: there, trustAll: true }, trigger: true });
  assert.is(await outputs.value('response'), 'secret');
  secure.close();
  secure.closeAllConnections();
});

it('reports a peer that speaks no TLS', async () => {
  const plain = createTcpServer((socket) => socket.end('hello\n'));
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  give(host.run('net/REST', {}, { options: `https://localhost:${(plain.address() as AddressInfo).port}` }), { trigger: true });
  await reports.matching(/SSL|TLS|ECONNRESET|closed/);
  plain.close();
});

for (const keepAlive of [false, true]) {
  const how = keepAlive ? 'over a connection that is kept' : 'over a connection of its own';
  it(`gives up a peer that never answers the handshake of TLS, and leaves it, ${how}`, async () => {
    const mute = await silent();
    const rest = host.run('net/REST', { timeout: 100 }, { options: { url: `https://localhost:${mute.port}`, keepAlive } });
    give(rest, { trigger: true });
    await reports.matching(/timeout period of 100ms has been exceeded/);
    await mute.left(1);
    mute.close();
  });

  it(`wrapup in the middle of the handshake leaves nothing open, ${how}`, async () => {
    const mute = await silent();
    const rest = host.run('net/REST', { timeout: 0 }, { options: { url: `https://localhost:${mute.port}`, keepAlive } });
    give(rest, { trigger: true });
    await mute.heard(1);
    rest.wrapup();
    await mute.left(1);
    assert.equal(reports.lines, []);
    mute.close();
  });
}

// -------------------------------------------------------------------------------------------------- KeyValueStore

/** A key-value server as net/KeyValueStore expects it. */
function keyValueServer(): void {
  const values = new Map<string, string>();
  handle = (request, response, body) => {
    const { pathname, searchParams } = new URL(request.url ?? '', url);
    const id = searchParams.get('id') ?? '';
    if (pathname === '/set') values.set(id, body);
    if (pathname === '/delete') values.delete(id);
    if (pathname === '/get' && !values.has(id)) response.statusCode = 404;
    response.end(pathname === '/list' ? JSON.stringify([...values.keys()]) : encodeURIComponent(values.get(id) ?? ''));
  };
}

it('KeyValueStore stores, reads, lists and removes', async () => {
  keyValueServer();
  const store = host.run('net/KeyValueStore', {}, { storeLocation: url });
  const outputs = new Outputs(store);
  give(store, { key: 'a&b', value: 'grün', trigger: true });
  assert.is(await outputs.value('result', 1), 'grün');
  give(store, { key: 'a&b', trigger: true });
  assert.is(await outputs.value('result', 2), 'grün');
  give(store, { trigger: true });
  assert.is(await outputs.value('result', 3), '["a&b"]');
  give(store, { key: 'a&b', remove: true, trigger: true });
  assert.is(await outputs.value('result', 4), 'grün');
  give(store, { key: 'a&b', trigger: true });
  await reports.matching(/get\?id=a%26b: 404 Not Found/);
});

it('KeyValueStore reports a missing key and an absent server', async () => {
  const store = host.run('net/KeyValueStore', {}, { storeLocation: 'http://localhost:1' });
  give(store, { value: 'x', trigger: true });
  await reports.matching(/no key to store the value under/);
  give(store, { trigger: true });
  await reports.matching(/localhost:1\/list: .*ECONNREFUSED/);
});

it.run();
