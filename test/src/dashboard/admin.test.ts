import type { Writable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AdminServer, healthRoutes, json, type Route, text } from '../../../src/dashboard/index.ts';
import { RawClient, within } from '../../support/socket-client.ts';

const it = suite('the admin server');
const defects: unknown[] = [];
const streams: Writable[] = [];
let admin: AdminServer;
let unready: string | undefined;
let ailment: string | undefined;
const routes: Route[] = [
  { method: 'GET', path: '/asked/*', answer: ({ rest, query }) => json({ rest, x: query.get('x') }) },
  { method: 'POST', path: '/taken', answer: async ({ body }) => text(200, Buffer.from(await body(8)).toString()) },
  {
    method: 'GET',
    path: '/broken',
    answer: () => {
      throw new Error('secret');
    },
  },
  {
    method: 'GET',
    path: '/stream',
    answer: () => ({ kind: 'stream', type: 'text/event-stream', headers: { 'Content-Security-Policy': 'own' }, begin }),
  },
];
function begin(out: Writable): void {
  streams.push(out);
  out.write('data: 1\n\n');
}

it.before(async () => {
  const defect = (error: unknown): void => void defects.push(error);
  admin = await AdminServer.open({
    host: '127.0.0.1',
    port: 0,
    names: ['Box.lab'],
    routes: [
      ...healthRoutes(
        () => unready,
        async () => ailment,
      ),
      ...routes,
    ],
    defect,
  });
});
it.after(() => admin.close());

/** The first line of the answer to a request, and the rest. */
async function raw(...lines: string[]): Promise<readonly [string, string]> {
  const client = new RawClient(admin.address.port, `${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`);
  await client.closed;
  return [client.received.slice(9, 12), client.received];
}

it('tells whether the box lives and whether it takes deployments', async () => {
  assert.is((await fetch(`${admin.url}/-/healthy`)).status, 200);
  assert.is((await fetch(`${admin.url}/-/ready`)).status, 200);
  unready = 'starting';
  const response = await fetch(`${admin.url}/-/ready`);
  assert.equal([response.status, await response.text()], [503, 'starting\n']);
  assert.is((await fetch(`${admin.url}/-/healthy`)).status, 200);
  ailment = 'the database does not answer';
  const ill = await fetch(`${admin.url}/-/healthy`);
  assert.equal([ill.status, await ill.text()], [503, 'the database does not answer\n']);
  ailment = undefined;
});

it('gives a route what was asked for', async () => {
  assert.equal(await (await fetch(`${admin.url}/asked/a%20b?x=1`)).json(), { rest: 'a%20b', x: '1' });
  const head = await fetch(`${admin.url}/asked/a`, { method: 'HEAD' });
  assert.equal([head.status, await head.text()], [200, '']);
});

it('answers nothing else, and says which methods there are', async () => {
  assert.is((await fetch(`${admin.url}/`)).status, 404);
  assert.is((await fetch(`${admin.url}/-/ready/`)).status, 404);
  const post = await fetch(`${admin.url}/-/healthy`, { method: 'POST' });
  assert.equal([post.status, post.headers.get('allow')], [405, 'GET, HEAD']);
  const [status] = await raw('GET http://evil.example/-/healthy HTTP/1.1', `Host: 127.0.0.1:${admin.address.port}`);
  assert.is(status, '400');
});

it('lets a browser keep, guess, frame and run nothing, unless a route says otherwise', async () => {
  for (const path of ['/-/healthy', '/nothing']) {
    const { headers } = await fetch(`${admin.url}${path}`);
    assert.is(headers.get('x-content-type-options'), 'nosniff');
    assert.is(headers.get('cache-control'), 'no-store');
    assert.is(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'");
    assert.is(headers.get('access-control-allow-origin'), null);
  }
});

it('takes a body up to its limit, and goes on after one that is too long', async () => {
  const post = (body: string): Promise<Response> => fetch(`${admin.url}/taken`, { method: 'POST', body });
  assert.is(await (await post('12345678')).text(), '12345678\n');
  assert.is((await post('123456789')).status, 413);
  assert.is((await post('x'.repeat(1_000_000))).status, 413);
  assert.is((await post('again')).status, 200);
});

it('tells a defect to the box and not to the client', async () => {
  const response = await fetch(`${admin.url}/broken`);
  assert.is(response.status, 500);
  assert.not.match(await response.text(), 'secret');
  assert.is((defects[0] as Error).message, 'secret');
});

it('does not take a client that goes for a defect', async () => {
  const before = defects.length;
  const client = new RawClient(admin.address.port, `POST /taken HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 8\r\n\r\n1`);
  await new Promise((resolve) => client.socket.once('connect', resolve));
  client.socket.destroy();
  await client.closed;
  assert.is((await fetch(`${admin.url}/-/healthy`)).status, 200);
  assert.is(defects.length, before);
});

it('streams until the client goes', async () => {
  const stop = new AbortController();
  const response = await fetch(`${admin.url}/stream`, { signal: stop.signal });
  assert.equal([response.headers.get('content-type'), response.headers.get('content-security-policy')], ['text/event-stream', 'own']);
  const { value } = (await response.body?.getReader().read()) ?? {};
  assert.is(Buffer.from(value ?? []).toString(), 'data: 1\n\n');
  const [stream] = streams as [Writable];
  const closed = new Promise((resolve) => stream.once('close', resolve));
  stop.abort();
  await within(closed, 'the end of the stream');
});

it('answers to its addresses and the names that it was given, whatever the port of a tunnel', async () => {
  const ask = async (host: string): Promise<string> => (await raw('GET /-/healthy HTTP/1.1', `Host: ${host}`))[0];
  const { port } = admin.address;
  for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]', 'box.lab']) assert.is(await ask(`${name}:${port}`), '200', name);
  assert.is(await ask('localhost:8080'), '200');
  for (const name of ['evil.example', '127.0.0.1.evil.example', '192.168.7.7', 'localhost@evil', '[evil]', '']) {
    assert.is(await ask(`${name}:${port}`), '421', name);
    assert.is(await ask(name), '421', name);
  }
});

it('answers no page of somebody else', async () => {
  const host = `127.0.0.1:${admin.address.port}`;
  const ask = async (origin: string): Promise<string> => {
    const [status, all] = await raw('POST /taken HTTP/1.1', `Host: ${host}`, `Origin: ${origin}`, 'Content-Length: 0');
    assert.not.match(all, /access-control/i);
    return status;
  };
  assert.is(await ask(`http://${host}`), '200');
  assert.is(await ask('http://evil.example'), '403');
  assert.is(await ask('http://127.0.0.1:1'), '403');
  assert.is(await ask('null'), '403');
});

it.run();
